"""The board: what blocks each project, the most urgent first, narrowed by its address, in a fixed number of queries."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cast import BOURGES
from many_projects import add_projects, counted
from shelf import Shelf
from site_of_tests import Site, site_of

At = Callable[..., Site]


@pytest.fixture(scope="module")
def twenty(sqlite_shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The real project and nineteen others, two of them paused; only read."""
    cast = sqlite_shelf.take("charter in review")
    for one in add_projects(cast, tmp_path_factory.mktemp("twenty"), 1, 19)[:2]:
        one.pause()
    with site_of(cast) as here:
        yield here
    sqlite_shelf.give_back(cast)


def test_the_board_shows_what_blocks_each_of_twenty_projects(twenty: Site) -> None:
    with twenty.client(twenty.cast.agent) as agent:
        board = agent.read("/projets")
    assert board.count('class="board-line"') == 20
    assert "20 projets" in board.replace("\u00a0", " ")
    assert "a refusé «\u00a0Note de cadrage\u00a0» (une nouvelle version est attendue)" in board
    assert board.index(">Projet 19<") < board.index(">Démocratie culturelle<") < board.index(">Projet 1<")
    assert "Élections municipales" in board


@pytest.mark.parametrize(
    ("query", "titles_shown"),
    [
        ("mots=democratie", ["Démocratie culturelle"]),
        ("mots=78361+culture", ["Démocratie culturelle"]),
        ("etat=paused", ["Projet 1", "Projet 2"]),
        ("etape=charter", ["Démocratie culturelle"]),
        ("etat=cancelled", []),
        ("retard=oui", []),
        ("etape=inconnue&etat=inconnu&page=9999999999999&mots=projet+12", ["Projet 12"]),
    ],
)
def test_the_board_is_narrowed_by_its_address(twenty: Site, query: str, titles_shown: list[str]) -> None:
    with twenty.client(twenty.cast.agent) as agent:
        board = agent.read(f"/projets?{query}")
    titles = [part.split("</a>")[0].split(">")[-1] for part in board.split("board-line__title")[1:]]
    assert titles == titles_shown
    if not titles_shown:
        assert "Aucun projet ne correspond" in board


def test_what_is_late_is_told_in_days(site: At) -> None:
    here = site("charter in review")
    due = here.cast.today - timedelta(days=9)
    with here.cast.db.write() as session:
        session.connection().execute(
            sa.text("UPDATE stage SET due_on = :due WHERE key = 'charter'"), {"due": due.isoformat()}
        )
    with here.client(here.cast.agent) as agent:
        board = agent.read("/projets?retard=oui").replace("\u00a0", " ")
    assert "board-line--late" in board
    assert "1 en retard" in board
    assert board.count("9 jours de retard") == 3


def test_others_see_their_own_projects_only_and_create_none(twenty: Site) -> None:
    for who, sees in (
        (twenty.cast.mayor(BOURGES), 20),
        (twenty.cast.contact(BOURGES), 20),
        (twenty.cast.outsider, 0),
    ):
        with twenty.client(who) as visitor:
            board = visitor.read("/projets")
        assert board.count('class="board-line"') == sees
        assert "/projets/nouveau" not in board
    with twenty.client() as nobody:
        assert nobody.get("/projets").headers["location"].startswith("/connexion")


def test_the_board_takes_as_many_queries_for_many_projects_as_for_two(site: At, tmp_path: Path) -> None:
    here = site("charter in review")
    add_projects(here.cast, tmp_path, 1, 1)
    counts = []
    for _ in range(2):
        with here.client(here.cast.agent) as agent:
            agent.read("/projets")
            with counted(here.cast.db) as seen:
                agent.read("/projets")
                agent.read(here.project)
                agent.read(f"{here.project}/etapes/charter")
            counts.append(len(seen))
        add_projects(here.cast, tmp_path, len(counts) * 20, len(counts) * 20 + 4)
    assert counts[0] == counts[1]

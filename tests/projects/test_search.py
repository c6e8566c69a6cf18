"""Look for something: among what one may see, whatever the case and the accents, and never as a pattern."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cast import NEWCOMER, NIORT, SLUG, Cast
from many_projects import add_projects
from shelf import Shelf

from models.person import Actor
from queries.projects.search import Found, search

At = Callable[[str], Cast]


def look(cast: Cast, who: Actor, words: str) -> Found:
    with cast.db.read() as session:
        return search(session, who.person_id, words, cast.now)


@pytest.fixture(scope="module")
def cast(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """The real project, and two others about forests; for whoever only reads."""
    cast = shelf.take("constitution in review")
    add_projects(cast, tmp_path_factory.mktemp("search"), 1, 2)
    yield cast
    shelf.give_back(cast)


@pytest.mark.parametrize(
    "words", ["démocratie", "DEMOCRATIE cult", "culturelle", "merignac", "Mérignac 33281"]
)
def test_a_project_is_found_by_its_title_theme_cities_and_codes(cast: Cast, words: str) -> None:
    results = look(cast, cast.agent, words)
    assert [each.path for each in results.projects] == [f"/projets/{SLUG}"]
    assert "Mantes-la-Jolie" in results.projects[0].cities


@pytest.mark.parametrize("words", ["", "   ", "%", "_", "'", "« »", "\\"])
def test_nothing_is_looked_for_without_a_word(cast: Cast, words: str) -> None:
    results = look(cast, cast.agent, words)
    assert results.is_empty
    assert results.words == ""


@pytest.mark.parametrize("words", ["d%cratie", "d_mocratie", "xyz", "'; DROP TABLE person; --", "a" * 5000])
def test_what_is_typed_is_never_a_pattern(cast: Cast, words: str) -> None:
    assert look(cast, cast.agent, words).is_empty


def test_a_deliverable_is_found_with_the_stage_and_the_project_it_is_of(cast: Cast) -> None:
    results = look(cast, cast.mayor(NIORT), "note de cadrage foret")
    assert results.is_empty  # forests are the theme: not in the title of the project
    results = look(cast, cast.mayor(NIORT), "note cadrage projet 2")
    (one,) = results.deliverables
    assert (one.title, one.project_title) == ("Note de cadrage", "Projet 2")
    assert one.stage_title == "Constitution du collectif"


def test_somebody_finds_what_is_awaited_of_them_only(cast: Cast) -> None:
    for who in (cast.mayor(NIORT), cast.contact(NIORT)):
        assert {each.project_title for each in look(cast, who, "note").things} == {"Démocratie culturelle"}
    assert {each.project_title for each in look(cast, cast.agent, "note").things} == {"Projet 1", "Projet 2"}
    assert look(cast, cast.observer, "note").things == ()


def test_an_outsider_finds_nothing_and_a_city_only_its_projects(at: At, tmp_path: Path) -> None:
    cast = at("constitution in review")
    add_projects(cast, tmp_path, 1, 2)
    cast.let_in(NEWCOMER, "Nantes")
    newcomer = cast.person(f"contact-{NEWCOMER}@ville.example")
    assert look(cast, cast.outsider, "projet").is_empty
    assert look(cast, newcomer, "forets").is_empty
    assert [each.title for each in look(cast, newcomer, "nantes").projects] == ["Démocratie culturelle"]
    assert {each.project_title for each in look(cast, newcomer, "note").deliverables} == {
        "Démocratie culturelle"
    }


def test_so_many_are_shown_and_the_others_are_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not look(cast, cast.agent, "alpages").more
    monkeypatch.setattr("queries.projects.search.MOST_FOUND", 1)
    results = look(cast, cast.agent, "alpages")
    assert len(results.projects) == 1
    assert results.more

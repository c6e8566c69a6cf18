"""Between a fact and what the stage makes of it there is a moment: pages say so, and never that all is done."""

from collections.abc import Callable

import pytest
from api import Api
from browser import chromium
from cast import NIORT
from site_of_tests import Site, plain

from actions.ledger.wake import mark_seen
from actions.stages import ask

NOTE, MOVES = (
    "note_de_cadrage",
    "L’étape « Constitution du collectif » : ce qui vient d’y être déposé ou décidé",
)


@pytest.fixture
def here(site: Callable[..., Site]) -> Site:
    return site("constitution open")


def flow_looks(site: Site) -> None:
    """What the flow of the stage does once the document is in, up to its next wait."""
    stage = site.cast.stage("constitution")
    ask.start_review(site.cast.db, stage.id or 0, now=site.cast.now)
    mark_seen(site.cast.db, stage.id or 0, stage.fact_seq)


def test_a_list_is_not_said_to_be_empty_while_a_stage_moves(here: Site) -> None:
    with here.client(here.cast.mayor(NIORT)) as mayor:
        assert "Vous êtes à jour" in mayor.read("/a-faire")
        here.cast.submit(NOTE)
        moving = mayor.get("/a-faire")
        assert "Vous êtes à jour" not in moving.text
        assert MOVES in plain(moving.text)
        assert moving.headers["refresh"] == "3"
        flow_looks(here)
        asked = mayor.get("/a-faire")
        assert "Note de cadrage" in asked.text
        assert "refresh" not in asked.headers
        assert MOVES not in plain(asked.text)


@pytest.mark.parametrize("page", ["project", "stage", "deliverable"])
def test_each_page_of_the_project_says_that_its_stage_moves(here: Site, page: str) -> None:
    path = {
        "project": here.project,
        "stage": f"{here.project}/etapes/constitution",
        "deliverable": here.deliverable(NOTE),
    }[page]
    here.cast.submit(NOTE)
    with here.client(here.cast.mayor(NIORT)) as mayor:
        moving = mayor.get(path)
        assert MOVES in plain(moving.text)
        assert "refresh" not in moving.headers, "what is typed in a page that reloads is lost"
        flow_looks(here)
        assert MOVES not in plain(mayor.read(path))


def test_what_moves_for_long_is_not_looked_at_again_and_again(here: Site) -> None:
    here.cast.wait(minutes=-5)
    here.cast.submit(NOTE)
    with here.client(here.cast.mayor(NIORT)) as mayor:
        late = mayor.get("/a-faire")
    assert MOVES in plain(late.text)
    assert "refresh" not in late.headers


def test_a_stage_of_a_project_that_is_paused_does_not_move(here: Site) -> None:
    here.cast.submit(NOTE)
    here.cast.pause()
    with here.client(here.cast.mayor(NIORT)) as mayor:
        assert MOVES not in plain(mayor.read(here.project))


def test_the_api_tells_it_too(api: Callable[..., Api]) -> None:
    there = api("constitution open")
    mayor = there.cast.mayor(NIORT)
    for moves in (False, True):
        stages = {each["key"]: each["is_moving"] for each in there.get(mayor, ".").json()["stages"]}
        assert stages["constitution"] is moves
        there.cast.submit(NOTE)


@pytest.mark.trials
def test_a_browser_without_scripts_shows_what_is_asked_as_soon_as_the_stage_has_moved(here: Site) -> None:
    here.cast.submit(NOTE)
    with (
        chromium() as chrome,
        here.browser(chrome, here.cast.mayor(NIORT), java_script_enabled=False) as page,
    ):
        page.goto("/a-faire")
        assert page.get_by_role("heading", name="Une étape se met à jour").is_visible()
        flow_looks(here)
        page.get_by_role("heading", name="Attendu de moi").wait_for()

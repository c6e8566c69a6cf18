"""A lifecycle's file that is away, or wrong: the projects that need it wait and say why, the others go on."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cast import Cast, seed_file
from command_line import CommandLine
from site_of_tests import Site

from actions.prefect.deliver_nudges import address_of
from actions.reminders.send_reminders import send_reminders
from models import lifecycle as lifecycles
from models.lifecycle import LIFECYCLES_DIR
from models.shared_project import SharedProject
from queries.projects.board import read_board
from queries.reminders.preview import preview_reminders

FILE = "territoires-en-commun.v9.yaml"


def forget() -> None:
    for each in (lifecycles._load, lifecycles._read, lifecycles._versions, lifecycles._warn_once):
        each.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The lifecycles, in a folder that a test may change."""
    copy = tmp_path / "lifecycles"
    shutil.copytree(LIFECYCLES_DIR, copy)
    monkeypatch.setattr(lifecycles, "LIFECYCLES_DIR", copy)
    forget()
    yield copy
    monkeypatch.undo()
    forget()


def two_projects(cast: Cast) -> str:
    """The cast's project needs a version that is not there; the slug of another, which does not."""
    other = cast.create(seed_file().model_copy(update={"title": "Un autre projet"}))
    with cast.db.write() as session:
        away = sa.update(SharedProject).where(SharedProject.slug == cast.slug)  # type: ignore[arg-type]
        session.connection().execute(away.values(lifecycle_version=9))
    return other.slug


@pytest.mark.parametrize("broken", [None, "stages: [", "key: autre"])
def test_lists_reminders_and_relay_go_on_for_the_others(
    site: Callable[[str], Site], folder: Path, broken: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = site("constitution in review")
    cast = here.cast
    other = two_projects(cast)
    if broken is not None:
        (folder / FILE).write_text(broken, "utf-8")
        forget()
    listed = CommandLine(cast.db, cast.folder, monkeypatch).ok("project", "list")
    assert FILE in listed
    assert other in listed
    with cast.db.read() as session:
        lines = {each.slug: each for each in read_board(session, cast.agent.person_id, cast.now).lines}
        assert FILE in lines[cast.slug].blocking[0].text
        assert FILE not in str(lines[other].blocking)
        assert address_of(session, cast.stage_id("constitution"))[0].title == "constitution"
    day = cast.today + timedelta(days=200)
    send_reminders(cast.db, day=day, now=cast.now + timedelta(days=200))
    preview_reminders(cast.db, day=day, now=cast.now)
    with here.client(cast.agent) as agent:
        assert FILE in agent.read("/projets")
        agent.read(f"/projets/{other}")
        agent.read("/a-faire")
        refused = agent.get(here.project)
        assert (refused.status_code, FILE in refused.text) == (422 if broken else 409, True)


def test_the_file_put_back_is_read_without_a_restart(site: Callable[[str], Site], folder: Path) -> None:
    here = site("constitution in review")
    two_projects(here.cast)
    with here.client(here.cast.agent) as agent:
        assert agent.get(here.project).status_code == 409
        text = (folder / "territoires-en-commun.v1.yaml").read_text("utf-8")
        (folder / FILE).write_text(text.replace("version: 1", "version: 9", 1), "utf-8")
        agent.read(here.project)

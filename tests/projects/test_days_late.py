"""What is late, and by how many days: one rule for the board, the pages, the counts and the filters."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from cast import Cast
from site_of_tests import Site

from models.shared_project import ONGOING, ProjectStatus, days_late
from models.tables import STAGE
from queries.commitments.commitments import CommitmentFilters, read_commitments
from queries.projects.board import BoardFilters, read_board
from queries.projects.project import read_project
from queries.stages.stage import read_stage

At = Callable[[str], Cast]
STAGE_KEY = "territorial_diagnosis"
TODAY = date(2027, 3, 10)


def lateness(cast: Cast) -> dict[str, int]:
    """How much is late, by where the agent reads it."""
    agent, slug, now = cast.agent.person_id, cast.slug, cast.now
    with cast.db.read() as session:
        (line,) = read_board(session, agent, now).lines
        project = read_project(session, slug, agent, now)
        stage = read_stage(session, slug, STAGE_KEY, agent, now)
        commitments = read_commitments(session, slug, agent, now)
        late_only = read_commitments(session, slug, agent, now, filters=CommitmentFilters(late=True))
        return {
            "board": line.days_late,
            "late projects": read_board(session, agent, now, filters=BoardFilters(late=True)).count,
            "late commitments of the board": line.late_commitments,
            "late commitments of the project": project.late_commitments,
            "late commitments of their page": commitments.late,
            "commitments": sum(each.days_late for each in commitments.lines),
            "late commitments when filtered": late_only.count,
            "stage": stage.stage.days_late,
            "what is missing": sum(each.days_late for each in stage.missing),
        }


def test_nothing_is_late_anywhere_while_a_project_is_paused(at: At) -> None:
    cast = at("diagnosis open")
    cast.wait(days=700)
    before = lateness(cast)
    assert all(before.values()), before
    cast.pause()
    assert not any(lateness(cast).values())
    cast.change("resume")
    assert lateness(cast) == before


@pytest.mark.parametrize("status", list(ProjectStatus))
def test_days_are_counted_in_projects_that_are_ongoing(status: ProjectStatus) -> None:
    assert days_late(TODAY - timedelta(days=9), TODAY, status) == (9 if status in ONGOING else 0)
    assert days_late(TODAY, TODAY, status) == 0
    assert days_late(TODAY + timedelta(days=1), TODAY, status) == 0
    assert days_late(None, TODAY, status) == 0


def test_a_page_does_not_show_a_paused_project_as_late(site: Callable[..., Site]) -> None:
    here = site("charter in review")
    path = f"{here.project}/etapes/charter"
    yesterday = here.cast.today - timedelta(days=1)
    with here.cast.db.write() as session:
        of_charter = sa.update(STAGE).where(STAGE.c.key == "charter")
        session.connection().execute(of_charter.values(due_on=yesterday))
    with here.client(here.cast.agent) as agent:
        assert "is-late" in agent.read(path)
        here.cast.pause()
        paused = agent.read(path)
    assert "is-late" not in paused
    assert f'<time datetime="{yesterday.isoformat()}">' in paused

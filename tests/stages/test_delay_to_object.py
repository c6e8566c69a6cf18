"""A stage whose text was revised waits for the delay to object, then its run closes it, on a real Prefect server."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flows_system import FlowsSystem
from played_project import PlayedProject
from prefect_system import wait_until

from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from actions.prefect.reconcile import reconcile_in_turn
from models.paris_time import paris_day
from models.periodic_round import RoundRunner
from models.stage import StageStatus
from models.tables import DELIVERABLE, VERSION

pytest_plugins = ["flows_fixtures"]
pytestmark = pytest.mark.prefect
KEY = "constitution"


def now() -> datetime:
    return datetime.now(UTC)


def test_the_run_waits_for_the_delay_and_closes_the_stage_when_it_has_ended(project: PlayedProject) -> None:
    project.play_to_the_last_signature()
    revise(project)
    assert project.answer(KEY) == 1
    project.wait_status(KEY, StageStatus.signed_off)
    project.wait_quiet(KEY)
    assert project.stage(KEY).status is StageStatus.signed_off
    state = project.system.ask(f"flow_runs/{project.run(KEY).id}")["state"]
    assert "Délai d’objection" in state["message"]
    let_time_pass(project)
    wait_until(lambda: round_of(project.system))
    project.wait_status(KEY, StageStatus.closed)
    assert ("deliverable.minor_settled", None) in {fact[:2] for fact in project.facts()}


def revise(project: PlayedProject) -> None:
    """The ANCT corrects the note that three cities have signed."""
    path = project.cast.folder / "note-corrigée.md"
    path.write_text("La note, une date corrigée.", encoding="utf-8")
    with project.cast.files.receive_path(path) as file:
        revision = Submission(project.slug, KEY, "note_de_cadrage", file, None, True, "Une date")
        submit_deliverable(project.system.db, project.cast.agent(), revision, now=now())


def let_time_pass(project: PlayedProject) -> None:
    """The delay has ended yesterday: the clock of the runs cannot be moved, its end can."""
    mine = sa.select(DELIVERABLE.c.version_id).where(DELIVERABLE.c.stage_id == project.stage_ids[KEY])
    ended = sa.update(VERSION).where(VERSION.c.id.in_(mine))
    with project.system.db.write_statements() as connection:
        connection.execute(ended.values(objections_until=paris_day(now()) - timedelta(days=1)))


def round_of(system: FlowsSystem) -> bool:
    """A periodic round, unless another process has taken this one."""
    return reconcile_in_turn(system.db, system.api, RoundRunner.command_line, now) is not None

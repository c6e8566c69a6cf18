"""A message to Prefect may be late, lost, doubled or early: the facts are the same, and the stage moves on."""

import pytest
import sqlalchemy as sa
from flows_system import now
from played_project import PlayedProject
from prefect_system import wait_until

from actions.ledger.wake import nudge
from models.outbox import NudgeKind
from models.shared_project import ProjectNotActive, ProjectStatus
from models.stage import StageStatus
from models.tables import NUDGE

pytest_plugins = ["flows_fixtures"]
pytestmark = pytest.mark.prefect
ONCE = {"stage_transition.requested": 1, "stage.opened": 1, "stage.closed": 1}


def undelivered(project: PlayedProject, key: str) -> int:
    with project.cast.db.read() as session:
        rows = sa.select(sa.func.count()).where(
            NUDGE.c.stage_id == project.stage_ids[key], NUDGE.c.done_at.is_(None)
        )
        return int(session.connection().scalar(rows) or 0)


# While Prefect is away


@pytest.mark.trials
def test_what_is_done_while_prefect_is_away_is_accepted_and_moves_on_when_it_is_back(
    project: PlayedProject,
) -> None:
    project.play_to_the_last_signature()
    with project.system.without_prefect():
        assert project.answer("constitution") == 1
        project.request("charter")
        assert project.stage("constitution").status is StageStatus.signed_off
        assert project.stage("charter").status is StageStatus.opening
        wait_until(lambda: undelivered(project, "constitution") > 0)
    project.wait_status("constitution", StageStatus.closed)
    project.wait_status("charter", StageStatus.open)
    assert project.transitions("constitution") == ONCE
    assert project.transitions("charter") == ONCE | {"stage.closed": 0}


# Lost, doubled, early


def lose_every_word(project: PlayedProject, key: str) -> None:
    with project.cast.db.write_statements() as connection:
        lost = sa.update(NUDGE).where(NUDGE.c.stage_id == project.stage_ids[key])
        connection.execute(lost.values(done_at=now()))


@pytest.mark.trials
def test_a_lost_wake_up_is_found_by_reconcile(project: PlayedProject) -> None:
    project.play_to_the_last_signature()
    with project.system.without_relay():
        project.answer("constitution")
        lose_every_word(project, "constitution")
    assert project.run("constitution").is_suspended
    assert [repair.what for repair in project.repairs()] == ["wake"]
    project.wait_status("constitution", StageStatus.closed)
    assert project.transitions("constitution") == ONCE


@pytest.mark.trials
def test_a_lost_request_is_found_by_reconcile(project: PlayedProject) -> None:
    project.fast_forward("charter")
    with project.system.without_relay():
        project.request("charter")
        lose_every_word(project, "charter")
    assert project.runs("charter") == []
    assert [repair.what for repair in project.repairs()] == ["run"]
    project.wait_status("charter", StageStatus.open)
    project.wait_quiet("charter")
    assert project.run("charter").is_suspended


def test_a_request_told_twice_starts_one_run(project: PlayedProject) -> None:
    project.request("constitution")
    project.wait_quiet("constitution")
    assert project.redeliver("constitution", "start_stage") == 1
    project.wait_quiet("constitution")
    assert len(project.runs("constitution")) == 1


@pytest.mark.trials
def test_a_wake_up_told_twice_or_for_nothing_changes_no_fact_and_owes_no_mail(project: PlayedProject) -> None:
    project.play_to_the_last_signature()
    before, run = (project.facts(), project.notices()), project.run("constitution")
    woken = project.wakes(run)
    assert project.redeliver("constitution", "wake_stage") > 1
    project.wait_quiet("constitution")
    assert project.wakes(run) > woken
    with project.cast.db.write_statements() as connection:
        for _ in range(2):
            nudge(connection, NudgeKind.wake_stage, project.stage_ids["constitution"], now())
    project.wait_quiet("constitution")
    assert project.wakes(run) > woken + 1
    assert (project.facts(), project.notices()) == before
    project.play("constitution")
    project.redeliver("constitution", "wake_stage")
    project.wait_quiet("constitution")
    assert project.transitions("constitution") == ONCE
    assert max(project.notices()[notice] for notice in project.notices() if notice[0] == "stage_closed") == 1
    project.check_each_mail_came_once()


def test_a_wake_up_that_comes_while_the_run_is_on_its_way_waits_for_it(project: PlayedProject) -> None:
    key = "territorial_diagnosis"
    project.fast_forward(key)
    run = project.start_doomed(key, "slow:untold-3")  # it has looked, and is not suspended yet
    project.wait_for_its_doom(key)
    assert project.answer(key) == 4
    project.system.wait_for_state(run.id, "RUNNING")
    assert undelivered(project, key) > 0
    project.play(key, lambda: any(each.deliverable == "synthese_croisee" for each in project.awaited(key)))
    project.wait_quiet(key)
    assert len(project.runs(key)) == 1


# A paused project, a cancelled one


@pytest.mark.trials
def test_nothing_moves_while_the_project_is_paused_and_all_goes_on_when_it_resumes(
    project: PlayedProject,
) -> None:
    key = "territorial_diagnosis"
    project.fast_forward(key)
    project.request(key)
    project.wait_quiet(key)
    with project.system.without_relay():  # the run learns of the last diagnosis after the pause only
        assert project.answer(key) == 4
        project.change("pause")
        before = project.facts(), project.notices()
    project.wait_quiet(key)
    with pytest.raises(ProjectNotActive):
        project.request("consultation")
    assert (project.facts(), project.notices()) == before
    assert project.run(key).is_suspended
    assert project.repairs() == []
    project.change("resume")
    project.play(key)
    assert project.transitions(key) == ONCE


@pytest.mark.trials
def test_a_cancelled_project_ends_its_run(project: PlayedProject) -> None:
    project.request("constitution")
    project.wait_quiet("constitution")
    project.change("cancel")
    wait_until(lambda: project.run("constitution").state_type == "CANCELLED")
    assert project.status is ProjectStatus.cancelled
    assert project.stage("constitution").status is StageStatus.open
    assert project.repairs() == []

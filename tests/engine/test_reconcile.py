"""Whatever happens to a run, `reconcile` makes it good, and each fact stays one; in health it does nothing."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flows_system import FlowsSystem, now
from played_project import PlayedProject
from prefect_system import wait_until

from actions.prefect.client import FlowRun
from actions.prefect.reconcile import reconcile
from models.stage import StageStatus
from models.tables import NOTICE, NUDGE, PROJECT

pytest_plugins = ["flows_fixtures"]
pytestmark = pytest.mark.prefect

KEY = "territorial_diagnosis"
STEPS = range(1, 10)
WAITS = (3, 6, 8)  # for the diagnoses, the synthesis, the sign-offs
PLACES = ["before-1", *(f"after-{step}" for step in STEPS), *(f"{word}-{step}" for step in (*WAITS, 9)
          for word in ("untold", "told"))]  # fmt: skip
"""Every place where the flow of the diagnosis can be cut short; see `killing_flows`."""
AT_ONCE = timedelta(seconds=0)


def is_dead(project: PlayedProject, run: FlowRun) -> bool:
    found = project.system.api.run(run.id)
    return found is None or found.state_type in ("CRASHED", "FAILED", "CANCELLED")


def what_an_undisturbed_project_owes(project: PlayedProject, tmp_path: Path) -> PlayedProject:
    """Another copy of the project, which has gone through the same stages with nothing in its way."""
    twin = PlayedProject.begin(project.system, tmp_path / "twin")
    twin.fast_forward("consultation")
    return twin


def end_as_if_nothing_had_happened(project: PlayedProject, tmp_path: Path) -> None:
    def is_closed() -> bool:
        if project.stage(KEY).status is StageStatus.closed:
            return True
        project.answer(KEY)
        if not any(run.is_alive for run in project.runs(KEY)):
            project.system.reconcile()
        return False

    project.wait_until(is_closed)
    twin = what_an_undisturbed_project_owes(project, tmp_path)
    assert project.facts() == twin.facts()
    assert project.notices() == twin.notices()
    twin.leave()
    project.check_each_mail_came_once()


def die(project: PlayedProject, tag: str) -> FlowRun:
    """Play the stage until its run comes to the end that its tag says."""
    project.fast_forward(KEY)
    run = project.start_doomed(KEY, tag)
    wait_until(lambda: is_dead(project, run) or project.answer(KEY) < 0)
    return run


def check_a_run_killed_at(place: str, project: PlayedProject, tmp_path: Path) -> None:
    run = die(project, f"mortal:{place}")
    assert project.system.wait_for_state(run.id, "CRASHED")
    end_as_if_nothing_had_happened(project, tmp_path)


@pytest.mark.trials
@pytest.mark.parametrize("place", PLACES)
def test_a_stage_whose_run_is_killed_anywhere_ends_all_the_same(
    place: str, project: PlayedProject, tmp_path: Path
) -> None:
    check_a_run_killed_at(place, project, tmp_path)


def test_a_run_that_fails_is_replaced(project: PlayedProject) -> None:
    run = project.start_doomed("constitution", "failing:after-3")
    project.system.wait_for_state(run.id, "FAILED")
    (repair,) = project.repairs()
    assert "avait échoué" in repair.text
    assert project.slug in repair.text
    project.play("constitution")
    assert set(project.transitions("constitution").values()) == {1}


# A suspended run that is deleted, cancelled or stuck


def delete(project: PlayedProject, run: FlowRun) -> None:
    assert project.system.api.delete(run.id)


def cancel(project: PlayedProject, run: FlowRun) -> None:
    assert project.system.api.cancel(run.id)


def stop_in_pending(project: PlayedProject, run: FlowRun) -> None:
    assert project.system.api.set_state(run.id, "PENDING", force=True)


def stop_in_running(project: PlayedProject, run: FlowRun) -> None:
    assert project.system.api.set_state(run.id, "RUNNING", force=True)


HARMS = [
    (delete, "avait disparu"),
    pytest.param(cancel, "avait été annulée", marks=pytest.mark.trials),
    pytest.param(stop_in_pending, "était bloquée", marks=pytest.mark.trials),
    pytest.param(stop_in_running, "était bloquée", marks=pytest.mark.trials),
]


@pytest.mark.parametrize(("harm", "why"), HARMS)
def test_a_suspended_run_that_is_lost_or_stuck_is_replaced(
    harm: Callable[[PlayedProject, FlowRun], None], why: str, project: PlayedProject
) -> None:
    project.request("constitution")
    project.wait_quiet("constitution")
    harm(project, project.run("constitution"))
    (repair,) = project.repairs(stuck_after=AT_ONCE)
    assert why in repair.text
    project.play("constitution")
    assert set(project.transitions("constitution").values()) == {1}
    project.wait_quiet("constitution")
    assert project.repairs() == []


@pytest.mark.trials
def test_a_run_that_is_stuck_is_replaced_even_when_a_wake_up_waits_for_it(project: PlayedProject) -> None:
    project.request("constitution")
    project.wait_quiet("constitution")
    stop_in_running(project, project.run("constitution"))
    assert project.answer("constitution") == 1  # the relay keeps its wake-up until the run has suspended
    assert project.repairs() == []
    assert [repair.what for repair in project.repairs(stuck_after=AT_ONCE)] == ["run"]
    project.wait_status("constitution", StageStatus.in_review)


@pytest.mark.trials
def test_a_run_left_waiting_for_a_stage_that_is_over_is_ended(project: PlayedProject) -> None:
    project.play_to_the_last_signature()
    late = project.start_doomed("constitution", "slow:untold-6")  # it looks before the signature…
    project.wait_for_its_doom("constitution")
    project.play("constitution")
    project.system.wait_for_state(
        late.id, "PAUSED"
    )  # … and suspends after the other run has closed the stage
    assert [repair.what for repair in project.repairs()] == ["end"]
    project.system.wait_for_state(late.id, "COMPLETED")
    assert set(project.transitions("constitution").values()) == {1}


# Health


def test_reconcile_repairs_nothing_in_a_healthy_system_even_of_a_paused_project(
    project: PlayedProject,
) -> None:
    project.request("constitution")
    project.wait_quiet("constitution")
    assert project.repairs() == []
    project.answer("constitution", most=1)
    project.wait_quiet("constitution")
    assert project.repairs() == []
    project.change("pause")
    project.wait_quiet("constitution")
    assert project.repairs() == []
    project.change("resume")
    project.wait_quiet("constitution")
    assert project.repairs() == []


@pytest.mark.trials
def test_reconcile_leaves_alone_the_stages_that_are_moving(project: PlayedProject) -> None:
    project.request("constitution")
    repairs = []

    def is_over() -> bool:
        repairs.extend(project.repairs())
        return (
            project.stage("constitution").status is StageStatus.closed or project.answer("constitution") < 0
        )

    wait_until(is_over)
    assert repairs == []


# What waits to leave


def test_words_to_prefect_that_no_relay_has_delivered_are_delivered(project: PlayedProject) -> None:
    system = project.system
    with system.without_relay():
        project.request("constitution")
        with system.db.write_statements() as connection:
            late = sa.update(NUDGE).where(NUDGE.c.stage_id == project.stage_ids["constitution"])
            connection.execute(late.values(created_at=now() - timedelta(minutes=1)))
        assert project.runs("constitution") == []
        repairs = reconcile(system.db, system.api, now=now())
        assert ["remis à Prefect" in each.text for each in repairs if each.what == "nudges"] == [True]
        assert len(project.runs("constitution")) == 1
    project.wait_status("constitution", StageStatus.open)


@pytest.mark.trials
def test_mail_that_no_round_has_sent_leaves(project: PlayedProject) -> None:
    project.request("constitution")
    project.wait_quiet("constitution")
    system = project.system
    of_project = (
        NOTICE.c.project_id == sa.select(PROJECT.c.id).where(PROJECT.c.slug == project.slug).scalar_subquery()
    )
    waiting = sa.select(NOTICE.c.id).where(of_project, NOTICE.c.sent_at.is_(None))

    def have_left() -> bool:
        with system.db.read() as session:
            return not session.connection().execute(waiting).all()

    wait_until(have_left)
    late = sa.update(NOTICE).where(of_project)
    with system.db.write_statements() as connection:
        connection.execute(late.values(sent_at=None, next_try_at=now() - timedelta(minutes=3)))
    repairs = reconcile(system.db, system.api, now=now())
    assert ["attendaient de partir" in each.text for each in repairs if each.what == "mail"] == [True]
    wait_until(have_left)


# Prefect's database lost


@pytest.mark.trials
def test_a_stage_ends_though_prefects_own_database_was_lost_while_it_waited(project: PlayedProject) -> None:
    project.request("constitution")
    project.wait_quiet("constitution")
    lost = project.run("constitution").id
    forget_everything(project.system)
    assert project.system.api.run(lost) is None
    (repair,) = project.repairs()
    assert "avait disparu" in repair.text
    project.play("constitution")
    assert set(project.transitions("constitution").values()) == {1}
    assert project.repairs() == []


def forget_everything(system: FlowsSystem) -> None:
    system.stop_worker()
    system.server.ask_to_stop()
    system.server.stop(15)
    for file in (system.folder / "prefect").glob("prefect.db*"):
        file.unlink()
    system.start_server()
    system.start_worker()


# By the command line


def command(system: FlowsSystem, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "reconcile", *arguments],
        env=dict(system.worker.environment),
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.trials
def test_the_command_says_what_it_repairs_and_then_that_nothing_is_left_to_repair(
    project: PlayedProject,
) -> None:
    project.request("constitution")
    project.wait_quiet("constitution")
    delete(project, project.run("constitution"))
    printed = command(project.system, "--json")
    assert printed.returncode == 0, printed.stderr
    assert [each["what"] for each in json.loads(printed.stdout) if project.slug in each["subject"]] == ["run"]
    project.wait_quiet("constitution")
    delete(project, project.run("constitution"))
    printed = command(project.system)
    assert f"l’exécution de Constitution du collectif · {project.slug} avait disparu" in printed.stdout
    project.wait_quiet("constitution")
    wait_until(lambda: "Rien à réparer" in command(project.system).stdout)  # once late mail, if any, has left

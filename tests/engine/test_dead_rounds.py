"""The periodic rounds come back whatever happened to their runs: nothing that died stops those that follow."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import sqlalchemy as sa
from cast import Cast
from flows_system import FlowsSystem, now
from played_project import PlayedProject
from prefect_system import free_port, wait_until

from actions.ledger.wake import nudge
from actions.prefect.client import FlowRun, PrefectApi, PrefectUnreachable
from actions.prefect.deliver_nudges import MAIL_TAG, deliver_nudges
from actions.prefect.reconcile import reconcile_in_turn
from actions.prefect.repair_rounds import repair_rounds
from actions.system.periodic_rounds import beat, complete_round, take_round
from commands.watch import take_over
from database.engine import Database
from models.outbox import NudgeKind
from models.periodic_round import DELIVER_NOTICES, RECONCILE, REMIND, RoundRunner
from models.tables import NUDGE, PERIODIC_ROUND
from queries.system.rounds import read_rounds

pytest_plugins = ["flows_fixtures"]
pytestmark = pytest.mark.prefect
ENDED = ("CRASHED", "CANCELLED", "COMPLETED", "FAILED")


def start(system: FlowsSystem, name: str) -> FlowRun:
    return system.api.create_run(f"{name}/{name}", {}, idempotency_key=f"{name}-{now().isoformat()}")


def run_to_its_end(system: FlowsSystem, name: str) -> FlowRun:
    return system.wait_for_state(start(system, name).id, *ENDED)


@pytest.mark.trials
@pytest.mark.parametrize("name", [RECONCILE, REMIND])
def test_a_round_killed_with_the_server_while_it_was_pending_does_not_stop_the_next_ones(
    name: str, whole_system: FlowsSystem
) -> None:
    whole_system.stop_worker()
    try:
        dead = start(whole_system, name)
        assert whole_system.api.set_state(dead.id, "PENDING")
        whole_system.kill_everything()
        whole_system.start_server()
    finally:
        whole_system.start_worker()
    began_at = now()
    assert run_to_its_end(whole_system, name).state_type == "COMPLETED"
    done = read_rounds(whole_system.db)[name]
    assert done.completed_at is not None
    assert done.completed_at >= began_at
    assert done.completed_by is RoundRunner.flow
    repair_rounds(whole_system.db, whole_system.api, now=now() + timedelta(minutes=3))
    assert whole_system.wait_for_state(dead.id, *ENDED).state_type == "CRASHED"


@pytest.mark.trials
@pytest.mark.parametrize("state", ["PENDING", "CRASHED"])
def test_mail_leaves_though_its_deliverer_died_before_it_began(state: str, project: PlayedProject) -> None:
    api, system = project.system.api, project.system
    system.stop_worker()
    try:
        project.change("pause")
        wait_until(
            lambda: (
                bool(scheduled := api.runs(tags=[MAIL_TAG], states=["SCHEDULED"]))
                and all(api.set_state(run.id, state, force=True) for run in scheduled)
            )
        )
    finally:
        system.start_worker()
    project.check_each_mail_came_once()
    for run in api.runs(tags=[MAIL_TAG], states=["PENDING"]):
        api.set_state(run.id, "CRASHED", force=True)


@pytest.mark.trials
def test_runs_that_say_they_work_longer_than_they_ever_do_are_ended(whole_system: FlowsSystem) -> None:
    dead = run_to_its_end(whole_system, REMIND)
    assert whole_system.api.set_state(dead.id, "RUNNING", force=True)
    repair_rounds(whole_system.db, whole_system.api, now=now() + timedelta(minutes=14))
    assert whole_system.wait_for_state(dead.id, "RUNNING")
    repairs = repair_rounds(whole_system.db, whole_system.api, now=now() + timedelta(minutes=16))
    assert (REMIND, "dead") in {(repair.subject, repair.what) for repair in repairs}
    assert whole_system.wait_for_state(dead.id, "CRASHED")


def schedule(system: FlowsSystem, run: FlowRun, at: datetime) -> None:
    """Put the run off until then, as Prefect's scheduler would have."""
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": at.isoformat()}}
    answer = httpx.post(
        f"{system.api_url}/flow_runs/{run.id}/set_state",
        json={"state": state, "force": True},
        auth=tuple(system.settings.prefect_login().split(":", 1)),
        trust_env=False,
    )
    assert answer.raise_for_status().json()["status"] == "ACCEPT"


@pytest.mark.trials
def test_rounds_that_a_wrong_clock_put_off_until_tomorrow_make_room_for_the_next(
    whole_system: FlowsSystem,
) -> None:
    soon, tomorrow = (run_to_its_end(whole_system, DELIVER_NOTICES) for _ in range(2))
    schedule(whole_system, tomorrow, now() + timedelta(days=1))
    schedule(whole_system, soon, now() + timedelta(minutes=6))
    repair_rounds(whole_system.db, whole_system.api, now=now())
    assert whole_system.api.run(tomorrow.id) is not None  # the next one is there: all is as it should be
    assert whole_system.api.delete(soon.id)
    repair_rounds(whole_system.db, whole_system.api, now=now())
    assert whole_system.api.run(tomorrow.id) is None


@pytest.mark.trials
def test_rounds_that_nobody_took_for_an_hour_are_cancelled(whole_system: FlowsSystem) -> None:
    run = run_to_its_end(whole_system, REMIND)
    schedule(whole_system, run, now() + timedelta(minutes=5))
    repair_rounds(whole_system.db, whole_system.api, now=now() + timedelta(minutes=64))
    assert whole_system.wait_for_state(run.id, "SCHEDULED")
    repair_rounds(whole_system.db, whole_system.api, now=now() + timedelta(minutes=70))
    assert whole_system.wait_for_state(run.id, "CANCELLED")


@pytest.fixture
def monday(whole_system: FlowsSystem) -> Iterator[datetime]:
    """A Monday at ten in Paris, on which the relay has been alive for hours and no round has completed."""
    instant = datetime(2026, 11, 30, 9, 11, tzinfo=UTC)

    def forget() -> None:
        with whole_system.db.write_statements() as connection:
            connection.execute(sa.delete(PERIODIC_ROUND))

    with whole_system.without_relay():
        forget()
        for seconds in range(-7200, 1, 30):
            beat(whole_system.db, now=instant + timedelta(seconds=seconds))
        yield instant
        forget()


def test_a_round_that_is_overdue_is_started_once_for_each_time_it_is_due(
    monday: datetime, whole_system: FlowsSystem
) -> None:
    db, api = whole_system.db, whole_system.api
    complete_round(db, RECONCILE, RoundRunner.flow, now=monday)
    before = {run.id for run in api.runs()}
    for _ in range(2):
        repair_rounds(db, api, now=monday)
    names = {number: name for name, number in api.deployments().items()}
    started = [names[run.deployment_id or ""] for run in api.runs() if run.id not in before]
    assert sorted(started) == ["deliver_notices/deliver_notices", "remind/remind"]


def test_the_relay_runs_the_pass_that_prefect_does_not_and_one_of_several_does_it(
    monday: datetime, whole_system: FlowsSystem
) -> None:
    db, api = whole_system.db, whole_system.api
    take_round(db, RECONCILE, RoundRunner.relay, now=now())
    take_over(db, api, now())  # another relay works at it
    assert read_rounds(db)[RECONCILE].completed_at is None
    with db.write_statements() as connection:
        connection.execute(sa.update(PERIODIC_ROUND).values(held_until=None))
    take_over(db, api, now())
    done = read_rounds(db)[RECONCILE]
    assert done.completed_by is RoundRunner.relay
    take_over(db, api, now())
    assert read_rounds(db)[RECONCILE] == done


@pytest.mark.trials
def test_a_wake_up_of_a_closed_stage_stops_waiting_for_a_run_that_is_dead(project: PlayedProject) -> None:
    system = project.system
    project.request("constitution")
    project.play("constitution")
    project.wait_quiet("constitution")
    run = project.run("constitution")
    assert system.api.set_state(run.id, "RUNNING", force=True)
    assert project.redeliver("constitution", "wake_stage") > 0
    assert not project.is_quiet("constitution")
    assert project.repairs() == []
    assert [each.what for each in project.repairs(stuck_after=timedelta(0))] == ["dead"]
    project.wait_quiet("constitution")
    assert [each.state_type for each in project.runs("constitution")] == ["CRASHED"]


def test_several_passes_at_once_start_one_run_of_a_stage(project: PlayedProject) -> None:
    project.request("constitution")
    project.wait_quiet("constitution")
    assert project.system.api.cancel(project.run("constitution").id)
    with ThreadPoolExecutor(4) as threads:
        for passed in [threads.submit(project.system.reconcile) for _ in range(4)]:
            passed.result()
    assert len(project.runs("constitution")) == 2
    project.wait_quiet("constitution")


def test_a_pass_that_finds_prefect_away_leaves_no_claim(db: Database) -> None:
    with (
        PrefectApi(f"http://127.0.0.1:{free_port()}/api", "user:secret") as away,
        pytest.raises(PrefectUnreachable),
    ):
        reconcile_in_turn(db, away, RoundRunner.relay, now)
    row = read_rounds(db)[RECONCILE]
    assert (row.held_until, row.completed_at) == (None, None)
    assert row.started_by is RoundRunner.relay


def test_a_round_of_the_relay_waits_once_for_a_prefect_that_is_away(at: Callable[[str], Cast]) -> None:
    cast = at("charter in review")
    with cast.db.write_statements() as connection:
        connection.execute(sa.update(NUDGE).values(done_at=cast.now))
        for key in ("constitution", "charter", "terms_of_reference"):
            nudge(connection, NudgeKind.wake_stage, cast.stage_id(key), cast.now)
    with PrefectApi(f"http://127.0.0.1:{free_port()}/api", "user:secret") as away:
        assert deliver_nudges(cast.db, away, now=cast.now) == 0
    with cast.db.read() as session:
        attempts = session.connection().scalars(
            sa.select(NUDGE.c.attempts).where(NUDGE.c.done_at.is_(None)).order_by(NUDGE.c.id)
        )
        assert list(attempts) == [1, 0, 0]

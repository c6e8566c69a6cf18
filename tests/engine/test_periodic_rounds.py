"""When each periodic round is expected, who may run it, and what is overdue at an instant."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

import pytest
import yaml
from prefect._vendor.croniter import croniter

import models.periodic_round
from actions.system.periodic_rounds import LEASE, beat, begin_round, complete_round, give_up_round, take_round
from database.engine import Database
from models.paris_time import PARIS
from models.periodic_round import (
    DELIVER_NOTICES,
    MOST_REPAIRS,
    RECONCILE,
    RELAY,
    REMIND,
    RHYTHMS,
    PeriodicRound,
    RoundRunner,
    is_reconcile_late,
    is_silent,
    overdue,
)
from queries.system.rounds import read_rounds

FLOW, RELAY_RUNS = RoundRunner.flow, RoundRunner.relay
ROOT = Path(models.periodic_round.__file__).parent.parent
SCHEDULES = {
    row["name"]: row["schedules"][0]
    for row in yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    if "schedules" in row
}
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)  # ten o'clock in Paris
MINUTE = timedelta(minutes=1)


def at(day: int, hour: int, minute: int, second: int = 0) -> datetime:
    """An instant of the week of that Monday, on the clocks of Paris (UTC+1)."""
    return datetime(2026, 11, 30, hour, minute, second, tzinfo=UTC) + timedelta(days=day, hours=-1)


def test_every_round_that_prefect_schedules_has_its_rhythm() -> None:
    assert set(SCHEDULES) == set(RHYTHMS)


@pytest.mark.parametrize("name", RHYTHMS)
@pytest.mark.parametrize(
    "since", [datetime(2026, 11, 27, 12, 0, tzinfo=UTC), datetime(2027, 6, 4, 6, 1, tzinfo=UTC)]
)
def test_a_rhythm_is_that_of_the_schedule(name: str, since: datetime) -> None:
    assert SCHEDULES[name]["timezone"] == str(PARIS)
    following_starts = croniter(SCHEDULES[name]["cron"], since.astimezone(PARIS)).all_next(datetime)
    starts = [each.astimezone(UTC) for each in islice(following_starts, 400)]
    for start, following in pairwise(starts):
        assert RHYTHMS[name].last_start(start) == start
        assert RHYTHMS[name].last_start(following - timedelta(seconds=1)) == start
        assert RHYTHMS[name].next_start(start) == following


def watched(since: datetime, **completed: datetime) -> dict[str, PeriodicRound]:
    rounds = {name: PeriodicRound(name=name, completed_at=instant) for name, instant in completed.items()}
    return rounds | {RELAY: PeriodicRound(name=RELAY, started_at=since, completed_at=since)}


WELL = {RECONCILE: at(0, 9, 57), REMIND: at(0, 9, 30), DELIVER_NOTICES: at(0, 9, 55)}


def test_nothing_is_overdue_while_each_round_completes_when_it_should() -> None:
    assert overdue(watched(at(0, 7, 0), **WELL), at(0, 10, 0)) == []


@pytest.mark.parametrize(
    ("name", "completed_at", "told_at"),
    [
        (RECONCILE, at(0, 9, 57), at(0, 10, 7)),  # that of 10:02, five minutes later
        (REMIND, at(0, 9, 30), at(0, 10, 10)),  # that of 10:00, ten minutes later
        (DELIVER_NOTICES, at(0, 9, 55), at(0, 10, 10)),
    ],
)
def test_a_round_that_did_not_complete_is_overdue_after_its_slack(
    name: str, completed_at: datetime, told_at: datetime
) -> None:
    others = {other: told_at for other in RHYTHMS if other != name}
    rounds = watched(at(0, 7, 0), **others, **{name: completed_at})
    assert overdue(rounds, told_at - timedelta(seconds=1)) == []
    assert overdue(rounds, told_at) == [name]
    assert overdue(rounds | {name: PeriodicRound(name=name)}, told_at) == [name]


def test_no_reminder_is_expected_at_night_nor_on_sundays() -> None:
    friday = {REMIND: at(4, 17, 0)}  # the last of Friday, at 17:30, has not come
    for instant, is_overdue in (
        (at(4, 17, 41), True),
        (at(4, 18, 29), True),
        (at(4, 18, 31), False),
        (at(6, 12, 0), False),
        (at(7, 8, 9), False),
        (at(7, 8, 10), True),
    ):
        assert (REMIND in overdue(watched(at(0, 7, 0), **friday), instant)) is is_overdue


def test_what_was_not_done_while_the_system_was_stopped_is_not_overdue() -> None:
    rounds = watched(at(0, 10, 3), **{name: at(-3, 9, 0) for name in RHYTHMS})
    assert overdue(rounds, at(0, 10, 9)) == []
    assert overdue(rounds, at(0, 10, 12)) == [RECONCILE]
    assert overdue(rounds, at(0, 10, 15)) == [RECONCILE, DELIVER_NOTICES]
    assert overdue({}, at(0, 10, 15)) == []  # nobody has ever watched


def test_a_completion_in_the_future_is_that_of_a_wrong_clock() -> None:
    rounds = watched(at(0, 7, 0), **{name: at(1, 10, 0) for name in RHYTHMS})
    assert set(overdue(rounds, at(0, 10, 30))) == set(RHYTHMS)
    assert is_reconcile_late(rounds[RECONCILE], at(0, 10, 30))
    ahead = watched(at(1, 7, 0), **{name: at(0, 9, 0) for name in RHYTHMS})
    assert set(overdue(ahead, at(0, 10, 30))) == set(RHYTHMS)
    assert is_silent(ahead[RELAY], at(0, 10, 30))


def test_the_relay_takes_over_two_minutes_after_a_pass_that_did_not_complete() -> None:
    last = PeriodicRound(name=RECONCILE, completed_at=at(0, 9, 57, 5))
    assert not is_reconcile_late(last, at(0, 10, 3, 59))
    assert is_reconcile_late(last, at(0, 10, 4))
    assert is_reconcile_late(None, at(0, 10, 4))
    assert is_reconcile_late(PeriodicRound(name=RECONCILE, started_at=at(0, 10, 2)), at(0, 10, 2))


def test_a_pass_that_left_work_is_followed_by_another_at_once() -> None:
    last = PeriodicRound(name=RECONCILE, completed_at=at(0, 10, 2, 5), repairs=MOST_REPAIRS)
    assert not is_reconcile_late(last, at(0, 10, 2, 10))
    assert is_reconcile_late(last, at(0, 10, 2, 20))
    last.repairs -= 1
    assert not is_reconcile_late(last, at(0, 10, 2, 20))


# The traces, and the claim


def test_a_round_leaves_its_start_its_completion_and_who_ran_it(db: Database) -> None:
    begin_round(db, REMIND, FLOW, now=MONDAY)
    begun = read_rounds(db)[REMIND]
    assert (begun.started_at, begun.started_by, begun.completed_at) == (MONDAY, FLOW, None)
    complete_round(db, REMIND, RELAY_RUNS, now=MONDAY + MINUTE, repairs=3)
    done = read_rounds(db)[REMIND]
    assert (done.completed_at, done.completed_by, done.repairs) == (MONDAY + MINUTE, RELAY_RUNS, 3)
    assert done.started_at == MONDAY


def test_a_claim_is_one_process_s_until_it_completes(db: Database) -> None:
    token = take_round(db, RECONCILE, FLOW, now=MONDAY)
    assert token is not None
    assert take_round(db, RECONCILE, RELAY_RUNS, now=MONDAY + MINUTE) is None
    complete_round(db, RECONCILE, FLOW, now=MONDAY + MINUTE, token=token)
    assert take_round(db, RECONCILE, RELAY_RUNS, now=MONDAY + MINUTE) is not None


def test_a_claim_that_is_given_up_is_free_at_once(db: Database) -> None:
    token = take_round(db, RECONCILE, FLOW, now=MONDAY)
    give_up_round(db, RECONCILE, token or "")
    assert take_round(db, RECONCILE, RELAY_RUNS, now=MONDAY) is not None
    assert read_rounds(db)[RECONCILE].completed_at is None


def test_a_claim_left_by_a_dead_process_stops_nobody_after_its_lease(db: Database) -> None:
    take_round(db, RECONCILE, FLOW, now=MONDAY)
    later = MONDAY + LEASE + timedelta(seconds=1)
    token = take_round(db, RECONCILE, RELAY_RUNS, now=later)
    assert token is not None
    # … and the first, which was only slow, does not end the claim of the second.
    complete_round(db, RECONCILE, FLOW, now=later, token="the first one's")
    assert take_round(db, RECONCILE, FLOW, now=later) is None


def test_a_claim_taken_under_a_clock_that_ran_ahead_stops_nobody(db: Database) -> None:
    take_round(db, RECONCILE, FLOW, now=MONDAY + timedelta(days=1))
    assert take_round(db, RECONCILE, RELAY_RUNS, now=MONDAY) is not None


def test_the_heart_of_the_relay_beats_since_its_last_silence(db: Database) -> None:
    for seconds in (0, 5, 50):
        beat(db, now=MONDAY + timedelta(seconds=seconds))
    relay = read_rounds(db)[RELAY]
    assert (relay.started_at, relay.completed_at) == (MONDAY, MONDAY + timedelta(seconds=50))
    assert not is_silent(relay, MONDAY + timedelta(seconds=109))
    assert is_silent(relay, MONDAY + timedelta(seconds=111))
    assert is_silent(None, MONDAY)
    back = MONDAY + timedelta(minutes=10)
    beat(db, now=back)
    assert read_rounds(db)[RELAY].started_at == back
    beat(db, now=MONDAY)  # the clock ran ahead until now
    assert read_rounds(db)[RELAY].started_at == MONDAY

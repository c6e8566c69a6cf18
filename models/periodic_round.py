"""The rounds that must come back: when each is expected, who completed the last one, what is overdue.

``prefect.yaml`` schedules them; a test compares its crons with the rhythms here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, stored
from models.paris_time import PARIS, paris_day

RECONCILE, REMIND, DELIVER_NOTICES = "reconcile", "remind", "deliver_notices"
BACKUP = "backup"
"""Not a round that we schedule: the operator's scheduler runs backups, and the row keeps the date of the last one."""
HANDOVERS = "handovers"
"""Not a round either: ``completed_at`` is the instant up to which the roles that begin and end on a day were followed.
"""
RELAY = "relay"
"""Not a round but a heartbeat: ``completed_at`` is the relay's last sign of life, ``started_at`` the first of
those that followed each other without a gap. A round is expected only since then: a system that was stopped
owes nothing for the time when it was."""
BEATS_EVERY = timedelta(seconds=5)
SILENT_AFTER = timedelta(seconds=60)
CLOCK_MARGIN = timedelta(minutes=1)
"""What is written further in the future than this was written by a clock that was wrong."""
QUIET_AFTER = timedelta(hours=1)
"""This long after its last start, a round is not expected before its next one: it is night, or Sunday."""
TAKEN_OVER_AFTER = timedelta(minutes=2)
"""The relay runs ``reconcile`` itself when none has completed this long after it should have begun."""
MOST_REPAIRS = 100
"""Stages that one pass of ``reconcile`` repairs; the next pass, a few seconds later, goes on."""
NEXT_PASS_AFTER = timedelta(seconds=10)


class RoundRunner(StrEnum):
    """Who ran a round."""

    flow = "flow"
    relay = "relay"
    command_line = "command_line"


class PeriodicRound(SQLModel, table=True):
    """The last start and the last completion of a round, one row per name. ``repairs``: of the last completed.

    ``token`` and ``held_until`` are the claim of who runs it now, where one at a time is enough: it expires by
    itself, so that a process that died cannot stop the rounds that follow.
    """

    __tablename__ = "periodic_round"

    name: str = Field(primary_key=True, max_length=40)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    started_by: RoundRunner | None = Field(default=None, sa_type=stored(RoundRunner))
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    completed_by: RoundRunner | None = Field(default=None, sa_type=stored(RoundRunner))
    repairs: int = 0
    token: str | None = Field(default=None, max_length=36)
    held_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The starts of a round, on the clocks of Paris; Monday is weekday 0.

    ``slack`` is how long after a start its completion may be awaited before somebody is told, ``longest`` how
    long a run of it ever works: one that has worked longer has lost its process.
    """

    minutes: range
    hours: range
    weekdays: range
    slack: timedelta
    longest: timedelta

    def last_start(self, at: datetime) -> datetime:
        """The latest start that is not after ``at``."""
        day = paris_day(at)
        while True:
            for start in reversed(self._starts(day)):
                if start <= at:
                    return start
            day -= timedelta(days=1)

    def next_start(self, after: datetime) -> datetime:
        """The earliest start that is after ``after``."""
        day = paris_day(after)
        while True:
            for start in self._starts(day):
                if start > after:
                    return start
            day += timedelta(days=1)

    def _starts(self, day: date) -> list[datetime]:
        if day.weekday() not in self.weekdays:
            return []
        times = (time(hour, minute) for hour in self.hours for minute in self.minutes)
        return [datetime.combine(day, each, PARIS).astimezone(UTC) for each in times]

    def due(self, at: datetime) -> datetime | None:
        """The latest start whose round must be complete at ``at``; None while no round is expected."""
        start = self.last_start(at - self.slack)
        return start if at - start <= QUIET_AFTER else None


RHYTHMS: Mapping[str, Rhythm] = {
    RECONCILE: Rhythm(
        range(2, 60, 5), range(24), range(7), slack=timedelta(minutes=5), longest=timedelta(minutes=10)
    ),
    REMIND: Rhythm(
        range(0, 60, 30), range(8, 18), range(5), slack=timedelta(minutes=10), longest=timedelta(minutes=15)
    ),
    DELIVER_NOTICES: Rhythm(
        range(0, 60, 5), range(24), range(7), slack=timedelta(minutes=10), longest=timedelta(minutes=4)
    ),
}


def overdue(rounds: Mapping[str, PeriodicRound], now: datetime) -> list[str]:
    """The names of the rounds of which none completed when it should have; none when nobody watches yet."""
    relay = rounds.get(RELAY)
    since = relay.started_at if relay else None
    if since is None:
        return []
    due = {name: rhythm.due(now) for name, rhythm in RHYTHMS.items()}
    return [
        name
        for name, due_at in due.items()
        if due_at is not None
        and (due_at >= since or since > now + CLOCK_MARGIN)
        and not _is_done(rounds.get(name), due_at, now)
    ]


def is_silent(relay: PeriodicRound | None, now: datetime) -> bool:
    """Whether the relay has given no sign of life for ``SILENT_AFTER``."""
    return relay is None or not _is_done(relay, now - SILENT_AFTER, now)


def is_reconcile_late(last: PeriodicRound | None, now: datetime) -> bool:
    """Whether the relay has to run a pass itself: the flow did not, or the last pass left work for another."""
    due_at = RHYTHMS[RECONCILE].last_start(now - TAKEN_OVER_AFTER)
    if last is None or last.completed_at is None or not _is_done(last, due_at, now):
        return True
    return last.repairs >= MOST_REPAIRS and now - last.completed_at > NEXT_PASS_AFTER


def _is_done(last: PeriodicRound | None, due_at: datetime, now: datetime) -> bool:
    """Whether the round completed at ``due_at`` or later; a completion in the future is that of a wrong clock."""
    if last is None or last.completed_at is None:
        return False
    return due_at <= last.completed_at <= now + CLOCK_MARGIN

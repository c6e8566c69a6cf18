"""Who is reminded of what on a day: one computation, for the preview of any day and for what really leaves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import among
from models.awaited import Awaited
from models.lifecycle import ReminderRules
from models.notice import DUTIES
from models.paris_time import paris_day
from models.reminder import (
    DIGEST,
    Reader,
    ReminderKind,
    closing_of,
    opening_of,
    rung_of_the_day,
)
from models.tables import NOTICE, REMINDER, REMINDER_ROUND
from queries.people.people_of_projects import People
from queries.reminders.awaited import awaited_of

AT_A_TIME = 500
A_DAY = timedelta(days=1)

Earliest = Callable[[int], date]
"""The first day on which something may still leave for a person."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of one person's digest; the columns of ``Reminder``."""

    kind: ReminderKind
    subject: str
    project_id: int
    recipient_id: int
    due_on: date
    rung: str
    day: date
    text: str
    path: str
    is_copy: bool
    party: str | None

    @property
    def key(self) -> tuple[str, int, date, str]:
        """What happens once only: one reminder per (subject, recipient, rung), for a due date."""
        return self.subject, self.recipient_id, self.due_on, self.rung

    @property
    def row(self) -> dict[str, Any]:
        """Its values by column (``asdict`` would copy each of them deeply, for ten times the time)."""
        return {name: getattr(self, name) for name in self.__slots__}


def horizon_of(people: People, day: date) -> date:
    """The latest due date that can be reminded of on ``day``."""
    longest = max((each.lifecycle.reminders.before_days[0] for each in people.projects.values()), default=0)
    return day + timedelta(days=longest)


def lines_of(
    connection: Connection, people: People, day: date, earliest: Earliest, *, since: date | None = None
) -> list[Line]:
    """The lines of ``day`` for the things of these projects.

    What was reminded is not again; with ``since``, what was reminded from that day on does not count, as if
    one asked on that day.
    """
    wanted = list(_wanted(connection, people, day, earliest))
    reminded = _reminded(connection, wanted, since)
    return list({line.key: line for line in wanted if line.key not in reminded}.values())


def _wanted(connection: Connection, people: People, day: date, earliest: Earliest) -> Iterator[Line]:
    things = [
        (one, _rules(people, one)) for one in awaited_of(connection, people, day, horizon_of(people, day))
    ]
    readers = people.readers(one for thing, rules in things for one, _ in _recipients(thing, rules, day))
    handed_over = _handed_over(connection, day, max((rules.quiet for _, rules in things), default=A_DAY))
    for thing, rules in things:
        for person_id, is_copy in _recipients(thing, rules, day):
            first = max(earliest(person_id), _since(rules, thing, person_id, is_copy))
            told_at = thing.last_notified(is_copy=is_copy)
            told_at = max(told_at, handed_over.get((thing.subject, person_id), told_at))
            rung = _rung(rules, thing, told_at, readers[person_id], day, first)
            if rung:
                yield Line(thing.kind, thing.subject, thing.project_id, person_id, thing.due_on,
                           rung, day, thing.text, thing.path, is_copy, thing.party)  # fmt: skip


def _handed_over(connection: Connection, day: date, quiet: timedelta) -> dict[tuple[str, int], datetime]:
    """When things were handed over to people, by subject and person, as long before ``day`` as it keeps them quiet."""
    query = sa.select(NOTICE.c.recipient_id, NOTICE.c.payload, NOTICE.c.created_at).where(
        NOTICE.c.message == DUTIES,
        NOTICE.c.created_at >= opening_of(day) - quiet - A_DAY,
        NOTICE.c.created_at < opening_of(day) + A_DAY,
    )
    return {
        (item["subject"], person_id): at
        for person_id, payload, at in connection.execute(query.order_by(NOTICE.c.id))
        for project in payload.get("projects", ())
        for item in project["items"]
    }


def _rules(people: People, thing: Awaited) -> ReminderRules:
    return people.projects[thing.project_id].lifecycle.reminders


def _recipients(thing: Awaited, rules: ReminderRules, day: date) -> Iterator[tuple[int, bool]]:
    """The people who have to do it; and, once it is late enough, those who have to know it."""
    for person_id in thing.readers:
        yield person_id, False
    if thing.days_late(day) >= rules.copy_after_days:
        for person_id in dict.fromkeys(thing.copies):
            if person_id not in thing.readers:
                yield person_id, True


def _since(rules: ReminderRules, thing: Awaited, person_id: int, is_copy: bool) -> date:
    """The first day on which the thing concerns this person."""
    if is_copy:
        return thing.due_on + timedelta(days=rules.copy_after_days)
    return thing.since.get(person_id, date.min)


def _rung(
    rules: ReminderRules, thing: Awaited, told_at: datetime, reader: Reader, day: date, earliest: date
) -> str | None:
    rung = rung_of_the_day(
        rules, thing.due_on, told_at, reader, day, earliest=earliest, overdue=thing.overdue
    )
    return rung.name if rung else None


def _reminded(
    connection: Connection, wanted: list[Line], since: date | None
) -> set[tuple[str, int, date, str]]:
    """The keys among those of ``wanted`` that were reminded; a thing long late has many more, left unread."""
    subjects = sorted({line.subject for line in wanted})
    rungs = sorted({line.rung for line in wanted})
    reminded: set[tuple[str, int, date, str]] = set()
    columns = REMINDER.c
    query = sa.select(columns.subject, columns.recipient_id, columns.due_on, columns.rung).where(
        among(columns.subject, "subjects"), among(columns.rung, "rungs")
    )
    if since is not None:
        query = query.where(columns.day < since)
    for start in range(0, len(subjects), AT_A_TIME):
        some = {"subjects": subjects[start : start + AT_A_TIME], "rungs": rungs}
        reminded |= {(row[0], row[1], row[2], row[3]) for row in connection.execute(query, some).all()}
    return reminded


def digests_of_day(day: date) -> sa.ColumnElement[bool]:
    """The digests of that day in the outbox, without their copies by other ways than the mail."""
    # By the start of the key, and not by a range of keys, which would hang on the collation of the database.
    of_day = NOTICE.c.key.startswith(f"{DIGEST}:{day.isoformat()}:", autoescape=True)
    return sa.and_(of_day, NOTICE.c.channel_id.is_(None))


def served_on(connection: Connection, day: date) -> set[int]:
    """Those whose digest of that day is written: nothing is added to it, the next day brings the rest."""
    query = sa.select(NOTICE.c.recipient_id).where(digests_of_day(day))
    return set(connection.execute(query).scalars())


def is_round_over(connection: Connection, day: date) -> bool:
    """Is every digest of that day written?"""
    over = sa.select(REMINDER_ROUND.c.day).where(
        REMINDER_ROUND.c.day == day, REMINDER_ROUND.c.written_at.is_not(None)
    )
    return connection.execute(over).first() is not None


def earliest_for(connection: Connection, now: datetime) -> Earliest:
    """From today on, until today's hours or round are over, or the person's digest is written; else tomorrow."""
    today = paris_day(now)
    tomorrow = today + timedelta(days=1)
    if now >= closing_of(today) or is_round_over(connection, today):
        return lambda person_id: tomorrow
    served = served_on(connection, today)
    return lambda person_id: tomorrow if person_id in served else today

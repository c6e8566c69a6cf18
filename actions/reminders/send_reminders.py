"""The daily round: what is due that day becomes one digest per person, in the outbox. One process at a time does it.

Killed at any line, it goes on where it was when it is called again that day; a day that was never finished
gives its lines back, and the next one reminds with the latest rung only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.ledger.journal import record_on_each
from actions.ledger.wake import nudge
from actions.mail.drop_notices import drop_expired
from actions.mail.notify import copies_by_channel
from actions.reminders.hold_round import HeldRound, RoundLost, give_back_unfinished
from database.engine import Database
from database.insert_once import insert_all_once
from models.lifecycle import longest_ladder
from models.outbox import NudgeKind
from models.person import SYSTEM
from models.reminder import closing_of, digest_key, is_sending_day, opening_of
from models.tables import NOTICE, REMINDER
from queries.people.people_of_projects import People, heads, readers_of
from queries.reminders.awaited import concerned_projects
from queries.reminders.digests import (
    PROJECTS_AT_A_TIME,
    Digest,
    Writer,
    digests_of,
    lines_written,
    waiting_people,
)
from queries.reminders.plan import Line, lines_of, served_on

PEOPLE_AT_A_TIME = 300
"""A transaction each: other people's facts wait a few hundredths of a second for it, never for the whole round."""

T = TypeVar("T")


@dataclass(slots=True)
class Round:
    """What a round has written."""

    day: date
    lines: int = 0
    digests: int = 0


def is_open(now: datetime, day: date) -> bool:
    """May the digests of ``day`` leave at ``now``? From 8:00 to 18:00 in Paris."""
    return opening_of(day) <= now < closing_of(day)


def send_reminders(db: Database, *, day: date, now: datetime) -> Round | None:
    """Write the digests of ``day`` into the outbox; None when its round is over or under way. Commits, in parts.

    ``now`` is when they may leave and when they count as written; the caller sees to the hours (`is_open`).
    """
    held = HeldRound.take(db, day, now)
    if held is None:
        return None
    drop_expired(db, now=now)
    try:
        return _write_round(db, held, now)
    except RoundLost:
        return None  # this process slept so long that another has taken over


def _write_round(db: Database, held: HeldRound, now: datetime) -> Round:
    day = held.day
    done = Round(day)
    concerned, served = _begin(db, day)
    for projects in _cut(concerned, PROJECTS_AT_A_TIME):
        with db.write_statements() as connection:
            held.keep(connection, now)
            done.lines += _record_lines(connection, projects, served, day, now)
    for people in _cut(_people(db, day, now), PEOPLE_AT_A_TIME):
        with db.write() as session:
            held.keep(session.connection(), now)
            done.digests += _write_digests(session, people, day, now)
    with db.write_statements() as connection:
        held.end(connection, now)
    return done


def _begin(db: Database, day: date) -> tuple[list[int], set[int]]:
    """The projects to look at, and those whose digest was written before the round was taken over."""
    until = day + longest_ladder()  # reads what cannot be read once: before anything is locked
    with db.write_statements() as connection:
        give_back_unfinished(connection, day)
        return concerned_projects(connection, day, until), served_on(connection, day)


def _record_lines(
    connection: Connection, projects: Sequence[int], served: set[int], day: date, now: datetime
) -> int:
    """The lines of these projects, each with its place in their journals."""
    people = People(connection, heads(connection, projects), day, now)
    lines = [
        line
        for line in lines_of(connection, people, day, lambda person_id: day)
        if line.recipient_id not in served
    ]
    if lines:
        rows = [line.row for line in lines]
        insert_all_once(connection, REMINDER, rows, "subject", "recipient_id", "due_on", "rung")
        record_on_each(connection, "reminders.due", _by_project(lines, day), actor=SYSTEM, now=now)
    return len(lines)


def _by_project(lines: list[Line], day: date) -> dict[int, dict[str, Any]]:
    payloads: dict[int, dict[str, Any]] = {}
    for line in lines:
        payload = payloads.setdefault(line.project_id, {"on": day.isoformat(), "reminders": []})
        payload["reminders"].append([line.subject, line.rung, line.recipient_id])
    return payloads


def _people(db: Database, day: date, now: datetime) -> list[int]:
    """People with lines that day, news they wait for, or projects whose state they get; less those served."""
    with db.read() as session:
        connection = session.connection()
        reminded = connection.execute(
            sa.select(REMINDER.c.recipient_id).where(REMINDER.c.day == day).distinct()
        )
        concerned = set(reminded.scalars()) | waiting_people(connection, day)
        readers = readers_of(connection, sorted(concerned - served_on(connection, day)), now)
        return sorted(person_id for person_id, reader in readers.items() if is_sending_day(reader, day))


def _write_digests(session: Session, people: Sequence[int], day: date, now: datetime) -> int:
    connection = session.connection()
    readers = readers_of(connection, people, now)
    digests = digests_of(session, people, lines_written(session, people, day), readers, day)
    if not digests:
        return 0
    writer = Writer(session, digests, now)
    rows = [_row(digest, writer.payload(digest), now) for digest in digests]
    insert_all_once(connection, NOTICE, [*rows, *copies_by_channel(connection, rows)], "key")
    _carry_news(connection, digests)
    nudge(connection, NudgeKind.send_notices, None, now)
    return len(rows)


def _row(digest: Digest, payload: dict[str, Any], now: datetime) -> dict[str, Any]:
    projects = digest.projects
    return {
        "key": digest_key(digest.day, digest.recipient_id),
        "project_id": projects[0] if len(projects) == 1 else None,
        "recipient_id": digest.recipient_id,
        "channel_id": None,
        "message": digest.message,
        "payload": payload,
        "is_held": False,
        "created_at": now,
        "next_try_at": now,
        "attempts": 0,
        "expires_at": closing_of(digest.day),
    }


def _carry_news(connection: Connection, digests: list[Digest]) -> None:
    for digest in digests:
        if digest.news:
            key = digest_key(digest.day, digest.recipient_id)
            number = sa.select(NOTICE.c.id).where(NOTICE.c.key == key).scalar_subquery()
            news = [each.id for each in digest.news]
            connection.execute(sa.update(NOTICE).where(NOTICE.c.id.in_(news)).values(digest_id=number))


def _cut(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (things[start : start + size] for start in range(0, len(things), size))

"""Who would be mailed on a day, and what; nothing is written (docs/rules.md, « Reminders »)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field
from sqlmodel import Session, col, select

from database.engine import Database
from models.lifecycle import longest_ladder
from models.paris_time import PARIS, paris_day
from models.person import Person
from models.reminder import ReminderKind, is_sending_day, opening_of, sending_day
from models.shape import Instant, Shape
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
from queries.reminders.plan import Earliest, Line, digests_of_day, earliest_for, is_round_over, lines_of


class ReminderLine(Shape):
    """One thing that the mail reminds of."""

    about: str
    kind: ReminderKind
    rung: str = Field(description="L’échelon : « J-7 », « J », « J+14 »…", examples=["J-7"])
    due_on: date
    project: str
    subject: str = Field(description="Ce qu’il rappelle, par ses identifiants.", examples=["commitment-12"])
    is_copy: bool = Field(alias="copy", description="En copie : c’est à un autre de le faire.")


class PlannedMail(Shape):
    """One mail of that day."""

    to: str
    subject: str
    send_at: Instant
    items: list[ReminderLine]
    news: int = Field(description="Combien de nouvelles il porte.")
    states: list[str] = Field(description="Les projets dont il donne l’état de la semaine.")


@dataclass(frozen=True, slots=True)
class PlannedDigest:
    """One mail of that day: to whom, from when, and the values of its message."""

    name: str
    email: str
    send_at: datetime
    message: str
    payload: dict[str, Any]
    lines: tuple[Line, ...]

    def mail(self, subject: str) -> PlannedMail:
        """The mail as programs read it, under the ``subject`` it will have."""
        projects = self.payload["projects"]
        slugs = {item["subject"]: project["slug"] for project in projects for item in project["items"]}
        return PlannedMail(
            to=self.email,
            subject=subject,
            send_at=self.send_at,
            items=[
                ReminderLine(
                    about=line.text,
                    kind=line.kind,
                    rung=line.rung,
                    due_on=line.due_on,
                    project=slugs[line.subject],
                    subject=line.subject,
                    is_copy=line.is_copy,
                )
                for line in self.lines
            ],
            news=sum(len(project["news"]) for project in projects),
            states=[project["slug"] for project in projects if project["state"]],
        )


def preview_reminders(db: Database, *, day: date, now: datetime) -> list[PlannedDigest]:
    """The digests of ``day``, by address. Writes nothing.

    A day to come is foretold from the facts of now, as if nothing happened until then. What was written for a
    day is shown as it was; a day of the past without a round, as it would have been with what is awaited now.
    """
    with db.read() as session:
        written = _written(session, day)
        lines = _lines(session, day, now, set(written))
        digests = _digests_to_come(session, lines, set(written), day, now)
        digests += [
            Digest(one, day, lines.get(one, [])) for one, row in written.items() if not row.dropped_at
        ]
        readers = [digest.recipient_id for digest in digests]
        names = {each.id: each for each in session.exec(select(Person).where(col(Person.id).in_(readers)))}
        writer = Writer(session, digests, now)
        planned = [
            _planned(digest, names[digest.recipient_id], written.get(digest.recipient_id), writer)
            for digest in digests
        ]
    return sorted(planned, key=lambda each: each.email)


def _planned(digest: Digest, reader: Person, row: Any, writer: Writer) -> PlannedDigest:
    """What was written stands as it is; what it said is made again once it was forgotten, but for news and states."""
    return PlannedDigest(
        reader.name,
        reader.email,
        opening_of(digest.day).astimezone(PARIS),
        row.message if row else digest.message,
        row.payload if row and row.payload else writer.payload(digest),
        tuple(digest.lines),
    )


def _written(session: Session, day: date) -> dict[int, Any]:
    """The digests of that day that are in the outbox, or were, by person."""
    query = sa.select(NOTICE.c.recipient_id, NOTICE.c.message, NOTICE.c.payload, NOTICE.c.dropped_at)
    return {row.recipient_id: row for row in session.connection().execute(query.where(digests_of_day(day)))}


def _lines(session: Session, day: date, now: datetime, served: set[int]) -> dict[int, list[Line]]:
    """What was recorded for that day, completed with what is foretold for the people not served yet."""
    connection, today = session.connection(), paris_day(now)
    reminded = sa.select(REMINDER.c.recipient_id).where(REMINDER.c.day == day).distinct()
    lines = lines_written(session, list(connection.execute(reminded).scalars()), day)
    if is_round_over(session.connection(), day):
        return lines
    earliest: Earliest = earliest_for(connection, now) if day >= today else (lambda person_id: date.min)
    since = day if day < today else None
    projects = concerned_projects(connection, day, day + longest_ladder())
    seen = {line.key for recorded in lines.values() for line in recorded}
    at = max(now, opening_of(day))
    for start in range(0, len(projects), PROJECTS_AT_A_TIME):
        some = heads(connection, projects[start : start + PROJECTS_AT_A_TIME])
        people = People(connection, some, day, at)
        for line in lines_of(connection, people, day, earliest, since=since):
            if line.recipient_id not in served and line.key not in seen:
                seen.add(line.key)
                lines.setdefault(line.recipient_id, []).append(line)
    return lines


def _digests_to_come(
    session: Session, lines: dict[int, list[Line]], served: set[int], day: date, now: datetime
) -> list[Digest]:
    """The digests that are still to be written for that day; the news that wait are in the first of them only."""
    if is_round_over(session.connection(), day):
        return []
    connection = session.connection()
    readers = readers_of(connection, sorted((waiting_people(connection, day) | set(lines)) - served), now)
    people = sorted(one for one, reader in readers.items() if one in lines or is_sending_day(reader, day))
    digests = digests_of(session, people, lines, readers, day)
    earliest = earliest_for(connection, now)
    for digest in digests:
        first = earliest(digest.recipient_id)
        if day < first or sending_day(readers[digest.recipient_id], first) != day:
            digest.news = []
    return [digest for digest in digests if not digest.is_empty]

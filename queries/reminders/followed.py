"""All that is awaited in a project, with the last and the next reminder of each thing."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from database.bound import among
from models.awaited import Awaited
from models.paris_time import paris_day
from models.reminder import ReminderKind, first_day_after, rungs_from, sending_day
from models.shape import NotInJson, Shape
from models.stored_row import identity
from models.tables import REMINDER
from queries.ledger.find import find_project
from queries.people.people_of_projects import People
from queries.reminders.awaited import awaited_of


class FollowedShown(Shape):
    """A thing that is awaited in a project, when it was last reminded, and when it is next."""

    subject: str
    kind: ReminderKind
    about: str
    party: str | None
    due_on: date
    last_reminded_on: date | None
    next_reminder_on: date | None
    thing: NotInJson[Awaited]


def follow(session: Session, slug: str, now: datetime) -> list[FollowedShown]:
    """All that is awaited in a project, most urgent first, with its last and next reminders. Writes nothing."""
    project = find_project(session, slug)
    connection, today = session.connection(), paris_day(now)
    people = People.of(connection, [identity(project)], now)
    things = sorted(awaited_of(connection, people, today, None), key=lambda each: (each.due_on, each.subject))
    last = last_reminded(connection, [identity(project)], things)
    return [
        FollowedShown(
            subject=each.subject,
            kind=each.kind,
            about=each.text,
            party=each.party_code,
            due_on=each.due_on,
            last_reminded_on=last.get(each.subject),
            next_reminder_on=next_reminder(people, each, today),
            thing=each,
        )
        for each in things
    ]


_LAST_OF_LADDER = (
    sa.select(REMINDER.c.subject, sa.func.max(REMINDER.c.day))
    .where(among(REMINDER.c.project_id, "projects"))
    .group_by(REMINDER.c.subject)
)


def last_reminded(
    connection: Connection, project_ids: Collection[int], things: Iterable[Awaited]
) -> dict[str, date]:
    """The last day on which each of these things of these projects was reminded, by the ladder or by hand."""
    ladder = connection.execute(_LAST_OF_LADDER, {"projects": [*project_ids]})
    last: dict[str, date] = {row[0]: row[1] for row in ladder}
    for each in things:
        if each.reminded_at is not None:
            last[each.subject] = max(last.get(each.subject, date.min), paris_day(each.reminded_at))
    return last


def next_reminder(people: People, thing: Awaited, today: date) -> date | None:
    """The next day of the ladder for its first reader; None when they want none or nothing more comes."""
    if not thing.readers:
        return None
    reader = people.readers(thing.readers)[thing.readers[0]]
    rules = people.projects[thing.project_id].lifecycle.reminders
    notified_on = paris_day(thing.last_notified())
    for rung in rungs_from(rules, thing.due_on, max(notified_on, today), overdue=thing.overdue):
        if rung.on > notified_on and rung.on > today:
            quiet_until = first_day_after(thing.last_notified() + rules.quiet)
            return sending_day(reader, max(rung.on, quiet_until))
    return None

"""What is awaited in a project and of whom, with the reminders of each thing: what an agent reminds from."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session

from database.bound import among
from models.awaited import Awaited
from models.reminder import COOL_DOWN
from models.tables import PERSON
from queries.access.project_access import Header, ProjectAccess, access_to_project
from queries.access.standing import Standing
from queries.reminders.followed import FollowedShown, follow

_NAMES = sa.select(PERSON.c.id, PERSON.c.name).where(among(PERSON.c.id, "people"))


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """One thing awaited; ``readers`` are the people a reminder goes to. By hand it may be reminded again from
    ``again_at`` on (None: now)."""

    thing: Awaited
    readers: tuple[str, ...]
    last_reminded_on: date | None
    next_reminder_on: date | None
    again_at: datetime | None


@dataclass(frozen=True, slots=True)
class RemindersPage:
    """The most urgent first."""

    header: Header
    standing: Standing
    lines: tuple[ReminderLine, ...]


def read_reminders(session: Session, slug: str, person_id: int, now: datetime) -> RemindersPage:
    """The page, as this person may see it; raises ``NotVisible``. Writes nothing."""
    access = access_to_project(session, slug, person_id, now)
    followed = follow(session, slug, now)
    names = _names(session, {one for each in followed for one in each.thing.readers})
    return RemindersPage(
        access.header, access.standing, tuple(_line(access, each, names) for each in followed)
    )


def _names(session: Session, people: set[int]) -> dict[int, str]:
    rows = session.connection().execute(_NAMES, {"people": [*people]})
    return {row[0]: row[1] for row in rows}


def _line(access: ProjectAccess, each: FollowedShown, names: dict[int, str]) -> ReminderLine:
    reminded_at = each.thing.reminded_at
    again = reminded_at + COOL_DOWN if reminded_at else None
    return ReminderLine(
        each.thing,
        tuple(names[one] for one in each.thing.readers),
        each.last_reminded_on,
        each.next_reminder_on,
        again if again and again > access.now else None,
    )

"""What is awaited of one person, in all their projects: the page that every reminder leads to."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from actions.awaited import awaited_of
from actions.calendar_of import projects_of
from actions.people_of_projects import People, heads
from models.paris_time import paris_day
from models.reminder import ReminderKind


@dataclass(frozen=True, slots=True)
class Pending:
    """One thing to do; ``path`` is where. ``days_left`` is negative when it is late."""

    kind: ReminderKind
    text: str
    project_title: str
    project_slug: str
    due_on: date
    days_left: int
    path: str


def pending_of(session: Session, person_id: int, now: datetime) -> list[Pending]:
    """All that is awaited of a person, most urgent first. Writes nothing."""
    connection, today = session.connection(), paris_day(now)
    people = People(connection, heads(connection, projects_of(connection, person_id, today)), today)
    found = [
        Pending(
            each.kind,
            each.text,
            people.projects[each.project_id].title,
            people.projects[each.project_id].slug,
            each.due_on,
            (each.due_on - today).days,
            each.path,
        )
        for each in awaited_of(connection, people, today, None)
        if person_id in each.readers
    ]
    return sorted(found, key=lambda each: (each.due_on, each.project_title, each.text))

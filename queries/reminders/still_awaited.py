"""Is what a digest asks still awaited at the moment it leaves? A thing done since is never reminded."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from models.paris_time import paris_day
from models.reminder import ReminderKind
from models.shared_project import ONGOING
from models.tables import PROJECT
from queries.people.people_of_projects import People
from queries.reminders.awaited import awaited_of


def refresh(session: Session, payload: dict[str, Any], now: datetime) -> dict[str, Any] | None:
    """The digest without the lines that nobody awaits any more; None when nothing is left to say. Writes nothing.

    What was given another due date since is awaited by that day: the line that names the old one goes too.
    """
    connection = session.connection()
    ongoing = _ongoing(connection, [project["slug"] for project in payload["projects"]])
    awaited = _awaited(connection, ongoing, payload, now)
    projects = []
    for project in payload["projects"]:
        slug = project["slug"]
        kept = [each for each in project["items"] if (slug, each["subject"], each["due_on"]) in awaited]
        state = project["state"] if slug in ongoing else None
        if kept or project["news"] or state:
            projects.append(project | {"items": kept, "state": state})
    return payload | {"projects": projects} if projects else None


def _awaited(
    connection: Connection, ongoing: dict[str, int], payload: dict[str, Any], now: datetime
) -> set[tuple[str, str, str]]:
    """Project, subject and due date of what these projects await at ``now``, as far as the digest looks ahead."""
    items = [each for project in payload["projects"] for each in project["items"]]
    if not items:
        return set()
    last = max(date.fromisoformat(each["due_on"]) for each in items)
    kinds = {ReminderKind(each["kind"]) for each in items}
    people = People.of(connection, list(ongoing.values()), now)
    return {
        (people.projects[each.project_id].slug, each.subject, each.due_on.isoformat())
        for each in awaited_of(connection, people, paris_day(now), last, kinds=kinds)
        if each.starts_at is None or each.starts_at > now
    }


def _ongoing(connection: Connection, slugs: list[str]) -> dict[str, int]:
    """The ids of those of these projects that are ongoing, by slug."""
    query = sa.select(PROJECT.c.slug, PROJECT.c.id).where(
        PROJECT.c.slug.in_(slugs), PROJECT.c.status.in_(ONGOING)
    )
    return {row.slug: row.id for row in connection.execute(query)}

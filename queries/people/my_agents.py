"""Whom to write to: the agent of the ANCT in charge of each of somebody's projects."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from database.bound import among
from models.shared_project import ProjectStatus
from models.tables import PERSON, PROJECT
from queries.access.standing import standings

MOST = 10


@dataclass(frozen=True, slots=True)
class AgentOf:
    """The agent in charge of a project."""

    project_title: str
    project_path: str
    name: str
    email: str


def my_agents(session: Session, person_id: int, now: datetime) -> list[AgentOf]:
    """Of the newest ``MOST`` projects where the person stands and that are not cancelled. Writes nothing."""
    connection = session.connection()
    seen = list(standings(connection, person_id, now))
    query = (
        sa.select(PROJECT.c.title, PROJECT.c.slug, PERSON.c.name, PERSON.c.email)
        .join(PERSON, PERSON.c.id == PROJECT.c.agency_agent_id)
        .where(among(PROJECT.c.id, "projects"), PROJECT.c.status != ProjectStatus.cancelled)
        .order_by(PROJECT.c.id.desc())
        .limit(MOST)
    )
    return [
        AgentOf(title, f"/projets/{slug}", name, email)
        for title, slug, name, email in connection.execute(query, {"projects": seen})
    ]

"""« Mon compte » : who somebody is here, in which projects, how they are written to, and where they are signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from database.bound import among
from models.person import MailFrequency, Role
from models.shared_project import ProjectStatus
from models.tables import CHANNEL, PARTY, PERSON, PROJECT
from queries.access.sessions import OpenSession, sessions_of
from queries.access.standing import Standing, standings

PROJECTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class MyProject:
    """A project where the person stands; ``roles`` in the order of « Who acts », ``parties`` whom they act for."""

    title: str
    path: str
    status: ProjectStatus
    roles: tuple[Role, ...]
    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MyChannel:
    """Another way to reach the person; never its address."""

    label: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The page; ``projects`` the newest first, ``others`` how many more there are. ``links_version`` makes the
    secret addresses."""

    name: str
    email: str
    frequency: MailFrequency
    links_version: int
    known_since: datetime
    projects: tuple[MyProject, ...]
    others: int
    sessions: tuple[OpenSession, ...]
    channels: tuple[MyChannel, ...]


def read_account(session: Session, person_id: int, now: datetime, this_session: int = 0) -> AccountPage:
    """All of it, in a fixed number of queries. Writes nothing."""
    connection = session.connection()
    person = connection.execute(sa.select(PERSON).where(PERSON.c.id == person_id)).one()
    held = standings(connection, person_id, now)
    shown = sorted(held, reverse=True)[:PROJECTS_SHOWN]
    return AccountPage(
        person.name,
        person.email,
        person.mail_frequency,
        person.links_version,
        person.created_at,
        tuple(_projects(connection, {one: held[one] for one in shown})),
        len(held) - len(shown),
        tuple(sessions_of(connection, person_id, now, this_session)),
        tuple(_channels(connection, person_id)),
    )


def _projects(connection: Connection, held: Mapping[int, Standing]) -> list[MyProject]:
    theirs = {"projects": [*held]}
    cities = sa.select(PARTY.c.project_id, PARTY.c.code, PARTY.c.name).order_by(PARTY.c.id)
    cities = cities.where(among(PARTY.c.project_id, "projects"))
    names = {(project_id, code): name for project_id, code, name in connection.execute(cities, theirs)}
    query = sa.select(PROJECT).where(among(PROJECT.c.id, "projects")).order_by(PROJECT.c.id.desc())
    projects = []
    for row in connection.execute(query, theirs):
        stands = held[row.id]
        codes = stands.acts_for | stands.signs_for
        parties = [name for (one, code), name in names.items() if one == row.id and code in codes]
        roles = tuple(each for each in Role if each in stands.roles)
        projects.append(MyProject(row.title, f"/projets/{row.slug}", row.status, roles, tuple(parties)))
    return projects


def _channels(connection: Connection, person_id: int) -> list[MyChannel]:
    query = sa.select(CHANNEL.c.label, CHANNEL.c.added_at).where(
        CHANNEL.c.person_id == person_id, CHANNEL.c.removed_at.is_(None)
    )
    return [MyChannel(*row) for row in connection.execute(query.order_by(CHANNEL.c.id))]

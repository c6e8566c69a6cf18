"""Whom a proposal is told to: those who may confirm it, those whose authority it touches."""

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from database.bound import NOW, among
from models.person import Role, is_in_force
from models.proposal import Capacity
from models.tables import MANDATE, PROJECT
from queries.authority.keys import living_projects
from queries.people.role_holders import RoleHolders
from queries.signing.authority import office_holder

_IN_CHARGE = (
    sa.select(PROJECT.c.agency_agent_id)
    .where(among(PROJECT.c.id, "projects"), PROJECT.c.agency_agent_id.is_not(None))
    .order_by(PROJECT.c.id)
)
_AGENTS = (
    sa.select(MANDATE.c.person_id)
    .where(MANDATE.c.role == Role.agency_agent, is_in_force(NOW))
    .order_by(MANDATE.c.id)
)


def people_with(
    session: Session,
    capacities: Collection[Capacity],
    authority_code: str,
    project_id: int | None,
    now: datetime,
) -> list[int]:
    """Those who hold one of these capacities, for a project or (without one) for all those of the authority."""
    projects = [project_id] if project_id is not None else living_projects(session, authority_code)
    people: list[int] = []
    if Capacity.contact in capacities:
        people += contacts_in(session, authority_code, projects, now)
    if Capacity.observer in capacities:
        people += contacts_in(session, authority_code, projects, now, Role.observer)
    if Capacity.holder in capacities:
        holder = office_holder(session.connection(), authority_code, now)
        people += [holder] if holder is not None else []
    if Capacity.agent in capacities:
        people += agents_of(session, projects, now)
    return list(dict.fromkeys(people))


def contacts_in(
    session: Session,
    authority_code: str,
    projects: Iterable[int],
    now: datetime,
    role: Role = Role.local_contact,
) -> list[int]:
    """The local contacts of an authority in these projects; those who observe for it, if ``role`` says so."""
    holders = RoleHolders(session.connection(), [authority_code], now)
    return [person for each in projects for person in holders.of(role, authority_code, each)]


def agents_of(session: Session, projects: Iterable[int], now: datetime) -> list[int]:
    """The agents in charge of these projects; where nobody is in charge, every agent of the ANCT."""
    connection = session.connection()
    in_charge = list(connection.execute(_IN_CHARGE, {"projects": [*projects]}).scalars())
    return in_charge or list(connection.execute(_AGENTS, {"now": now}).scalars())

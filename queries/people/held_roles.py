"""The roles that people hold, one by one: those of a person, those of a project, and what each touches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from models.local_authority import find_authority
from models.mailbox import named_address
from models.paris_time import paris_day
from models.party import is_present
from models.person import ROLES_OF_A_PARTY, Actor, Role, has_not_ended, is_in_force, reaches
from models.person_name import is_same_name
from models.refusal import Refusal
from models.role_rules import Ender, HeldRole, UnknownRole, ending_refusal, remaining_refusal
from models.shared_project import ProjectStatus
from models.tables import DELEGATION, MANDATE, PARTY, PERSON, PROJECT
from queries.access.rights import has_role
from queries.people.role_holders import RoleHolders, contractors_by_project

NO_SUCH_ROLE = "Ce rôle n’existe pas, ou il a déjà pris fin : rechargez la page des participants."


@dataclass(frozen=True, slots=True)
class OrderOfOffice:
    """An order of delegation that ends with the office of who gave it."""

    reference: str
    delegate_id: int
    delegate: str

    def __str__(self) -> str:
        return f"{self.reference}, à {self.delegate}"


def held_role(session: Session, mandate_id: int, now: datetime) -> HeldRole:
    """The role of this number, unless it has ended. Raises ``UnknownRole``."""
    for role in _roles(session, now, MANDATE.c.id == mandate_id):
        return role
    raise UnknownRole(NO_SUCH_ROLE)


def roles_of_person(session: Session, person_id: int, now: datetime) -> list[HeldRole]:
    """The roles somebody holds, or is to hold, in the order in which they were given."""
    return _roles(session, now, MANDATE.c.person_id == person_id)


def roles_in_project(session: Session, project_id: int, now: datetime) -> list[HeldRole]:
    """The roles held in a project by the people of its parties, its contractor and its agents."""
    codes = sa.select(PARTY.c.code).where(PARTY.c.project_id == project_id, is_present())
    is_there = MANDATE.c.authority_code.in_(codes) | MANDATE.c.authority_code.is_(None)
    return _roles(session, now, reaches(project_id), is_there)


def find_role(
    session: Session,
    email: str,
    role: Role,
    now: datetime,
    *,
    authority_code: str | None = None,
    slug: str | None = None,
) -> HeldRole:
    """The one role that these words mean. Raises ``UnknownRole`` when there is none, or several."""
    name, address = named_address(email)
    conditions = [PERSON.c.email == address.lower(), MANDATE.c.role == role]
    if authority_code is not None:
        conditions.append(MANDATE.c.authority_code == authority_code)
    if slug is not None:
        project = sa.select(PROJECT.c.id).where(PROJECT.c.slug == slug)
        conditions.append(MANDATE.c.project_id.is_(None) | MANDATE.c.project_id.in_(project))
    roles = _roles(session, now, *conditions)
    roles = [each for each in roles if not name or is_same_name(each.person_name, name)]
    if len(roles) == 1:
        return roles[0]
    if not roles:
        raise UnknownRole(
            f"« {email} » n’a pas de rôle « {role.label} » en cours ici : vérifiez l’adresse et le rôle."
        )
    raise UnknownRole(
        f"« {email} » a {len(roles)} rôles « {role.label} » : dites lequel, par sa collectivité (« --party CODE ») ou "
        "son projet (« --project PROJET »)."
    )


def _roles(session: Session, now: datetime, *conditions: sa.ColumnElement[bool]) -> list[HeldRole]:
    query = (
        sa.select(
            MANDATE.c.id, PERSON.c.id, PERSON.c.name, PERSON.c.email, MANDATE.c.role, MANDATE.c.authority_code,
            MANDATE.c.project_id, MANDATE.c.quality, MANDATE.c.until,
        )
        .join(PERSON, PERSON.c.id == MANDATE.c.person_id)
        .where(has_not_ended(now), *conditions)
        .order_by(MANDATE.c.id)
    )  # fmt: skip
    return [_held(row) for row in session.connection().execute(query)]


def _held(row: sa.Row[*tuple[Any, ...]]) -> HeldRole:
    number, person_id, name, email, role, code, project_id, quality, until = row
    authority = find_authority(code).name if code else None
    return HeldRole(number, person_id, name, email, Role(role), code, authority, project_id, quality, until)


def projects_touched(session: Session, held: HeldRole) -> list[int]:
    """The projects that change when the role ends: its own, or those of its local authority that are not cancelled.

    None for an agent of the ANCT in every project: the register alone keeps it.
    """
    if held.project_id is not None:
        return [held.project_id]
    query = (
        sa.select(PARTY.c.project_id)
        .join(PROJECT, PROJECT.c.id == PARTY.c.project_id)
        .where(PARTY.c.code == held.authority_code, is_present(), PROJECT.c.status != ProjectStatus.cancelled)
        .order_by(PARTY.c.project_id)
    )
    return list(session.connection().execute(query).scalars())


def ender_of(session: Session, actor: Actor, held: HeldRole, now: datetime) -> Ender:
    """What the actor is to the role: see ``Ender``."""
    everywhere: Iterable[int | None] = projects_touched(session, held) or [None]
    is_agent = all(
        has_role(session, actor.person_id, Role.agency_agent, now, project_id=project_id)
        for project_id in everywhere
    )
    is_of_authority = held.authority_code is not None and any(
        has_role(
            session,
            actor.person_id,
            role,
            now,
            project_id=held.project_id,
            authority_code=held.authority_code,
        )
        for role in (Role.local_contact, Role.signatory)
    )
    return Ender(actor.person_id == held.person_id, is_agent, is_of_authority)


def leaves_nobody(session: Session, held: HeldRole, at: datetime) -> bool:
    """Will some project have nobody in this role at an instant, that of the role's end? Asked once it is written."""
    connection, touched = session.connection(), projects_touched(session, held)
    if held.role is Role.contractor:
        contacts = contractors_by_project(connection, touched, at)
        return not all(contacts.get(each) for each in touched)
    if held.authority_code is None:
        return False
    holders = RoleHolders(connection, [held.authority_code], at)
    return not all(holders.of(held.role, held.authority_code, each) for each in touched)


def orders_of_office(session: Session, held: HeldRole, until: datetime) -> list[OrderOfOffice]:
    """The delegations that the holder of an office gave, and that would have lasted longer than it; else none."""
    if held.role is not Role.signatory:
        return []
    query = (
        sa.select(DELEGATION.c.order_reference, DELEGATION.c.delegate_id, PERSON.c.name)
        .join(PERSON, PERSON.c.id == DELEGATION.c.delegate_id)
        .where(
            DELEGATION.c.delegator_id == held.person_id,
            DELEGATION.c.authority_code == held.authority_code,
            DELEGATION.c.revoked_at.is_(None),
            DELEGATION.c.valid_until >= paris_day(until),
        )
        .order_by(DELEGATION.c.id)
    )
    return [OrderOfOffice(*row) for row in session.connection().execute(query)]


def watchers_of(session: Session, held: HeldRole, touched: Sequence[int], now: datetime) -> list[int]:
    """Who is told that this role ends: the contacts and the office holder of its local authority, the contacts of the
    contractor, the agents in charge of the projects it touches; of an agent, the other agents."""
    connection = session.connection()
    in_charge = sa.select(PROJECT.c.agency_agent_id).where(
        PROJECT.c.id.in_(touched), PROJECT.c.agency_agent_id.is_not(None)
    )
    people = list(connection.execute(in_charge.order_by(PROJECT.c.id)).scalars())
    if held.role is Role.agency_agent:
        agents = sa.select(MANDATE.c.person_id).where(
            MANDATE.c.role == Role.agency_agent, is_in_force(now), reaches(held.project_id)
        )
        people += connection.execute(agents.order_by(MANDATE.c.id)).scalars()
    if held.role is Role.contractor:
        contacts = contractors_by_project(connection, touched, now)
        people += [one for each in touched for one in contacts.get(each, ())]
    if held.authority_code is not None:
        holders = RoleHolders(connection, [held.authority_code], now)
        people += [
            one
            for each in touched
            for role in ROLES_OF_A_PARTY
            for one in holders.of(role, held.authority_code, each)
        ]
    return list(dict.fromkeys(people))


def agents_who_stay(session: Session, held: HeldRole, now: datetime) -> int:
    """How many other agents of the ANCT remain where this role is held, their own end not planned."""
    query = (
        sa.select(sa.func.count(sa.distinct(MANDATE.c.person_id)))
        .where(MANDATE.c.role == Role.agency_agent, MANDATE.c.person_id != held.person_id)
        .where(MANDATE.c.since <= now, MANDATE.c.until.is_(None), reaches(held.project_id))
    )
    return session.connection().execute(query).scalar_one()


def conducted_by(session: Session, held: HeldRole) -> list[str]:
    """The titles of the projects that are not cancelled, in the charge of this agent, where the role is held."""
    query = sa.select(PROJECT.c.title).where(
        PROJECT.c.agency_agent_id == held.person_id, PROJECT.c.status != ProjectStatus.cancelled
    )
    if held.project_id is not None:
        query = query.where(PROJECT.c.id == held.project_id)
    return list(session.connection().execute(query.order_by(PROJECT.c.id)).scalars())


def refusal_to_end(session: Session, actor: Actor, held: HeldRole, now: datetime) -> Refusal | None:
    """Why the actor may not end this role now, whatever the day: what ``end_role`` raises, and the pages ask."""
    return ending_refusal(actor, held, ender_of(session, actor, held, now)) or remaining_refusal(
        held, others=agents_who_stay(session, held, now), conducts=conducted_by(session, held)
    )


def is_to_leave(session: Session, person_id: int, project_id: int | None, now: datetime) -> bool:
    """Is every role of agent that somebody holds in a project, or in all, to end?"""
    lasting = sa.select(MANDATE.c.id).where(
        MANDATE.c.person_id == person_id,
        MANDATE.c.role == Role.agency_agent,
        MANDATE.c.since <= now,
        MANDATE.c.until.is_(None),
        reaches(project_id),
    )
    return session.connection().execute(lasting.limit(1)).first() is None

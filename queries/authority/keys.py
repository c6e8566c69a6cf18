"""In what quality somebody may turn a key, for a local authority or in one of its projects."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from database.bound import NOW, among
from models.local_authority import siren_of
from models.party import is_present
from models.person import Actor, AuthMethod, Person, Role, is_in_force, is_in_office
from models.proposal import Capacity, Proposal, ProposalKind
from models.proposal_rules import KeyHolder, confirmation_refusal, still_speaks
from models.refusal import Refusal
from models.shared_project import ProjectStatus
from models.tables import MANDATE, PARTY, PROJECT
from queries.access.new_contacts import key_from

_LIVING_PROJECTS = (
    sa.select(PARTY.c.project_id)
    .join(PROJECT, PROJECT.c.id == PARTY.c.project_id)
    .where(
        PARTY.c.code == sa.bindparam("authority"), is_present(), PROJECT.c.status != ProjectStatus.cancelled
    )
    .order_by(PARTY.c.project_id)
)
_IS_THEIRS = MANDATE.c.person_id == sa.bindparam("person")
_ROLES = sa.select(MANDATE.c.role, MANDATE.c.authority_code).where(
    _IS_THEIRS,
    MANDATE.c.role.in_((Role.agency_agent, Role.local_contact, Role.observer)),
    MANDATE.c.project_id.is_(None) | among(MANDATE.c.project_id, "projects"),
    is_in_force(NOW),
)
_OFFICE = sa.select(MANDATE.c.id).where(_IS_THEIRS, is_in_office(sa.bindparam("authority"), NOW)).limit(1)


def living_projects(session: Session, authority_code: str) -> list[int]:
    """The projects, not cancelled, of which the local authority is a party, in the order of their numbers."""
    return list(session.connection().execute(_LIVING_PROJECTS, {"authority": authority_code}).scalars())


def key_holder(
    session: Session,
    actor: Actor,
    authority_code: str,
    project_id: int | None,
    now: datetime,
    *,
    named: int | None = None,
) -> KeyHolder:
    """The actor with what they may turn a key as: in the project, or (without one) in any that lives.

    An agent of the ANCT counts as one only, whatever else they hold: nobody has the keys of both sides. ``named`` is
    who would get the power.
    """
    projects = [project_id] if project_id is not None else living_projects(session, authority_code)
    roles = _roles(session, actor.person_id, authority_code, projects, now)
    email = session.get_one(Person, actor.person_id).email
    if Capacity.agent in roles:
        return KeyHolder(actor, email, frozenset({Capacity.agent}))
    later = None
    if Capacity.contact in roles:
        later = key_from(session.connection(), actor.person_id, authority_code, now)
    if later is not None:
        roles.discard(Capacity.contact)
    if _holds_office(session, actor.person_id, authority_code, now):
        roles.add(Capacity.holder)
    if actor.person_id == named and _comes_from(actor, authority_code):
        roles.add(Capacity.named)
    return KeyHolder(actor, email, frozenset(roles), later)


def key_holder_of(session: Session, actor: Actor, proposal: Proposal, now: datetime) -> KeyHolder:
    """As ``key_holder``, before this proposal; whom it names as the contact of a city that comes in is one for it."""
    who = key_holder(
        session, actor, proposal.authority_code, proposal.project_id, now, named=proposal.subject_id
    )
    if actor.person_id != proposal.named_contact or Capacity.agent in who.capacities:
        return who
    return KeyHolder(actor, who.email, who.capacities | {Capacity.contact})


def refusal_to_confirm(session: Session, proposal: Proposal, who: KeyHolder, now: datetime) -> Refusal | None:
    """Why they may not confirm it now, with what its proposer is today; asked by the page and by the act."""
    subject = session.get(Person, proposal.subject_id) if proposal.subject_id is not None else None
    gains = proposal.moved_to or (subject.email if subject else None)
    return confirmation_refusal(proposal, who, _proposer(session, proposal, now), gains, now)


def proposer_speaks(session: Session, proposal: Proposal, now: datetime) -> bool:
    """Does whoever proposed it still speak for its side? The operator always does."""
    proposer = _proposer(session, proposal, now)
    return proposer is None or still_speaks(proposal, proposer)


def _proposer(session: Session, proposal: Proposal, now: datetime) -> KeyHolder | None:
    """Who proposed it, with what they may propose it as now; a mayor who has left still names who comes after them."""
    if proposal.proposed_by is None:
        return None
    person = session.get_one(Person, proposal.proposed_by)
    actor = Actor(proposal.proposed_by, person.name, proposal.proposed_with)
    who = key_holder(session, actor, proposal.authority_code, proposal.project_id, now)
    leaves = proposal.kind is ProposalKind.office
    if leaves and _holds_office(session, actor.person_id, proposal.authority_code, proposal.proposed_at):
        return replace(who, capacities=who.capacities | {Capacity.holder})
    return who


def _roles(
    session: Session, person_id: int, authority_code: str, projects: list[int], now: datetime
) -> set[Capacity]:
    values = {"person": person_id, "projects": projects, "now": now}
    roles = set()
    for role, code in session.connection().execute(_ROLES, values):
        if role is Role.agency_agent:
            roles.add(Capacity.agent)
        elif code == authority_code and projects:
            roles.add(Capacity.observer if role is Role.observer else Capacity.contact)
    return roles


def _holds_office(session: Session, person_id: int, authority_code: str, now: datetime) -> bool:
    values = {"person": person_id, "authority": authority_code, "now": now}
    return session.connection().execute(_OFFICE, values).first() is not None


def _comes_from(actor: Actor, authority_code: str) -> bool:
    """Does ProConnect say that they came for the organisation of this local authority?"""
    siren = siren_of(authority_code)
    is_known = actor.auth_method is AuthMethod.proconnect and siren is not None
    return is_known and actor.organisation_siren == siren

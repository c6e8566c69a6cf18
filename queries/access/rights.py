"""Who may do what: each question names the role that docs/rules.md gives it to."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, select

from database.bound import NOW
from models.party import Party
from models.person import Actor, Mandate, NotAllowed, Role, is_held_in, is_in_force
from models.proposal import PROPOSED_BY, Capacity, ProposalKind
from models.proposal_rules import NewContact
from models.refusal import Refusal
from models.shared_project import SharedProject
from models.sign_off_rules import recording_refusal
from queries.access.new_contacts import key_from

_HELD = select(Mandate.project_id, Mandate.authority_code).where(
    Mandate.person_id == sa.bindparam("person"), Mandate.role == sa.bindparam("role"), is_in_force(NOW)
)


def has_role(
    session: Session,
    person_id: int,
    role: Role,
    now: datetime,
    *,
    project_id: int | None = None,
    authority_code: str | None = None,
    any_project: bool = False,
) -> bool:
    """Does the person hold ``role`` at ``now``, for this project, and for this local authority if one is named?

    ``any_project`` asks about the role itself, in whichever project it is held.
    """
    held = session.exec(_HELD, params={"person": person_id, "role": role, "now": now}).all()
    return any(
        (any_project or is_held_in(held_in, project_id)) and authority_code in (None, code)
        for held_in, code in held
    )


def require_agency_agent(
    session: Session, actor: Actor, now: datetime, act: str, project: SharedProject | None = None
) -> None:
    """Raises ``NotAllowed`` unless the actor is an agent of the ANCT."""
    project_id = project.id if project else None
    if not has_role(session, actor.person_id, Role.agency_agent, now, project_id=project_id):
        raise NotAllowed(actor, act, "un agent de l’ANCT")


def acts_for_party(session: Session, actor: Actor, party: Party, now: datetime) -> bool:
    """Is the actor the local contact or the signatory of this party?"""
    return any(
        has_role(session, actor.person_id, role, now, project_id=party.project_id, authority_code=party.code)
        for role in (Role.local_contact, Role.signatory)
    )


def require_acting_for(session: Session, actor: Actor, party: Party, now: datetime, act: str) -> None:
    """Raises ``NotAllowed`` unless the actor acts for this party."""
    if not acts_for_party(session, actor, party, now):
        raise NotAllowed(actor, act, f"l’interlocuteur privilégié ou le signataire de {party.name}")


def refusal_to_record(
    session: Session, actor: Actor, kind: ProposalKind, party: Party, now: datetime
) -> Refusal | None:
    """Why the actor may not propose what this party decided, as ``recording_refusal`` says it (rule 7)."""
    is_agent = has_role(session, actor.person_id, Role.agency_agent, now, project_id=party.project_id)
    refusal = recording_refusal(
        actor,
        kind,
        party.code,
        party.name,
        acts_for_party=acts_for_party(session, actor, party, now)
        or _observes_for(session, actor, kind, party, now),
        is_agent=is_agent,
    )
    return refusal or (None if is_agent else _new_contact(session, actor, party, now))


def _observes_for(session: Session, actor: Actor, kind: ProposalKind, party: Party, now: datetime) -> bool:
    """An observer's person speaks for it where it leaves: it has nobody else."""
    if Capacity.observer not in PROPOSED_BY[kind]:
        return False
    return has_role(
        session, actor.person_id, Role.observer, now, project_id=party.project_id, authority_code=party.code
    )


def _new_contact(session: Session, actor: Actor, party: Party, now: datetime) -> NewContact | None:
    if has_role(session, actor.person_id, Role.signatory, now, authority_code=party.code, any_project=True):
        return None
    later = key_from(session.connection(), actor.person_id, party.code, now)
    return NewContact(actor, later) if later is not None else None


def submitter_role(
    session: Session,
    person_id: int,
    roles: Iterable[str],
    now: datetime,
    *,
    project_id: int | None,
    owner_code: str | None,
) -> Role | None:
    """The first of these roles (lifecycle data) in which the person may submit a deliverable; None without any.

    A contact submits what is their own party's, or shared (``owner_code`` empty).
    """
    for role in roles:
        code = owner_code if role == Role.local_contact else None
        if has_role(session, person_id, Role(role), now, project_id=project_id, authority_code=code):
            return Role(role)
    return None

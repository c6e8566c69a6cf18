"""Erase a person whom no project needs any longer (GDPR, article 17): all but what proves a decision."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.ledger.journal import lock_register, record
from actions.people.forget_words import NOBODY, forget_words
from database.engine import Database
from models.address_change import AddressChange
from models.agency_signature import AgencySignature
from models.api_token import ApiToken
from models.channel import Channel
from models.columns import UtcDateTime
from models.contractor import Contractor
from models.notice import is_pending
from models.party import PartyDeparture
from models.person import Actor, MailFrequency, Mandate, NotAllowed, Person, Role, has_not_ended
from models.proposal import Proposal, ProposalState, is_open
from models.recorded_act import RecordedAct
from models.refusal import Refusal
from models.shared_project import ProjectStatus, SharedProject
from models.sign_off import SignOff
from models.signature_delegation import SignatureDelegation
from models.stored_row import identity
from models.tables import NOTICE, PROJECT
from models.web_session import SignInLink, WebSession
from queries.access.rights import has_role
from queries.access.standing import standings
from queries.ledger.find import find_person

ACTS: tuple[Any, ...] = (
    SignOff.signed_by,
    SignOff.recorded_by,
    AgencySignature.signed_by,
    RecordedAct.recorded_by,
    RecordedAct.confirmed_by,
    Proposal.proposed_by,
    Proposal.decided_by,
    SignatureDelegation.delegator_id,
    SignatureDelegation.delegate_id,
    PartyDeparture.recorded_by,
)
"""The columns that keep a name: an act proves a public decision (GDPR, article 17, paragraph 3)."""


class StillNeeded(Refusal):
    """The person holds a role in a project that is not cancelled, or conducts it."""

    def __init__(self, person: Person, titles: list[str]) -> None:
        super().__init__(
            f"{person.name} a encore un rôle dans : {', '.join(titles)}. Mettez d’abord fin à ses rôles, depuis la "
            "page des participants ou avec « projet-partage role end », puis effacez ses données."
        )


def erase_person(db: Database, actor: Actor, email: str, *, now: datetime) -> bool:
    """Erase the address, and all that only served to write to the person or to let them in. Commits.

    Returns whether the name stays, because they signed or recorded an act. The register keeps the fact.

    What they said or submitted stays in the project, under the name that is left. Their personal links, sessions,
    tokens and channels no longer open anything. Their name leaves the commitments that bore it and, unless it stays,
    the mails that others were sent. Raises ``NotAllowed``, ``UnknownPerson``, ``StillNeeded``.
    """
    with db.write() as session:
        lock_register(session)
        if not has_role(session, actor.person_id, Role.agency_agent, now, any_project=True):
            raise NotAllowed(actor, "effacer les données d’une personne", "un agent de l’ANCT")
        person = find_person(session, email)
        _require_unneeded(session, person, now)
        keeps_name = _has_acted(session, identity(person))
        _close_what_opens(session, identity(person), now)
        _empty_mails(session, identity(person), now)
        forget_words(session, person, keeps_name=keeps_name)
        person.email = f"effacee-{person.id}@invalid"
        person.name = person.name if keeps_name else NOBODY
        person.mail_frequency, person.links_version = MailFrequency.never, person.links_version + 1
        session.flush()
        record(session, "person.erased", project_id=None, actor=actor, now=now, person=person.id)
        return keeps_name


def _require_unneeded(session: Session, person: Person, now: datetime) -> None:
    """Of a project that is over, nobody awaits anything: its contractor and its agent may be forgotten."""
    connection, stands = session.connection(), standings(session.connection(), identity(person), now)
    is_not_cancelled = PROJECT.c.status != ProjectStatus.cancelled
    is_theirs = PROJECT.c.id.in_(list(stands)) | (PROJECT.c.agency_agent_id == person.id)
    titles = list(
        connection.execute(
            sa.select(PROJECT.c.title).where(is_theirs, is_not_cancelled).order_by(PROJECT.c.id)
        ).scalars()
    )
    if titles:
        raise StillNeeded(person, titles)


def _has_acted(session: Session, person_id: int) -> bool:
    return any(session.exec(select(column).where(column == person_id).limit(1)).first() for column in ACTS)


def _close_what_opens(session: Session, person_id: int, now: datetime) -> None:
    connection = session.connection()
    for table in (WebSession, SignInLink, ApiToken, AddressChange):
        connection.execute(sa.delete(table).where(col(table.person_id) == person_id))
    theirs = sa.update(Proposal).where(col(Proposal.subject_id) == person_id, is_open(now))
    connection.execute(theirs.values(state=ProposalState.dropped, decided_at=now))
    ended = sa.case((has_not_ended(now), sa.literal(now, UtcDateTime)), else_=Mandate.until)
    changes: tuple[tuple[Any, Any, dict[str, Any]], ...] = (
        (Channel, Channel.person_id, {"address": "", "removed_at": now}),
        (Mandate, Mandate.person_id, {"until": ended}),
        (Contractor, Contractor.contact_id, {"contact_id": None}),
        (SharedProject, SharedProject.agency_agent_id, {"agency_agent_id": None}),
    )
    for model, column, values in changes:
        connection.execute(sa.update(model).where(column == person_id).values(values))


def _empty_mails(session: Session, person_id: int, now: datetime) -> None:
    """What was to leave does not; what left says no more than that it did."""
    theirs = NOTICE.c.recipient_id == person_id
    connection = session.connection()
    connection.execute(
        sa.update(NOTICE)
        .where(theirs, is_pending())
        .values(dropped_at=now, is_held=False, claimed_until=None)
    )
    connection.execute(sa.update(NOTICE).where(theirs).values(payload={}, last_error=None))

"""Who may sign for which city, on what evidence, and what is proposed and waits for whom."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.evidence import Evidence
from models.local_authority import find_authority
from models.paris_time import paris_day
from models.person import Person, Role, has_not_ended
from models.proposal import Proposal, ProposalKind, ProposalState, is_open, waits_for
from models.proposal_shapes import AuthorityLine, AuthorityStatus
from models.signature_delegation import is_valid
from models.tables import DELEGATION, MANDATE, PERSON, PROPOSAL


def list_authorities(session: Session, now: datetime, party: str | None = None) -> list[AuthorityLine]:
    """The offices, the delegations and the open proposals; of one city, or of all. Writes nothing.

    Raises ``UnknownAuthority`` when there is nothing of a city because there is no such city.
    """
    lines = [*_offices(session, now), *_delegations(session, now), *_proposals(session, now)]
    asked = [each for each in lines if party in (None, each.party)]
    if party is not None and not asked:
        find_authority(party)
    return asked


def _offices(session: Session, now: datetime) -> Iterator[AuthorityLine]:
    query = (
        sa.select(MANDATE, PERSON.c.email)
        .join(PERSON, PERSON.c.id == MANDATE.c.person_id)
        .where(
            MANDATE.c.role == Role.signatory,
            has_not_ended(now),
            MANDATE.c.until.is_(None) | (MANDATE.c.until > MANDATE.c.since),
        )
        .order_by(MANDATE.c.authority_code, MANDATE.c.since)
    )
    given = _given_by(session, ProposalKind.office)
    for row in session.connection().execute(query):
        yield AuthorityLine(
            id=given.get(row.id),
            kind=ProposalKind.office,
            party=row.authority_code,
            person=row.email,
            status=AuthorityStatus.in_force if row.since <= now else AuthorityStatus.planned,
            evidence=row.evidence,
            waits_for=None,
            what=row.quality or Role.signatory.label,
            since=paris_day(row.since),
            until=paris_day(row.until) if row.until else None,
            number=None,
        )


def _delegations(session: Session, now: datetime) -> Iterator[AuthorityLine]:
    today = paris_day(now)
    query = (
        sa.select(DELEGATION, PERSON.c.email)
        .join(PERSON, PERSON.c.id == DELEGATION.c.delegate_id)
        .where(is_valid(now), DELEGATION.c.valid_until >= today)
        .order_by(DELEGATION.c.authority_code, DELEGATION.c.id)
    )
    given = _given_by(session, ProposalKind.delegation)
    for row in session.connection().execute(query):
        yield AuthorityLine(
            id=given.get(row.id),
            kind=ProposalKind.delegation,
            party=row.authority_code,
            person=row.email,
            status=AuthorityStatus.in_force if row.valid_from <= today else AuthorityStatus.planned,
            evidence=row.evidence,
            waits_for=None,
            what=f"{row.order_reference} : {row.scope}",
            since=row.valid_from,
            until=row.valid_until,
            number=row.id,
        )


def _proposals(session: Session, now: datetime) -> Iterator[AuthorityLine]:
    query = select(Proposal).where(is_open(now)).order_by(col(Proposal.authority_code), col(Proposal.id))
    for proposal in session.exec(query):
        person = session.get(Person, proposal.subject_id) if proposal.subject_id else None
        yield AuthorityLine(
            id=proposal.id,
            kind=proposal.kind,
            party=proposal.authority_code,
            person=person.email if person else None,
            status=AuthorityStatus.proposed,
            evidence=Evidence.declared,
            waits_for=waits_for(proposal.confirmers),
            what=proposal.what,
            since=paris_day(proposal.proposed_at),
            until=paris_day(proposal.expires_at),
            number=None,
        )


def _given_by(session: Session, kind: ProposalKind) -> dict[int, int]:
    """The number of the proposal that gave each row."""
    query = sa.select(PROPOSAL.c.result_id, PROPOSAL.c.id).where(
        PROPOSAL.c.kind == kind, PROPOSAL.c.state == ProposalState.confirmed
    )
    rows: list[Any] = list(session.connection().execute(query.order_by(PROPOSAL.c.id)))
    return {result: number for result, number in rows if result is not None}

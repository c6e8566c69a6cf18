"""Who takes part in a project: the parties and their people, the contractor, the delegations of signature."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from models.evidence import Evidence
from models.party import PartyRole, is_present
from models.person import Actor
from models.project_shapes import PartyShown, PersonName
from models.proposal import ProposalKind, ProposalState
from models.refusal import Refusal
from models.shared_project import refusal_unless_before_follow_up
from models.sign_off_rules import recording_refusal
from models.signature_delegation import delegation_scopes, is_valid
from models.tables import DELEGATION, DEPARTURE, PARTY, PERSON, PROPOSAL
from queries.access.project_access import Header, ProjectAccess, access_to_project
from queries.access.standing import Standing
from queries.projects.parties import load_agent, load_parties_with_people
from queries.projects.project import ContractShown, contract_shown
from queries.signing.charter import approvals_of, closed_charter


@dataclass(frozen=True, slots=True)
class DelegationShown:
    """An order that runs, or will: on ``scope`` in words. ``may_revoke``: the reader acts for the city.

    ``order_path`` is the order's file, for the city's people and the agents.
    """

    id: int
    party_code: str
    party_name: str
    delegate: str
    order_reference: str
    scope: str
    to_elected: bool
    valid_from: date
    valid_until: date
    may_revoke: bool
    evidence: Evidence
    order_path: str | None


@dataclass(frozen=True, slots=True)
class DepartureShown:
    """A decision by which a city left, read at ``path``; ``is_back``: it is in the project again."""

    party_code: str
    party_name: str
    left_at: datetime
    reason: str
    is_back: bool
    file_name: str
    path: str


@dataclass(frozen=True, slots=True)
class ParticipantsPage:
    """Everybody, and the ``departures``, the oldest first.

    ``to_adhere``: codes of the signatories that have yet to sign the charter, closed since.
    """

    header: Header
    standing: Standing
    agent: PersonName | None
    parties: tuple[PartyShown, ...]
    departures: tuple[DepartureShown, ...]
    to_adhere: frozenset[str]
    is_charter_closed: bool
    contractor: ContractShown | None
    delegations: tuple[DelegationShown, ...]

    def departure_refusal(self, party: PartyShown, actor: Actor) -> Refusal | None:
        """What ``propose_departure`` would answer to the person as signed in, for this party."""
        return refusal_unless_before_follow_up(self.header) or recording_refusal(
            actor,
            ProposalKind.departure,
            party.code,
            party.name,
            acts_for_party=party.code in self.standing.acts_for | self.standing.observes_for,
            is_agent=self.standing.is_agent,
        )


def read_participants(session: Session, slug: str, person_id: int, now: datetime) -> ParticipantsPage:
    """The page, as this person may see it; raises ``NotVisible``. Writes nothing."""
    access = access_to_project(session, slug, person_id, now)
    connection = session.connection()
    parties = load_parties_with_people(connection, access)
    charter = closed_charter(connection, access.project_id)
    return ParticipantsPage(
        access.header,
        access.standing,
        load_agent(connection, access),
        tuple(each for each in parties if each.left_at is None),
        tuple(_departures(session, access)),
        _to_adhere(connection, parties, charter),
        charter is not None,
        contract_shown(session, access),
        tuple(_delegations(session, access)),
    )


def _departures(session: Session, access: ProjectAccess) -> Iterator[DepartureShown]:
    query = (
        sa.select(DEPARTURE, PARTY.c.code, PARTY.c.name, PARTY.c.left_at)
        .join(PARTY, PARTY.c.id == DEPARTURE.c.party_id)
        .where(PARTY.c.project_id == access.project_id)
        .order_by(DEPARTURE.c.id)
    )
    for row in session.connection().execute(query):
        path = f"{access.header.path}/participants/departs/{row.id}/document"
        is_back = row.left_at is None or row.left_at > row.recorded_at
        yield DepartureShown(row.code, row.name, row.recorded_at, row.reason, is_back, row.file_name, path)


def _to_adhere(connection: Connection, parties: list[PartyShown], charter_id: int | None) -> frozenset[str]:
    if charter_id is None:
        return frozenset()
    signed = approvals_of(connection, charter_id)
    present = (each for each in parties if each.left_at is None and each.role is PartyRole.signatory)
    return frozenset(each.code for each in present if each.code not in signed)


_GAVE_IT = (
    (PROPOSAL.c.kind == ProposalKind.delegation)
    & (PROPOSAL.c.result_id == DELEGATION.c.id)
    & (PROPOSAL.c.state == ProposalState.confirmed)
    & PROPOSAL.c.file_sha256.is_not(None)
)
"""The proposal that holds the order's file of a delegation."""


def _delegations(session: Session, access: ProjectAccess) -> Iterator[DelegationShown]:
    query = (
        sa.select(
            DELEGATION,
            PARTY.c.name.label("party_name"),
            PERSON.c.name.label("delegate"),
            PROPOSAL.c.id.label("proposal"),
        )
        .join(PARTY, PARTY.c.code == DELEGATION.c.authority_code)
        .join(PERSON, PERSON.c.id == DELEGATION.c.delegate_id)
        .outerjoin(PROPOSAL, _GAVE_IT)
        .where(
            PARTY.c.project_id == access.project_id,
            is_present(),
            is_valid(access.now),
            DELEGATION.c.valid_until >= access.today,
        )
        .order_by(PARTY.c.id, DELEGATION.c.id)
    )
    labels = delegation_scopes(access.lifecycle)
    for row in session.connection().execute(query):
        yield _delegation(row, labels, access.standing)


def _delegation(row: Any, labels: Mapping[str, str], standing: Standing) -> DelegationShown:
    words = [labels.get(word.strip(), word.strip()) for word in row.scope.split(",")]
    is_ours = row.authority_code in standing.acts_for
    reads = row.proposal is not None and (is_ours or standing.is_agent)
    return DelegationShown(
        row.id, row.authority_code, row.party_name, row.delegate, row.order_reference, ", ".join(words),
        row.to_elected, row.valid_from, row.valid_until, is_ours, row.evidence,
        f"/confirmations/{row.proposal}/document" if reads else None,
    )  # fmt: skip

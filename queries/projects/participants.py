"""Who takes part in a project: the parties and their people, the contractor, the delegations of signature."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from models.party import is_present
from models.person import Actor
from models.project_shapes import PartyShown, PersonName
from models.proposal import ProposalKind
from models.refusal import Refusal
from models.shared_project import refusal_unless_before_follow_up
from models.sign_off_rules import recording_refusal
from models.signature_delegation import delegation_scopes, is_valid
from models.tables import DELEGATION, DEPARTURE, PARTY, PERSON
from queries.access.project_access import Header, ProjectAccess, access_to_project
from queries.access.standing import Standing
from queries.projects.parties import load_agent, load_parties_with_people
from queries.projects.project import ContractShown, contract_shown


@dataclass(frozen=True, slots=True)
class DelegationShown:
    """An order that runs, or will: on ``scope`` in words. ``may_revoke``: the reader acts for the city."""

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


@dataclass(frozen=True, slots=True)
class ParticipantsPage:
    """Everybody. ``departed`` come with the reason of the decision by which they left."""

    header: Header
    standing: Standing
    agent: PersonName | None
    parties: tuple[PartyShown, ...]
    departed: tuple[tuple[PartyShown, str], ...]
    contractor: ContractShown | None
    delegations: tuple[DelegationShown, ...]

    def departure_refusal(self, party: PartyShown, actor: Actor) -> Refusal | None:
        """What ``leave_project`` would answer to the departure of this party, recorded by the person as signed in."""
        return refusal_unless_before_follow_up(self.header) or recording_refusal(
            actor,
            ProposalKind.departure,
            party.code,
            party.name,
            acts_for_party=party.code in self.standing.acts_for,
            is_agent=self.standing.is_agent,
        )


def read_participants(session: Session, slug: str, person_id: int, now: datetime) -> ParticipantsPage:
    """The page, as this person may see it; raises ``NotVisible``. Writes nothing."""
    access = access_to_project(session, slug, person_id, now)
    connection = session.connection()
    parties = load_parties_with_people(connection, access)
    reasons = _reasons(session, access)
    return ParticipantsPage(
        access.header,
        access.standing,
        load_agent(connection, access),
        tuple(each for each in parties if each.left_at is None),
        tuple((each, reasons.get(each.code, "")) for each in parties if each.left_at is not None),
        contract_shown(session, access),
        tuple(_delegations(session, access)),
    )


def _reasons(session: Session, access: ProjectAccess) -> Mapping[str, str]:
    query = (
        sa.select(PARTY.c.code, DEPARTURE.c.reason)
        .join(PARTY, PARTY.c.id == DEPARTURE.c.party_id)
        .where(PARTY.c.project_id == access.project_id)
    )
    return {row[0]: row[1] for row in session.connection().execute(query)}


def _delegations(session: Session, access: ProjectAccess) -> Iterator[DelegationShown]:
    query = (
        sa.select(DELEGATION, PARTY.c.name.label("party_name"), PERSON.c.name.label("delegate"))
        .join(PARTY, PARTY.c.code == DELEGATION.c.authority_code)
        .join(PERSON, PERSON.c.id == DELEGATION.c.delegate_id)
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
    return DelegationShown(
        row.id, row.authority_code, row.party_name, row.delegate, row.order_reference, ", ".join(words),
        row.to_elected, row.valid_from, row.valid_until, row.authority_code in standing.acts_for,
    )  # fmt: skip

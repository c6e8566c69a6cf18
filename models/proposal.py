"""What concerns authority is proposed by one person and confirmed by another, from the other side (rule 3).

The table of who proposes and who confirms is data here, once; ``models.proposal_rules`` asks it.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import (
    FILE_NAME,
    LONGEST_CODE,
    LONGEST_LINE,
    REASON,
    UtcDateTime,
    core_table,
    stored,
    within,
)
from models.labelled_enum import LabelledEnum
from models.limits import Text
from models.person import AuthMethod, Instant

DAYS_TO_CONFIRM = 30
KNOWN_AFTER = timedelta(days=5)
"""A contact named beside people already known for a city turns no key before."""
LONGEST_SUBJECT = 200
WHAT = Text("Objet", LONGEST_LINE * 2, is_cut=True)


class ProposalKind(LabelledEnum):
    """What waits for its second key."""

    office = "office", "fonction de maire ou de président"
    delegation = "delegation", "délégation de signature"
    paper_act = "paper_act", "acte pris sur papier"
    withdrawal = "withdrawal", "retrait d’une décision, par un acte"
    departure = "departure", "départ d’une collectivité"
    address = "address", "nouvelle adresse d’une personne"
    entry = "entry", "entrée d’une collectivité, la charte signée"
    comeback = "return", "retour d’une collectivité"
    become_signatory = "become_signatory", "passage d’observatrice à signataire"
    adhesion = "adhesion", "adhésion à la charte"


ACCESSIONS = (ProposalKind.entry, ProposalKind.comeback, ProposalKind.become_signatory)
"""What makes a signatory of a city by its council's act, from the next stage (rule 6)."""


class Side(LabelledEnum):
    """From which side somebody speaks: for the ANCT, or for a local authority."""

    agency = "agency", "l’ANCT"
    party = "party", "la collectivité"


class Capacity(LabelledEnum):
    """In what quality somebody may turn a key."""

    agent = "agent", "un agent de l’ANCT"
    contact = "contact", "l’interlocuteur privilégié de la collectivité"
    holder = "holder", "le maire ou président"
    named = "named", "la personne nommée, par ProConnect de l’organisation"
    observer = "observer", "la personne de la collectivité observatrice"

    @property
    def side(self) -> Side:
        """The side it belongs to."""
        return Side.agency if self is Capacity.agent else Side.party


PROPOSED_BY: dict[ProposalKind, frozenset[Capacity]] = {
    ProposalKind.office: frozenset({Capacity.agent, Capacity.contact, Capacity.holder}),
    ProposalKind.delegation: frozenset({Capacity.contact, Capacity.holder}),
    ProposalKind.paper_act: frozenset({Capacity.agent, Capacity.contact, Capacity.holder}),
    ProposalKind.withdrawal: frozenset({Capacity.agent, Capacity.contact, Capacity.holder}),
    ProposalKind.departure: frozenset({Capacity.contact, Capacity.holder, Capacity.observer}),
    ProposalKind.address: frozenset({Capacity.agent, Capacity.contact, Capacity.holder}),
    ProposalKind.entry: frozenset({Capacity.agent}),
    ProposalKind.comeback: frozenset({Capacity.agent}),
    ProposalKind.become_signatory: frozenset(
        {Capacity.agent, Capacity.contact, Capacity.holder, Capacity.observer}
    ),
    ProposalKind.adhesion: frozenset({Capacity.agent, Capacity.contact, Capacity.holder}),
}
_AGENCY = frozenset({Capacity.agent})
_CITY = frozenset({Capacity.contact, Capacity.holder})
CONFIRMED_BY: dict[tuple[ProposalKind, Side], frozenset[Capacity]] = {
    (ProposalKind.office, Side.agency): frozenset({Capacity.contact, Capacity.named}),
    (ProposalKind.office, Side.party): _AGENCY,
    (ProposalKind.delegation, Side.party): frozenset({Capacity.holder, Capacity.agent}),
    (ProposalKind.paper_act, Side.party): _AGENCY,
    (ProposalKind.paper_act, Side.agency): _CITY,
    (ProposalKind.withdrawal, Side.party): _AGENCY,
    (ProposalKind.withdrawal, Side.agency): _CITY,
    (ProposalKind.departure, Side.party): _AGENCY,
    (ProposalKind.address, Side.party): _AGENCY,
    (ProposalKind.address, Side.agency): _CITY,
    (ProposalKind.entry, Side.agency): _CITY,
    (ProposalKind.comeback, Side.agency): _CITY,
    (ProposalKind.become_signatory, Side.agency): _CITY | {Capacity.observer},
    (ProposalKind.become_signatory, Side.party): _AGENCY,
    (ProposalKind.adhesion, Side.party): _AGENCY,
    (ProposalKind.adhesion, Side.agency): _CITY,
}
"""Who turns the second key (docs/rules.md, « Authority: two keys »). A delegation given by the holder needs none."""


class ProposalState(LabelledEnum):
    """What became of a proposal. One whose days have passed gives nothing, whether it was noted as expired or not."""

    proposed = "proposed", "à confirmer"
    confirmed = "confirmed", "confirmée"
    declined = "declined", "écartée"
    dropped = "dropped", "retirée"
    expired = "expired", "expirée"


_OPEN = sa.text("state = 'proposed'")


class Proposal(SQLModel, table=True):
    """Something proposed, which gives nothing until somebody of the other side confirms it.

    ``subject`` names what it is about: there is one open proposal at a time about each thing. ``subject_id`` is the
    person who would get power. ``request`` holds what was asked, in JSON, frozen. ``proposed_by`` is empty for the
    operator's command line and a project file, which speak for the ANCT. ``result_id`` is the row that the
    confirmation wrote (a mandate, a delegation, a sign-off, a departure).
    """

    __tablename__ = "proposal"
    __table_args__ = (
        sa.Index(
            "uq_proposal_one_open",
            "subject",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        sa.Index("ix_proposal_authority", "authority_code", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: ProposalKind = Field(sa_type=stored(ProposalKind))
    subject: str = Field(max_length=LONGEST_SUBJECT)
    authority_code: str = Field(max_length=LONGEST_CODE)
    project_id: int | None = Field(default=None, foreign_key="shared_project.id", index=True)
    party_id: int | None = Field(default=None, foreign_key="party.id")
    deliverable_id: int | None = Field(default=None, foreign_key="deliverable.id")
    subject_id: int | None = Field(default=None, foreign_key="person.id")
    side: Side = Field(sa_type=stored(Side))
    proposed_by: int | None = Field(default=None, foreign_key="person.id")
    proposed_with: AuthMethod = Field(sa_type=stored(AuthMethod))
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    what: str = Field(sa_type=within(WHAT))
    request: dict[str, Any] = Field(sa_type=sa.JSON)
    file_sha256: str | None = Field(default=None, max_length=64)
    file_name: str | None = Field(default=None, sa_type=within(FILE_NAME))
    state: ProposalState = Field(default=ProposalState.proposed, sa_type=stored(ProposalState))
    decided_by: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = Field(default=None, sa_type=within(REASON))
    result_id: int | None = None

    @property
    def proposers(self) -> frozenset[Capacity]:
        """In what quality somebody of its side may propose it."""
        return frozenset(each for each in PROPOSED_BY[self.kind] if each.side is self.side)

    @property
    def confirmers(self) -> frozenset[Capacity]:
        """In what quality somebody may confirm it; an agent confirms a delegation only when its order is on file."""
        return confirmers_of(self.kind, self.side, self.file_sha256)

    @property
    def named_contact(self) -> int | None:
        """Who would act for a city of which nobody is known yet: without a role there, they may confirm that it enters.

        Where somebody is, the newly named contact has no key: who is known says that they are the city's.
        """
        is_first = self.kind in ACCESSIONS and self.request.get("is_first")
        return self.request.get("contact") if is_first else None

    @property
    def moved_to(self) -> str | None:
        """The address that somebody would have, of a proposal of one."""
        return self.request["email"] if self.kind is ProposalKind.address else None

    def is_open_at(self, now: datetime) -> bool:
        """Does it still wait at this instant?"""
        return self.state is ProposalState.proposed and self.expires_at > now


def confirmers_of(kind: ProposalKind, side: Side, file_sha256: str | None) -> frozenset[Capacity]:
    """As ``Proposal.confirmers``, from what was read of one."""
    able = CONFIRMED_BY.get((kind, side), frozenset())
    if kind is ProposalKind.delegation and file_sha256 is None:
        return able - {Capacity.agent}
    return able


def is_open(now: Instant) -> sa.ColumnElement[bool]:
    """The condition of a proposal that waits at ``now``, as ``Proposal.is_open_at``."""
    columns = core_table(Proposal).c
    return (columns.state == ProposalState.proposed) & (columns.expires_at > now)


def expiry(proposed_at: datetime) -> datetime:
    """The first instant at which a proposal no longer waits."""
    return proposed_at + timedelta(days=DAYS_TO_CONFIRM)


def waits_for(confirmers: frozenset[Capacity]) -> str:
    """Whom it waits for, in words."""
    return " ou ".join(each.label for each in Capacity if each in confirmers)

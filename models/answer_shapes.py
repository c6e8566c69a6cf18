"""What the API and ``--json`` answer to an act: the fact as it is recorded, the same keys in both."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, PlainSerializer

from models.commitment import CommitmentStatus
from models.deliverable import DeliverableVersion
from models.proposal import Proposal, ProposalState, waits_for
from models.shape import Instant, Shape
from models.shared_project import ProjectStatus
from models.sign_off import Decision

Euros = Annotated[Decimal, PlainSerializer(str, return_type=str)]


class ProjectCreated(Shape):
    """The identifier of a project just created."""

    slug: str
    title: str


class ProjectStatusChanged(Shape):
    """The new state of a project."""

    slug: str
    status: ProjectStatus
    status_reason: str | None


class DeadlineMoved(Shape):
    """The deadline as it now stands."""

    slug: str
    stage: str
    party: str | None
    due_on: date


class VersionSubmitted(Shape):
    """The version as it was recorded."""

    slug: str
    stage: str
    key: str
    party: str | None
    version: int
    round: int
    sha256: str
    is_minor: bool
    objections_until: date | None
    note: str | None

    @classmethod
    def of(cls, version: DeliverableVersion, slug: str, stage: str, key: str, party: str | None) -> Self:
        """The version, under the words that name its deliverable."""
        return cls(
            slug=slug,
            stage=stage,
            key=key,
            party=party,
            version=version.number,
            round=version.round,
            sha256=version.sha256,
            is_minor=version.is_minor,
            objections_until=version.objections_until,
            note=version.change_note,
        )


class RevisionObjected(Shape):
    """The version that an objection made a version like any other."""

    slug: str
    stage: str
    deliverable: str
    party: str
    version: int
    round: int
    sha256: str
    objected_at: Instant | None

    @classmethod
    def of(cls, version: DeliverableVersion, slug: str, stage: str, deliverable: str, party: str) -> Self:
        """The version, under the words that name its deliverable; ``party`` is the one that objected."""
        return cls(
            slug=slug,
            stage=stage,
            deliverable=deliverable,
            party=party,
            version=version.number,
            round=version.round,
            sha256=version.sha256,
            objected_at=version.objected_at,
        )


class SignOffGiven(Shape):
    """The decision as it is recorded; the same one given again keeps its number."""

    id: int
    slug: str
    stage: str
    deliverable: str
    party: str
    decision: Decision
    version: int
    sha256: str


class SignOffWithdrawn(Shape):
    """The decision that counts no more."""

    id: int
    slug: str
    stage: str
    deliverable: str
    party: str
    withdrawn: bool


class CharterSigned(Shape):
    """The ANCT's signature."""

    id: int
    slug: str
    sha256: str
    at: Instant


class FirmShown(Shape):
    """A firm of the contract."""

    name: str
    siret: str


class Awarded(Shape):
    """The contract as it is recorded."""

    id: int
    slug: str
    amount_eur: Euros | None
    awarded_on: date | None
    firms: list[FirmShown]


class StrandRecorded(Shape):
    """The strand as it is recorded."""

    slug: str
    party: str
    strand: str
    held_on: date | None
    participants: int | None


class CommitmentSettledShown(Shape):
    """A commitment as it now stands."""

    id: int
    status: CommitmentStatus
    evidence: str | None
    evidence_sha256: str | None


class MeetingConvened(Shape):
    """A meeting as it now stands."""

    id: int
    title: str
    starts_at: Instant
    ends_at: Instant
    place: str | None
    agenda: str | None
    sequence: int
    cancelled_at: Instant | None


class DelegationShown(Shape):
    """A delegation as it is recorded, or proposed: it then has no number yet, and says whom it waits for."""

    id: int | None
    proposal: int | None
    status: ProposalState
    waits_for: str | None
    party: str
    delegate: str
    order: str
    scope: str
    from_: date = Field(alias="from")
    until: date
    elected: bool

    @classmethod
    def of(cls, proposal: Proposal, delegate: str) -> Self:
        """What is recorded of an order; ``delegate`` is the address that was given."""
        order = proposal.request
        return cls(
            id=proposal.result_id,
            proposal=proposal.id,
            status=proposal.state,
            waits_for=waits_for(proposal.confirmers) if proposal.state is ProposalState.proposed else None,
            party=proposal.authority_code,
            delegate=delegate,
            order=order["order_reference"],
            scope=order["scope"],
            from_=order["valid_from"],
            until=order["valid_until"],
            elected=order["to_elected"],
        )


class DelegationEnded(Shape):
    """A revoked delegation."""

    id: int
    revoked_at: Instant | None


class Reminded(Shape):
    """A reminder that leaves."""

    subject: str
    recipients: int

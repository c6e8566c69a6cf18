"""A proposal, and who may sign what, as « authority list --json », the API and the pages show them."""

from datetime import date
from typing import Self

from pydantic import Field

from models.evidence import Evidence
from models.labelled_enum import LabelledEnum
from models.proposal import Proposal, ProposalKind, ProposalState, waits_for
from models.shape import Instant, Shape


class AuthorityStatus(LabelledEnum):
    """Where an authority stands."""

    proposed = "proposed", "à confirmer"
    planned = "planned", "à venir"
    in_force = "in_force", "en vigueur"


class AuthorityLine(Shape):
    """One authority over a city: who may sign, in what quality, on what evidence; or what is proposed, and waits."""

    id: int | None = Field(description="Le numéro de la proposition ; vide pour ce qui n’en a jamais eu.")
    kind: ProposalKind
    party: str = Field(description="Le code de la collectivité.", examples=["79191"])
    person: str | None = Field(description="L’adresse de qui peut, ou pourra, signer.")
    status: AuthorityStatus
    evidence: Evidence
    waits_for: str | None = Field(description="Qui doit confirmer, en clair.")
    what: str
    since: date | None
    until: date | None
    number: int | None = Field(description="Le numéro de la délégation, pour la révoquer.")


class ProposalShown(Shape):
    """What was proposed, what became of it, and what it gave (``result``: the number of a sign-off, a delegation…)."""

    id: int
    kind: ProposalKind
    party: str
    status: ProposalState
    what: str
    waits_for: str | None = Field(description="Qui doit confirmer, en clair ; vide une fois réglé.")
    proposed_at: Instant
    expires_at: Instant
    decided_at: Instant | None
    reason: str | None
    result: int | None

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        """The proposal as it stands."""
        is_open = proposal.state is ProposalState.proposed
        return cls(
            id=proposal.id or 0,
            kind=proposal.kind,
            party=proposal.authority_code,
            status=proposal.state,
            what=proposal.what,
            waits_for=waits_for(proposal.confirmers) if is_open else None,
            proposed_at=proposal.proposed_at,
            expires_at=proposal.expires_at,
            decided_at=proposal.decided_at,
            reason=proposal.reason,
            result=proposal.result_id,
        )


class PendingConfirmation(Shape):
    """In a stage: an act that counts once somebody of the other side has confirmed it."""

    id: int
    kind: ProposalKind
    deliverable: str | None
    deliverable_party: str | None
    party: str
    waits_for: str
    expires_at: Instant

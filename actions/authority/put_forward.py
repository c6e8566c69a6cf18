"""Write a proposal: frozen as it was asked, one at a time about each thing, told at once to whoever may confirm it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from actions.authority.authority_mails import tell_proposed, tell_settled
from actions.ledger.journal import record
from models.person import SYSTEM, Actor, ActorOrSystem, AuthMethod
from models.proposal import Proposal, ProposalKind, ProposalState, Side, expiry
from models.proposal_rules import OtherProposal
from models.refusal import typeset


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be proposed, as the columns of ``Proposal`` name it.

    ``who_loses`` held the authority until now: they are told at once.
    """

    kind: ProposalKind
    subject: str
    authority_code: str
    side: Side
    what: str
    request: dict[str, Any] = field(default_factory=dict)
    project_id: int | None = None
    party_id: int | None = None
    deliverable_id: int | None = None
    subject_id: int | None = None
    file_sha256: str | None = None
    file_name: str | None = None
    who_loses: tuple[int, ...] = ()


def put_forward(
    session: Session, draft: Draft, actor: ActorOrSystem, now: datetime, *, needs_key: bool = True
) -> Proposal:
    """The proposal, written and told; asked again in the same words, it is the one that waits. Does not commit.

    Without ``needs_key`` nobody is asked to confirm it: the caller settles it at once. The caller holds the lock of
    the project, or of the register. Raises ``OtherProposal``.
    """
    waiting = _open_about(session, draft.subject)
    if waiting is not None and not waiting.is_open_at(now):
        expire(session, waiting, now)
        waiting = None
    if waiting is not None:
        if (waiting.request, waiting.file_sha256, waiting.side) == (
            draft.request,
            draft.file_sha256,
            draft.side,
        ):
            return waiting
        raise OtherProposal(waiting)
    proposal = _written(session, draft, actor, now)
    record_step(session, "authority.proposed", proposal, actor, now)
    if needs_key:
        tell_proposed(session, proposal, draft.who_loses, now)
    return proposal


def record_settled(
    session: Session,
    proposal: Proposal,
    state: ProposalState,
    actor: ActorOrSystem,
    now: datetime,
    *,
    reason: str | None = None,
    who_lost: Iterable[int] = (),
) -> None:
    """Note what became of a proposal, in the journal too, and tell everybody it touches. Does not commit."""
    proposal.state, proposal.decided_at, proposal.reason = state, now, reason
    proposal.decided_by = actor.person_id if isinstance(actor, Actor) else None
    session.flush()
    record_step(session, f"authority.{state}", proposal, actor, now, reason=reason, result=proposal.result_id)
    tell_settled(session, proposal, who_lost, actor, now)


def proposal_of(
    session: Session, kind: ProposalKind, result_id: int, draft: Draft, now: datetime
) -> Proposal:
    """The confirmed proposal that gave this row; for one from before two keys, the same, written nowhere."""
    query = select(Proposal).where(
        Proposal.kind == kind, Proposal.result_id == result_id, Proposal.state == ProposalState.confirmed
    )
    found = session.exec(query).first()
    return found or Proposal(
        kind=kind,
        subject=draft.subject,
        authority_code=draft.authority_code,
        side=draft.side,
        what=draft.what,
        request=draft.request,
        subject_id=draft.subject_id,
        proposed_with=AuthMethod.system,
        state=ProposalState.confirmed,
        proposed_at=now,
        expires_at=now,
        result_id=result_id,
    )


def _open_about(session: Session, subject: str) -> Proposal | None:
    query = select(Proposal).where(Proposal.subject == subject, Proposal.state == ProposalState.proposed)
    return session.exec(query).one_or_none()


def _written(session: Session, draft: Draft, actor: ActorOrSystem, now: datetime) -> Proposal:
    proposal = Proposal(
        kind=draft.kind,
        subject=draft.subject,
        authority_code=draft.authority_code,
        project_id=draft.project_id,
        party_id=draft.party_id,
        deliverable_id=draft.deliverable_id,
        subject_id=draft.subject_id,
        side=draft.side,
        proposed_by=actor.person_id if isinstance(actor, Actor) else None,
        proposed_with=actor.auth_method,
        proposed_at=now,
        expires_at=expiry(now),
        what=typeset(draft.what),
        request=draft.request,
        file_sha256=draft.file_sha256,
        file_name=draft.file_name,
    )
    session.add(proposal)
    session.flush()
    return proposal


def expire(session: Session, proposal: Proposal, now: datetime) -> None:
    """Note that nobody confirmed it in its thirty days. Does not commit."""
    record_settled(session, proposal, ProposalState.expired, SYSTEM, now)


def record_step(
    session: Session, event: str, proposal: Proposal, actor: ActorOrSystem, now: datetime, **more: Any
) -> None:
    """One entry of the journal of its project; of the register, for what holds in all of a city's."""
    record(
        session,
        event,
        project_id=proposal.project_id,
        actor=actor,
        now=now,
        party_code=proposal.authority_code,
        proposal=proposal.id,
        kind=proposal.kind,
        subject=proposal.subject,
        person=proposal.subject_id,
        sha256=proposal.file_sha256,
        **more,
    )

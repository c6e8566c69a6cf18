"""The second key: confirm a proposal, drop it, or note that its days have passed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlmodel import Session, col, select

from actions.authority.lock_authority import lock_authority
from actions.authority.office import carry_out_office, former_holders_of
from actions.authority.pass_duties import passing_duties, tell_all_duties
from actions.authority.put_forward import expire, record_settled
from actions.ledger.locks import lock_project
from actions.people.move_person import carry_out_move
from actions.projects.adhesion import carry_out_adhesion
from actions.projects.carry_out_accession import carry_out_accession
from actions.projects.leave_project import carry_out_departure
from actions.signing.delegate_signature import carry_out_delegation
from actions.signing.sign_on_paper import carry_out_paper_act
from actions.signing.withdraw_on_paper import carry_out_withdrawal
from database.engine import Database
from models.columns import REASON
from models.local_authority import find_authority
from models.person import Actor
from models.proposal import ACCESSIONS, Capacity, Proposal, ProposalKind, ProposalState
from models.proposal_rules import UnknownProposal, drop_refusal
from models.request import Request
from models.sign_off_rules import organisation_refusal
from queries.authority.keys import key_holder_of, living_projects, refusal_to_confirm
from queries.authority.visible import is_visible_to
from queries.people.reach import projects_of_concern

MOVES_PEOPLE = {ProposalKind.office, ProposalKind.delegation, ProposalKind.departure, *ACCESSIONS}
"""What may put other people in charge."""


@dataclass(frozen=True, slots=True)
class Drop(Request):
    """Which proposal is dropped, and why (none: its author changed their mind)."""

    number: int
    reason: Annotated[str | None, REASON] = None


def confirm_proposal(db: Database, actor: Actor, number: int, *, now: datetime) -> Proposal:
    """Turn the second key: what was proposed is done, in the same transaction. Commits.

    Everything that was checked when it was proposed is checked again. The same person again is the same confirmation.
    Raises ``UnknownProposal``, ``ProposalSettled``, ``SamePerson``, ``NotYourKey``, ``NoLongerSpeaks``,
    ``OtherOrganisation``, and what the act itself raises: what it was about may have changed.
    """
    with db.write() as session:
        proposal = _locked(session, number, actor, now)
        if proposal.state is ProposalState.confirmed and proposal.decided_by == actor.person_id:
            return proposal
        who = key_holder_of(session, actor, proposal, now)
        if refusal := refusal_to_confirm(session, proposal, who, now):
            raise refusal
        capacity = _turning(who.capacities & proposal.confirmers)
        _check_organisation(actor, proposal, capacity)
        lost = former_holders_of(session, proposal, now)
        with passing_duties(session, _passing(session, proposal), now):
            proposal.result_id = _carry_out(session, proposal, actor, capacity, now)
            record_settled(session, proposal, ProposalState.confirmed, actor, now, who_lost=lost)
        _tell_moved(session, proposal, now)
        return proposal


def drop_proposal(db: Database, actor: Actor, drop: Drop, *, now: datetime) -> Proposal:
    """Drop a proposal, or decline it from the other side: it gives nothing. Commits.

    Raises ``UnknownProposal``, ``ProposalSettled``, ``NotYourKey``.
    """
    with db.write() as session:
        proposal = _locked(session, drop.number, actor, now)
        who = key_holder_of(session, actor, proposal, now)
        if refusal := drop_refusal(proposal, who, now):
            raise refusal
        is_theirs = proposal.proposed_by == actor.person_id or not who.capacities & proposal.confirmers
        state = ProposalState.dropped if is_theirs else ProposalState.declined
        record_settled(session, proposal, state, actor, now, reason=(drop.reason or "").strip() or None)
        return proposal


def expire_proposals(db: Database, *, now: datetime) -> int:
    """Note each proposal whose thirty days have passed, and tell its people; returns how many. Commits each."""
    with db.read() as session:
        query = select(Proposal.id).where(
            Proposal.state == ProposalState.proposed, col(Proposal.expires_at) <= now
        )
        numbers = list(session.exec(query.order_by(col(Proposal.id))))
    for number in numbers:
        with db.write() as session:
            proposal = lock_proposal(session, number, now)
            if proposal is not None and proposal.state is ProposalState.proposed:
                expire(session, proposal, now)
    return len(numbers)


def _locked(session: Session, number: int, actor: Actor, now: datetime) -> Proposal:
    """The proposal, with all that it may change locked. Whoever has no part in it does not learn that it exists."""
    proposal = lock_proposal(session, number, now)
    if proposal is None or not is_visible_to(session, proposal, actor, now):
        raise UnknownProposal(number)
    return proposal


def lock_proposal(session: Session, number: int | None, now: datetime) -> Proposal | None:
    """The proposal as it is now, all that it may change locked; None without one of this number."""
    proposal = session.get(Proposal, number) if number is not None and 0 < number < 2**31 else None
    if proposal is None:
        return None
    _lock_what_it_touches(session, proposal, now)
    session.refresh(proposal)
    return proposal


def _lock_what_it_touches(session: Session, proposal: Proposal, now: datetime) -> None:
    """Its project; all those of the city for what gives an office; all those of a person for their address."""
    if proposal.project_id is not None and proposal.kind not in ACCESSIONS:
        lock_project(session, proposal.project_id)
        return
    also = [proposal.project_id] if proposal.project_id is not None else []
    if proposal.kind is ProposalKind.address and proposal.subject_id is not None:
        also = projects_of_concern(session, proposal.subject_id, now)
    lock_authority(session, proposal.authority_code, also=also)
    if proposal.project_id is not None:
        lock_project(session, proposal.project_id)


def _passing(session: Session, proposal: Proposal) -> set[int]:
    """The projects in which those who are in charge may change: none, for an act on paper or an address."""
    if proposal.kind not in MOVES_PEOPLE:
        return set()
    there = set(living_projects(session, proposal.authority_code))
    return there | ({proposal.project_id} if proposal.project_id is not None else set())


def _tell_moved(session: Session, proposal: Proposal, now: datetime) -> None:
    """What was asked of somebody went to a mailbox that answers no more: they hear of it at the new one."""
    if proposal.kind is ProposalKind.address and proposal.subject_id is not None:
        touched = projects_of_concern(session, proposal.subject_id, now)
        tell_all_duties(session, proposal.subject_id, touched, now)


def _carry_out(session: Session, proposal: Proposal, actor: Actor, capacity: Capacity, now: datetime) -> int:
    """Do what was proposed; returns the number of the row that it wrote."""
    match proposal.kind:
        case ProposalKind.office:
            return carry_out_office(session, proposal, actor, capacity, now)
        case ProposalKind.delegation:
            return carry_out_delegation(session, proposal, actor, now)
        case ProposalKind.paper_act:
            return carry_out_paper_act(session.connection(), proposal, actor, now)
        case ProposalKind.withdrawal:
            return carry_out_withdrawal(session, proposal, actor, now)
        case ProposalKind.departure:
            return carry_out_departure(session, proposal, actor, now)
        case ProposalKind.address:
            return carry_out_move(session, proposal, actor, now)
        case ProposalKind.entry | ProposalKind.comeback | ProposalKind.become_signatory:
            return carry_out_accession(session, proposal, actor, now)
        case ProposalKind.adhesion:
            return carry_out_adhesion(session, proposal, actor, now)


def _turning(able: frozenset[Capacity]) -> Capacity:
    """The capacity in which they turn the key: by ProConnect of the organisation, where it says so."""
    return Capacity.named if Capacity.named in able else min(able, key=list(Capacity).index)


def _check_organisation(actor: Actor, proposal: Proposal, capacity: Capacity) -> None:
    """Raises ``OtherOrganisation``: who speaks for a city is not there for another organisation."""
    if capacity is Capacity.agent:
        return
    name = find_authority(proposal.authority_code).name
    if refusal := organisation_refusal(
        actor, proposal.authority_code, name, f"confirmer « {proposal.what} »"
    ):
        raise refusal

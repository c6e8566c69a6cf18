"""Propose an act given on paper, or a withdrawal by one; once the other side confirms it, it decides (rule 7)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.engine import Connection
from sqlmodel import Session, col, select

from actions.authority.put_forward import Draft, put_forward
from actions.ledger.locks import lock_project
from actions.signing.paper_act import (
    ConfirmedAct,
    PaperAct,
    paper_authority,
    recording_right,
)
from actions.signing.sign_off import (
    SignOffRequest,
    UnknownSeat,
    answer_to,
    record_decision,
    require_reason,
)
from database.engine import Database
from models.act_kind import ActKind
from models.council_deliberation import CouncilDeliberation
from models.deliverable import Deliverable
from models.person import Actor, Role
from models.proposal import Proposal, ProposalKind, ProposalState, Side
from models.refusal import Refusal
from models.sign_off import Decision, SignOff, is_live
from models.sign_off_rules import SeatSnapshot, check_sign_off
from models.stage import Stage
from models.stored_row import identity
from queries.access.rights import has_role
from queries.signing.matrix import SignedCell, cell_of, lock_and_load_seat


@dataclass(frozen=True, slots=True)
class PaperSignOff:
    """What a party decided on paper, and the act."""

    request: SignOffRequest
    act: PaperAct


def sign_on_paper(db: Database, actor: Actor, asked: PaperSignOff, *, now: datetime) -> Proposal:
    """Propose a decision given on paper: it counts once the other side has confirmed it. Commits.

    Everything is checked now, and again when it is confirmed. The same act again is the same proposal. Raises what
    ``sign_off`` raises, ``NotAllowed``, ``InvalidPaperAct``, ``NobodyInOffice``, the rules of a council's deliberation
    and ``OtherProposal``.
    """
    request, act = asked.request, asked.act
    require_reason(request)
    with db.write() as session:
        connection = session.connection()
        seat, matrix = _lock(session, request.deliverable_id, request.party_id, now)
        draft = _draft(session, actor, seat, asked, now)
        refusal = recording_right(connection, actor, seat, ProposalKind.paper_act, now)
        if refusal is None and (same := _given_before(session, draft)):
            return same
        authority = refusal or paper_authority(connection, seat, act, adopts=request.decision.passes, now=now)
        checked = check_sign_off(seat, cell_of(seat, matrix), authority, answer_to(connection, seat, request))
        if isinstance(checked, Refusal):
            raise checked
        act.proof.keep(session)
        return put_forward(session, draft, actor, now)


def _draft(session: Session, actor: Actor, seat: SeatSnapshot, asked: PaperSignOff, now: datetime) -> Draft:
    request, act = asked.request, asked.act
    return Draft(
        ProposalKind.paper_act,
        f"paper:{seat.deliverable_id}:{seat.party_id}",
        seat.party_code,
        side_of(session, actor, seat.project_id, now),
        f"Acte sur papier de {seat.party_name} sur « {seat.title} »",
        frozen(act)
        | {
            "decision": request.decision,
            "reason": request.reason,
            "sha256": request.sha256,
            "version": seat.number,
        },
        project_id=seat.project_id,
        party_id=seat.party_id,
        deliverable_id=seat.deliverable_id,
        file_sha256=act.proof.sha256,
        file_name=act.proof.name,
    )


def _given_before(session: Session, draft: Draft) -> Proposal | None:
    """The same act, confirmed since, while the decision that it gave stands: a request whose answer was lost."""
    query = (
        select(Proposal)
        .join(SignOff, col(SignOff.id) == Proposal.result_id)
        .where(
            Proposal.subject == draft.subject,
            Proposal.state == ProposalState.confirmed,
            Proposal.file_sha256 == draft.file_sha256,
            Proposal.side == draft.side,
            is_live(),
        )
    )
    found = session.exec(query).one_or_none()
    if found is None:
        return None
    was, asked = (
        {**each.request, "version": None} for each in (found, draft)
    )  # a minor revision voids nothing
    return found if was == asked else None


def _lock(
    session: Session, deliverable_id: int, party_id: int, now: datetime
) -> tuple[SeatSnapshot, list[SignedCell]]:
    """The seat and the matrix of its stage, once its project is locked. Raises ``UnknownSeat``."""
    deliverable = session.get(Deliverable, deliverable_id)
    if deliverable is None:
        raise UnknownSeat
    stage = session.get_one(Stage, deliverable.stage_id)
    lock_project(session, stage.project_id)
    loaded = lock_and_load_seat(session.connection(), deliverable_id, party_id, now)
    if loaded is None:
        raise UnknownSeat
    _journal_end, seat, matrix = loaded
    return seat, matrix


def side_of(session: Session, actor: Actor, project_id: int, now: datetime) -> Side:
    """From which side the actor speaks: an agent of the ANCT speaks for it, whatever else they are."""
    is_agent = has_role(session, actor.person_id, Role.agency_agent, now, project_id=project_id)
    return Side.agency if is_agent else Side.party


def frozen(act: PaperAct) -> dict[str, Any]:
    """The act as a proposal keeps it, in JSON."""
    return {
        "kind": act.kind,
        "acted_on": act.acted_on.isoformat(),
        "deliberation": act.deliberation.model_dump(mode="json") if act.deliberation else None,
        "early_reason": act.early_reason,
    }


def confirmed_act(proposal: Proposal, actor: Actor) -> ConfirmedAct:
    """The act of a proposal, as this second key confirms it."""
    asked, council = proposal.request, proposal.request["deliberation"]
    if proposal.proposed_by is None or proposal.file_sha256 is None:
        raise LookupError(f"proposal {proposal.id} has no author or no file")
    return ConfirmedAct(
        ActKind(asked["kind"]),
        date.fromisoformat(asked["acted_on"]),
        proposal.file_sha256,
        proposal.file_name or "acte",
        CouncilDeliberation.model_validate(council) if council else None,
        asked["early_reason"],
        proposal.proposed_by,
        proposal.proposed_with,
        proposal.proposed_at,
        actor.person_id,
        identity(proposal),
    )


def carry_out_paper_act(connection: Connection, proposal: Proposal, actor: Actor, now: datetime) -> int:
    """Record the decision that the act on paper gives; returns the number of the sign-off. Does not commit.

    Raises what ``sign_off`` raises: the text may have changed since it was proposed.
    """
    asked = proposal.request
    if proposal.deliverable_id is None or proposal.party_id is None:
        raise LookupError(f"proposal {proposal.id} is about no seat")
    request = SignOffRequest(
        proposal.deliverable_id,
        proposal.party_id,
        asked["sha256"],
        Decision(asked["decision"]),
        asked["reason"],
    )
    return record_decision(connection, actor, request, confirmed_act(proposal, actor), now)

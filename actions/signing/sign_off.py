"""A party signs off a deliverable: one decision, bound to one content, in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from actions.ledger.journal import append, by_proconnect
from actions.mail.notify import ONE_ROUND, owe_receipt, wake_and_send
from actions.signing.consequences import tell_consequences
from actions.signing.paper_act import ConfirmedAct, on_paper, paper_authority, record_act
from database.engine import Database
from database.prepared import Prepared, together
from models.audit_entry import JournalEnd
from models.gate import review_status
from models.person import Actor
from models.refusal import Refusal
from models.request import Request
from models.sign_off import SIGNING_REASON, Decision, ReasonNeeded, is_live
from models.sign_off_rules import Answer, Authority, SeatSnapshot, check_sign_off, signer_authority
from models.stage import StageStatus, check_transition
from models.tables import SIGN_OFF, STAGE
from queries.signing.authority import signing_authority
from queries.signing.matrix import SignedCell, cell_of, lock_and_load_seat, versions_of

EVENT = "sign_off.recorded"


@dataclass(frozen=True, slots=True)
class SignOffRequest(Request):
    """What a party decides on what it has read. ``sha256`` is the hash of the content that was read."""

    deliverable_id: int
    party_id: int
    sha256: str
    decision: Decision
    reason: Annotated[str | None, SIGNING_REASON] = None


class UnknownSeat(Refusal):
    """The party and the deliverable belong to different projects."""

    sentence = "Cette partie et ce livrable ne sont pas du même projet : rouvrez la page du projet."


def sign_off(db: Database, actor: Actor, request: SignOffRequest, *, now: datetime) -> int:
    """Record a party's decision, given by a click; returns the id of the sign-off. Commits.

    The same decision again, by the same person in the same words, is the same fact as long as it stands, whatever
    became of its stage and project (a double click, an answer that was lost). In one transaction: the sign-off,
    the stage's new state when the gate turns or somebody refuses, the audit entry, the receipt owed to the signer
    and to whoever records it, the mails of a refusal or a reservation, and the outbox rows that wake the flow and
    send the mails. What was decided on paper is proposed instead (``sign_on_paper``).

    Raises ``ReasonNeeded``, ``UnknownSeat``, ``ProjectNotActive``, ``StageMovesOn``, ``NotConcerned``,
    ``NotSubmittedYet``, ``OtherContent`` (rule 2), ``NoAuthority`` (rule 3), ``OtherOrganisation``,
    ``WeakerAct`` (rule 5), ``AlreadyDecided``.
    """
    require_reason(request)
    with db.write_statements() as connection:
        return record_decision(connection, actor, request, None, now)


def require_reason(request: SignOffRequest) -> None:
    """Raises ``ReasonNeeded`` for a refusal or a reservation that does not say why (rule 4)."""
    if request.decision is not Decision.approved and not (request.reason or "").strip():
        raise ReasonNeeded("refuser" if request.decision is Decision.refused else "émettre des réserves")


def record_decision(
    connection: Connection, actor: Actor, request: SignOffRequest, act: ConfirmedAct | None, now: datetime
) -> int:
    """As ``sign_off``, in the caller's transaction; ``act`` is the act on paper, confirmed, that decides."""
    loaded = lock_and_load_seat(connection, request.deliverable_id, request.party_id, now)
    if loaded is None:
        raise UnknownSeat
    journal_end, seat, matrix = loaded
    cell = cell_of(seat, matrix)
    authority = _authority(connection, actor, seat, request, act, now)
    if (cell is None or cell.decision) and (
        same := _same_sign_off(connection, seat, authority, request, act)
    ):
        return same
    authority = check_sign_off(seat, cell, authority, answer_to(connection, seat, request))
    if isinstance(authority, Refusal):
        raise authority
    status = _status_once_filled(seat, cell, matrix, request.decision)
    sign_off_id = _write(connection, journal_end, actor, seat, authority, request, act, status, now)
    if request.decision is not Decision.approved:
        tell_consequences(connection, sign_off_id, now)
    return sign_off_id


def _write(
    connection: Connection,
    journal_end: JournalEnd,
    actor: Actor,
    seat: SeatSnapshot,
    authority: Authority,
    request: SignOffRequest,
    act: ConfirmedAct | None,
    status: StageStatus,
    now: datetime,
) -> int:
    """Write the sign-off with all that goes with any decision; returns its id."""
    row = sign_off_row(actor, seat, authority, request, now)
    if act is not None:
        row |= record_act(connection, seat, act) | {"auth_method": act.recorded_with}
    payload = sign_off_payload(seat, authority, request, actor, act, status)
    recorder = act.recorded_by if act else None
    with together(connection):
        written = _INSERT.run(connection, **row)
        _COUNT_FACT.run(connection, stage=seat.stage_id, new_status=status)
        append(
            connection, journal_end, EVENT, actor=actor, now=now, party_code=seat.party_code, payload=payload
        )
        owe_receipt(connection, journal_end, seat, (authority.person_id, recorder), now)
        wake_and_send(connection, seat.stage_id, now, ONE_ROUND)
    (sign_off_id,) = written.fetchone()
    return int(sign_off_id)


def _authority(
    connection: Connection,
    actor: Actor,
    seat: SeatSnapshot,
    request: SignOffRequest,
    act: ConfirmedAct | None,
    now: datetime,
) -> Authority | Refusal:
    """In whose name the decision is given; or why the actor may not give it, or what is wrong with the paper."""
    if act is not None:
        return paper_authority(connection, seat, act, adopts=request.decision.passes, now=now)
    return signer_authority(seat, actor, signing_authority(connection, actor.person_id, seat, now))


def answer_to(connection: Connection, seat: SeatSnapshot, request: SignOffRequest) -> Answer:
    """The decision, with the versions of the deliverable when another content than the current one was read."""
    is_current = request.sha256 == seat.sha256
    versions = [] if is_current else versions_of(connection, seat.deliverable_id)
    return Answer(request.decision, request.sha256, versions)


def _status_once_filled(
    seat: SeatSnapshot, cell: SignedCell | None, matrix: list[SignedCell], decision: Decision
) -> StageStatus:
    """The state of the stage once the party's cell has this decision."""
    status = review_status([replace(each, decision=decision) if each is cell else each for each in matrix])
    event = "refuse" if status is StageStatus.revision_requested else "sign_off"
    return check_transition(event, seat.stage_status, status)


def _same_sign_off(
    connection: Connection,
    seat: SeatSnapshot,
    authority: Authority | Refusal,
    request: SignOffRequest,
    act: ConfirmedAct | None,
) -> int | None:
    """The party's live sign-off, when the request repeats it and its author may give it."""
    if isinstance(authority, Refusal):
        return None  # check_sign_off returns it
    values = {"deliverable": seat.deliverable_id, "party": seat.party_id}
    row = connection.execute(_LIVE_SIGN_OFF, values).one_or_none()
    if row is None:
        return None
    sign_off_id, content, *recorded = row
    proof = act.proof_sha256 if act else None
    again = [authority.person_id, request.decision, authority.act_kind, request.reason, proof]
    # After a minor revision the decision stands for the new content too (rule 2).
    return int(sign_off_id) if recorded == again and request.sha256 in (content, seat.sha256) else None


_LIVE_SIGN_OFF = sa.select(
    SIGN_OFF.c.id,
    SIGN_OFF.c.sha256,
    SIGN_OFF.c.signed_by,
    SIGN_OFF.c.decision,
    SIGN_OFF.c.act_kind,
    SIGN_OFF.c.reason,
    SIGN_OFF.c.proof_sha256,
).where(
    SIGN_OFF.c.deliverable_id == sa.bindparam("deliverable"),
    SIGN_OFF.c.party_id == sa.bindparam("party"),
    is_live(),
)


_COLUMNS = (
    "deliverable_id",
    "version_id",
    "party_id",
    "round",
    "sha256",
    "decision",
    "act_kind",
    "reason",
    "signed_by",
    "delegation_id",
    "evidence",
    "auth_method",
    "at",
)
_PAPER_COLUMNS = ("recorded_by", "acted_on", "proof_sha256", "act_id")
_INSERT = Prepared(sa.insert(SIGN_OFF).returning(SIGN_OFF.c.id), *_COLUMNS, *_PAPER_COLUMNS)
_COUNT_FACT = Prepared(
    sa.update(STAGE)
    .where(STAGE.c.id == sa.bindparam("stage"))
    .values(fact_seq=STAGE.c.fact_seq + 1, status=sa.bindparam("new_status", type_=STAGE.c.status.type))
)


def sign_off_row(
    actor: Actor, seat: SeatSnapshot, authority: Authority, request: SignOffRequest, now: datetime
) -> dict[str, Any]:
    """The columns of a decision; those of an act on paper are empty."""
    return {
        **dict.fromkeys(_PAPER_COLUMNS),
        "deliverable_id": seat.deliverable_id,
        "version_id": seat.version_id,
        "party_id": seat.party_id,
        "round": seat.round,
        "sha256": seat.sha256,
        "decision": request.decision,
        "act_kind": authority.act_kind,
        "reason": request.reason,
        "signed_by": authority.person_id,
        "delegation_id": authority.delegation_id,
        "evidence": authority.evidence,
        "auth_method": actor.auth_method,
        "at": now,
    }


def sign_off_payload(
    seat: SeatSnapshot,
    authority: Authority,
    request: SignOffRequest,
    actor: Actor,
    act: ConfirmedAct | None,
    status: StageStatus,
) -> dict[str, Any]:
    """What the journal keeps of a decision."""
    return {
        "stage": seat.stage_key,
        "deliverable": seat.key,
        "version": seat.number,
        "round": seat.round,
        "sha256": seat.sha256,
        "decision": request.decision,
        "act_kind": authority.act_kind,
        "reason": request.reason,
        "signed_by": authority.person_id,
        "delegation": authority.delegation_id,
        "stage_status": status,
        "rests_on": authority.evidence,
        "paper": on_paper(act) if act else None,
        **by_proconnect(actor),
    }

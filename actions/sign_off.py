"""A party signs off a deliverable: one decision, bound to one content, in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.find import lifecycle_of
from actions.journal import append
from actions.look_at_seat import SeatLook, lock_and_look
from actions.matrix import SignedCell
from actions.notify import ONE_ROUND
from actions.organisation import by_proconnect, check_organisation
from actions.owe_receipt import owe_receipt
from actions.sign_off_consequences import tell_consequences
from actions.sign_on_paper import PaperAct, paper_authority, record_act
from actions.signing_authority import Authority, by_delegation, of_the_office
from actions.version_seen import other_content
from actions.wake import wake_and_send
from models.database import Database
from models.gate import review_status
from models.person import Actor
from models.prepared import Prepared, together
from models.refusal import Refusal
from models.shared_project import ProjectNotActive, ProjectStatus, SharedProject
from models.sign_off import (
    AlreadyDecided,
    Decision,
    NoAuthority,
    NotConcerned,
    NotSubmittedYet,
    ReasonNeeded,
    WeakerAct,
    is_live,
)
from models.stage import UNDER_REVIEW, StageMovesOn, StageStatus, check_transition
from models.tables import SIGN_OFF, STAGE


@dataclass(frozen=True, slots=True)
class SignOffRequest:
    """What a party decides on what it has read. ``sha256`` is the hash of the content that was read.

    ``paper`` carries an act given off-platform, a council's among them (rules 5 and 7).
    """

    deliverable_id: int
    party_id: int
    sha256: str
    decision: Decision
    reason: str | None = None
    paper: PaperAct | None = None


class UnknownSeat(Refusal):
    """The party and the deliverable are not of one project."""

    def __init__(self) -> None:
        super().__init__(
            "Cette partie et ce livrable ne sont pas du même projet : rouvrez la page du projet."
        )


def sign_off(db: Database, actor: Actor, request: SignOffRequest, *, now: datetime) -> int:
    """Record a party's decision; gives the number of the sign-off. Commits.

    The same decision again, by the same person in the same words, is the same fact as long as it stands, whatever
    became of its stage and project (a double click, an answer that was lost). In one transaction: the sign-off,
    the stage's new state when the gate turns or somebody refuses, the audit entry, the receipt owed to who signs
    and to who records it, what a refusal or a reservation owes by mail, and the outbox rows that wake the flow and
    send the mails.

    Raises ``ReasonNeeded``, ``UnknownSeat``, ``ProjectNotActive``, ``StageMovesOn``, ``NotConcerned``,
    ``NotSubmittedYet``, ``OtherContent`` (rule 2), ``NoAuthority`` (rule 3), ``OtherOrganisation``,
    ``WeakerAct`` (rule 5), ``AlreadyDecided``, and what is wrong with an act on paper.
    """
    if request.decision is not Decision.approved and not (request.reason or "").strip():
        raise ReasonNeeded("refuser" if request.decision is Decision.refused else "émettre des réserves")
    with db.write_statements() as connection:
        found = lock_and_look(connection, request.deliverable_id, request.party_id, now)
        if found is None:
            raise UnknownSeat
        end, at, matrix = found
        seat = _seat(at, matrix)
        if (seat is None or seat.decision) and (known := _given_already(connection, actor, at, request, now)):
            return known
        seat = _open_seat(connection, at, seat)
        authority = _authority(connection, actor, at, request, now)
        if seat.decision is not None:
            raise AlreadyDecided(at.party_name, at.title, at.number, seat.decision)
        row = _row(actor, at, authority, request, now)
        if request.paper is not None:
            row |= record_act(connection, actor, at, request.paper, now)
        filled = replace(seat, decision=request.decision)
        status = review_status([filled if cell is seat else cell for cell in matrix])
        with together(connection):
            written = _INSERT.run(connection, **row)
            _COUNT_FACT.run(connection, stage=at.stage_id, new_status=_moved(at, status))
            append(
                connection,
                end,
                "sign_off.recorded",
                actor=actor,
                now=now,
                party_code=at.party_code,
                payload=_payload(at, authority, request, actor, status),
            )
            owe_receipt(connection, end, at, (authority.person_id, actor.person_id), now)
            wake_and_send(connection, at.stage_id, now, ONE_ROUND)
        (sign_off_id,) = written.fetchone()
        if request.decision is not Decision.approved:
            tell_consequences(connection, sign_off_id, now)
        return int(sign_off_id)


def _seat(at: SeatLook, matrix: list[SignedCell]) -> SignedCell | None:
    """The party's seat; None when its sign-off is not, or no longer, awaited."""
    mine = (at.party_id, at.deliverable_id)
    return next((cell for cell in matrix if (cell.party_id, cell.deliverable_id) == mine), None)


def _open_seat(connection: Connection, at: SeatLook, seat: SignedCell | None) -> SignedCell:
    """The party's seat, ready to be filled: in an active project, concerned, submitted, under review."""
    if at.project_status is not ProjectStatus.active:
        with Session(connection) as session:
            raise ProjectNotActive(session.get_one(SharedProject, at.project_id))
    if seat is None:
        why = "seules le valident les signataires que ce livrable concerne, au tableau de l’étape"
        raise NotConcerned(at.party_name, at.title, why)
    if not seat.is_submitted:
        raise NotSubmittedYet(at.title)
    if at.stage_status not in UNDER_REVIEW and not (
        seat.decision and at.stage_status is StageStatus.signed_off
    ):
        advice = "les validations se donnent quand tous ses livrables sont déposés, et avant sa clôture"
        raise StageMovesOn(_stage_title(connection, at), at.stage_status, f"valider « {at.title} »", advice)
    return seat


def _stage_title(connection: Connection, at: SeatLook) -> str:
    with Session(connection) as session:
        return lifecycle_of(session.get_one(SharedProject, at.project_id)).stage(at.stage_key).title


def _authority(
    connection: Connection, actor: Actor, at: SeatLook, request: SignOffRequest, now: datetime
) -> Authority:
    authority = _quality(connection, actor, at, request, now)
    if request.sha256 != at.sha256:
        raise other_content(connection, at, request.sha256)
    if request.decision.passes and not authority.act_kind.satisfies(at.act_expected):
        raise WeakerAct(at.title, authority.act_kind, at.act_expected)
    return authority


def _quality(
    connection: Connection, actor: Actor, at: SeatLook, request: SignOffRequest, now: datetime
) -> Authority:
    """In whose name the decision is given, whatever the content. Raises what is wrong with the right or the paper."""
    if request.paper is not None:
        return paper_authority(connection, actor, at, request.paper, request.decision, now)
    authority = _of_the_signer(connection, actor, at, now)
    check_organisation(actor, at.party_code, at.party_name, f"valider « {at.title} »")
    return authority


def _of_the_signer(connection: Connection, actor: Actor, at: SeatLook, now: datetime) -> Authority:
    if actor.person_id is not None:
        if actor.person_id == at.office_holder:
            return of_the_office(actor.person_id)
        found = by_delegation(connection, actor.person_id, at.party_code, at.stage_key, at.key, now)
        if found is not None:
            return found
    raise NoAuthority(actor.name, at.party_name, at.title)


def _given_already(
    connection: Connection, actor: Actor, at: SeatLook, request: SignOffRequest, now: datetime
) -> int | None:
    """The party's live sign-off, when it is this very decision given again by who has the right to give it."""
    values = {"deliverable": at.deliverable_id, "party": at.party_id}
    known = connection.execute(_WHAT_WAS_SAID, values).one_or_none()
    if known is None:
        return None
    try:
        authority = _quality(connection, actor, at, request, now)
    except Refusal:
        return None  # what refuses it is said in its turn
    number, content, *said = known
    proof = request.paper.proof.sha256 if request.paper else None
    again = [authority.person_id, request.decision, authority.act_kind, request.reason, proof]
    # After a minor revision the decision stands for the new content too (rule 2).
    return int(number) if said == again and request.sha256 in (content, at.sha256) else None


_WHAT_WAS_SAID = sa.select(
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


def _moved(at: SeatLook, status: StageStatus) -> StageStatus:
    event = "refuse" if status is StageStatus.revision_requested else "sign_off"
    return check_transition(event, at.stage_status, status)


_GIVEN = (
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
    "auth_method",
    "at",
)
_ON_PAPER = ("recorded_by", "acted_on", "proof_sha256", "act_id")
_INSERT = Prepared(sa.insert(SIGN_OFF).returning(SIGN_OFF.c.id), *_GIVEN, *_ON_PAPER)
_COUNT_FACT = Prepared(
    sa.update(STAGE)
    .where(STAGE.c.id == sa.bindparam("stage"))
    .values(fact_seq=STAGE.c.fact_seq + 1, status=sa.bindparam("new_status", type_=STAGE.c.status.type))
)


def _row(
    actor: Actor, at: SeatLook, authority: Authority, request: SignOffRequest, now: datetime
) -> dict[str, Any]:
    return {
        **dict.fromkeys(_ON_PAPER),
        "deliverable_id": at.deliverable_id,
        "version_id": at.version_id,
        "party_id": at.party_id,
        "round": at.round,
        "sha256": at.sha256,
        "decision": request.decision,
        "act_kind": authority.act_kind,
        "reason": request.reason,
        "signed_by": authority.person_id,
        "delegation_id": authority.delegation_id,
        "auth_method": actor.auth_method,
        "at": now,
    }


def _payload(
    at: SeatLook, authority: Authority, request: SignOffRequest, actor: Actor, status: StageStatus
) -> dict[str, Any]:
    return {
        "stage": at.stage_key,
        "deliverable": at.key,
        "version": at.number,
        "round": at.round,
        "sha256": at.sha256,
        "decision": request.decision,
        "act_kind": authority.act_kind,
        "reason": request.reason,
        "signed_by": authority.person_id,
        "delegation": authority.delegation_id,
        "stage_status": status,
        "paper": _on_paper(request.paper, actor) if request.paper else None,
        **by_proconnect(actor),
    }


def _on_paper(paper: PaperAct, actor: Actor) -> dict[str, Any]:
    return {
        "recorded_by": actor.person_id,
        "acted_on": paper.acted_on.isoformat(),
        "proof_sha256": paper.proof.sha256,
        "deliberation": paper.deliberation.model_dump(mode="json") if paper.deliberation else None,
    }

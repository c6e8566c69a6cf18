"""An act given off-platform: a council's deliberation, a decision or a signature on paper (rules 5 and 7)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.files.store_file import ReceivedFile
from models.act_kind import ActKind
from models.council_deliberation import CouncilDeliberation
from models.paris_time import PARIS
from models.party import Party
from models.person import Actor
from models.recorded_act import NobodyInOffice, paper_act_refusal
from models.refusal import Refusal
from models.sign_off import Decision
from models.sign_off_rules import PAPER_ACT, Authority, SeatSnapshot
from models.tables import RECORDED_ACT
from queries.access.rights import refusal_to_record
from queries.signing.authority import office_holder


@dataclass(frozen=True, slots=True)
class PaperAct:
    """The act and its proof. ``deliberation`` is set for a council's act, and ``acted_on`` is its session."""

    kind: ActKind
    acted_on: date
    proof: ReceivedFile
    deliberation: CouncilDeliberation | None = None


def paper_authority(
    connection: Connection,
    actor: Actor,
    seat: SeatSnapshot,
    paper: PaperAct,
    decision: Decision,
    now: datetime,
) -> Authority | Refusal:
    """The office holder on the day of the act, or, when nobody was registered yet, the present one.

    Or why it cannot be recorded: ``NotAllowed``, ``OtherOrganisation``, ``NobodyInOffice``, ``InvalidPaperAct``, and
    the rules of a council's deliberation (quorum CGCT L2121-17, majority L2121-20…).
    """
    if refusal := _recording_refusal(connection, actor, seat, now):
        return refusal
    then = office_holder(connection, seat.party_code, noon_in_paris(paper.acted_on))
    holder = then or seat.office_holder
    if holder is None:
        return NobodyInOffice(seat.party_name)
    today = now.astimezone(PARIS).date()
    refusal = paper_act_refusal(
        paper.kind, paper.acted_on, paper.deliberation, adopts=decision.passes, today=today
    )
    return refusal or Authority(holder, None, paper.kind)


def _recording_refusal(
    connection: Connection, actor: Actor, seat: SeatSnapshot, now: datetime
) -> Refusal | None:
    with Session(connection) as session:
        party = session.get_one(Party, seat.party_id)
        return refusal_to_record(session, actor, PAPER_ACT, party, now)


def record_act(
    connection: Connection, actor: Actor, seat: SeatSnapshot, paper: PaperAct, now: datetime
) -> dict[str, Any]:
    """Keep the proof, write the act, and return the columns of the sign-off that refer to it. Does not commit."""
    proof = paper.proof.keep()
    columns: dict[str, Any] = {
        "recorded_by": actor.person_id,
        "acted_on": noon_in_paris(paper.acted_on),
        "proof_sha256": proof.sha256,
    }
    row = {
        "project_id": seat.project_id,
        "party_id": seat.party_id,
        "kind": paper.kind,
        "data": paper.deliberation.model_dump(mode="json") if paper.deliberation else {},
        "file_sha256": proof.sha256,
        "file_name": proof.name,
        "recorded_by": actor.person_id,
        "recorded_at": now,
    }
    act_id = connection.execute(sa.insert(RECORDED_ACT).returning(RECORDED_ACT.c.id), row).scalar_one()
    return columns | {"act_id": act_id}


def noon_in_paris(day: date) -> datetime:
    """A paper act has a day but no hour: it counts as given at noon."""
    return datetime.combine(day, time(12), PARIS).astimezone(UTC)

"""An act given off-platform: a council's deliberation, a decision or a signature on paper (rules 5 and 7)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.files.store_file import ReceivedFile
from models.act_kind import ActKind
from models.council_deliberation import CouncilDeliberation
from models.evidence import Evidence
from models.paris_time import PARIS, paris_day
from models.party import Party
from models.person import Actor, AuthMethod
from models.proposal import ProposalKind
from models.recorded_act import ACTED_ON, EARLY_REASON, NobodyInOffice, PaperDates, paper_act_refusal
from models.refusal import Refusal
from models.request import Request
from models.sign_off_rules import Authority, SeatSnapshot
from models.tables import PROJECT, RECORDED_ACT, VERSION
from queries.access.rights import refusal_to_record
from queries.signing.authority import office_holder


@dataclass(frozen=True, slots=True)
class PaperAct(Request):
    """The act and its proof. ``deliberation`` is set for a council's act, and ``acted_on`` is its session.

    ``early_reason`` says why it is older than the text it approves.
    """

    kind: ActKind
    acted_on: Annotated[date, ACTED_ON]
    proof: ReceivedFile
    deliberation: CouncilDeliberation | None = None
    early_reason: Annotated[str | None, EARLY_REASON] = None


@dataclass(frozen=True, slots=True)
class ConfirmedAct:
    """The same once a second key has turned: who recorded it, recognised how, and who confirmed it."""

    kind: ActKind
    acted_on: date
    proof_sha256: str
    proof_name: str
    deliberation: CouncilDeliberation | None
    early_reason: str | None
    recorded_by: int
    recorded_with: AuthMethod
    recorded_at: datetime
    confirmed_by: int
    proposal_id: int


def paper_authority(
    connection: Connection, seat: SeatSnapshot, act: PaperAct | ConfirmedAct, *, adopts: bool, now: datetime
) -> Authority | Refusal:
    """The office holder on the day of the act, or, when nobody was registered yet, the present one.

    Or what is wrong with it: ``NobodyInOffice``, ``InvalidPaperAct``, and the rules of a council's deliberation (quorum
    CGCT L2121-17, majority L2121-20…). ``adopts``: it is no refusal.
    """
    then = office_holder(connection, seat.party_code, noon_in_paris(act.acted_on))
    holder = then or seat.office_holder
    if holder is None:
        return NobodyInOffice(seat.party_name)
    dates = paper_dates(connection, seat, act, now)
    refusal = paper_act_refusal(act.kind, dates, act.deliberation, adopts=adopts)
    return refusal or Authority(holder, None, act.kind, Evidence.act)


def paper_dates(
    connection: Connection, seat: SeatSnapshot, act: PaperAct | ConfirmedAct, now: datetime
) -> PaperDates:
    """The days between which an act on the current text may stand."""
    project = sa.select(PROJECT.c.period_from, PROJECT.c.created_at).where(PROJECT.c.id == seat.project_id)
    period_from, created_at = connection.execute(project).one()
    submitted = sa.select(sa.func.min(VERSION.c.submitted_at, type_=VERSION.c.submitted_at.type)).where(
        VERSION.c.deliverable_id == seat.deliverable_id, VERSION.c.round == seat.round
    )
    available_at = connection.execute(submitted).scalar()
    return PaperDates(
        acted_on=act.acted_on,
        today=paris_day(now),
        available_on=paris_day(available_at or now),
        project_began_on=min(period_from, paris_day(created_at)),
        early_reason=act.early_reason,
    )


def recording_right(
    connection: Connection, actor: Actor, seat: SeatSnapshot, kind: ProposalKind, now: datetime
) -> Refusal | None:
    """Why the actor may not propose an act on paper of this party."""
    with Session(connection) as session:
        party = session.get_one(Party, seat.party_id)
        return refusal_to_record(session, actor, kind, party, now)


def record_act(connection: Connection, seat: SeatSnapshot, act: ConfirmedAct) -> dict[str, Any]:
    """Write the act, and return the columns of the sign-off that refer to it. Does not commit."""
    row = {
        "project_id": seat.project_id,
        "party_id": seat.party_id,
        "kind": act.kind,
        "data": act.deliberation.model_dump(mode="json") if act.deliberation else {},
        "file_sha256": act.proof_sha256,
        "file_name": act.proof_name,
        "recorded_by": act.recorded_by,
        "recorded_at": act.recorded_at,
        "confirmed_by": act.confirmed_by,
        "early_reason": act.early_reason,
    }
    act_id = connection.execute(sa.insert(RECORDED_ACT).returning(RECORDED_ACT.c.id), row).scalar_one()
    return {
        "recorded_by": act.recorded_by,
        "acted_on": noon_in_paris(act.acted_on),
        "proof_sha256": act.proof_sha256,
        "act_id": act_id,
    }


def on_paper(act: ConfirmedAct) -> dict[str, Any]:
    """What the journal keeps of an act on paper."""
    return {
        "recorded_by": act.recorded_by,
        "confirmed_by": act.confirmed_by,
        "proposal": act.proposal_id,
        "acted_on": act.acted_on.isoformat(),
        "proof_sha256": act.proof_sha256,
        "early_reason": act.early_reason,
        "deliberation": act.deliberation.model_dump(mode="json") if act.deliberation else None,
    }


def noon_in_paris(day: date) -> datetime:
    """A paper act has a day but no hour: it counts as given at noon."""
    return datetime.combine(day, time(12), PARIS).astimezone(UTC)

"""The receipt of one decision: what was decided, on which content, by whom, and whether it still counts."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from actions.in_sight import Header, OutOfSight
from actions.read_deliverable import DeliverablePage, read_deliverable
from actions.receipt_of import receipt_of
from actions.sign_offs_shown import SignOffShown
from actions.stage_details import DeliverableShown, VersionShown
from actions.stage_steps import StageStep
from actions.standing import Standing
from models.act_kind import ActKind
from models.council_deliberation import CouncilDeliberation
from models.recorded_act import RecordedAct
from models.shared_project import ProjectStatus
from models.sign_off import SignOff
from models.stage import UNDER_REVIEW, StageStatus


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """The decision and its object, with what ``receipt_of`` tells of it. ``version`` is the one that was read.

    ``deliberation`` is the council's act that the decision is, if it is one; ``awaited`` names the other parties
    that have not answered on the current version. ``may_withdraw``: by the reader, now (rule 4).
    """

    header: Header
    standing: Standing
    stage: StageStep
    deliverable: DeliverableShown
    version: VersionShown
    sign_off: SignOffShown
    quality: str
    entry: int | None
    entry_hash: str | None
    deliberation: CouncilDeliberation | None
    awaited: tuple[str, ...]
    may_withdraw: bool

    @property
    def is_current(self) -> bool:
        """No other version has replaced the one that was read."""
        return self.version.number == self.deliverable.number


def read_receipt(session: Session, sign_off_id: int, person_id: int, now: datetime) -> ReceiptPage:
    """The receipt, for whoever stands in its project; raises ``OutOfSight``. Writes nothing."""
    receipt = receipt_of(session.connection(), sign_off_id)
    if receipt is None:
        raise OutOfSight
    found = read_deliverable(session, receipt.slug, receipt.deliverable_id, person_id, now)
    given = receipt.sign_off
    return ReceiptPage(
        found.header,
        found.standing,
        found.stage,
        found.deliverable,
        next(each for each in found.deliverable.versions if each.number == given.version),
        given,
        receipt.quality,
        receipt.entry,
        receipt.entry_hash,
        _deliberation(session, sign_off_id),
        tuple(
            seat.party_name
            for seat in found.deliverable.seats
            if seat.is_awaited and seat.party_code != given.party_code
        ),
        _may_withdraw(found, given),
    )


def _deliberation(session: Session, sign_off_id: int) -> CouncilDeliberation | None:
    query = select(RecordedAct).join(SignOff, col(SignOff.act_id) == RecordedAct.id)
    act = session.exec(query.where(SignOff.id == sign_off_id)).one_or_none()
    return act.deliberation if act and act.kind is ActKind.deliberation else None


def _may_withdraw(found: DeliverablePage, given: SignOffShown) -> bool:
    """As ``withdraw_sign_off`` asks: who may sign may withdraw, but not undo a more solemn act than theirs."""
    mine = next((seat for seat in found.my_seats if seat.party_code == given.party_code), None)
    if mine is None or mine.live is None or mine.live.id != given.id:
        return False
    solemn = given.act_kind.satisfies(ActKind.elected_signature)
    in_time = found.stage.status in (*UNDER_REVIEW, StageStatus.signed_off)
    is_active = found.header.status is ProjectStatus.active
    return is_active and in_time and (mine.click_gives.satisfies(ActKind.elected_signature) or not solemn)

"""The receipt of one decision: what was decided, on which content, by whom, and whether it still counts."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from actions.in_sight import Header, OutOfSight
from actions.matrix import SIGN_OFF
from actions.people_of_projects import PARTY, PROJECT
from actions.read_deliverable import DeliverablePage, read_deliverable
from actions.sign_offs_shown import SignOffShown, sign_off_shown, sign_offs_shown
from actions.stage_details import DeliverableShown, VersionShown
from actions.stage_steps import StageStep
from actions.standing import Standing
from models.act_kind import ActKind
from models.council_deliberation import CouncilDeliberation
from models.recorded_act import RecordedAct
from models.shared_project import ProjectStatus
from models.stage import UNDER_REVIEW, StageStatus


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """The decision and its object. ``version`` is the one that was read; ``deliberation``, the council's act that
    the decision is, if it is one; ``awaited`` names the other parties that have not answered on the current
    version. ``may_withdraw``: by the reader, now (rule 4)."""

    header: Header
    standing: Standing
    stage: StageStep
    deliverable: DeliverableShown
    version: VersionShown
    sign_off: SignOffShown
    deliberation: CouncilDeliberation | None
    awaited: tuple[str, ...]
    may_withdraw: bool

    @property
    def is_current(self) -> bool:
        """No other version has replaced the one that was read."""
        return self.version.number == self.deliverable.number


def read_receipt(session: Session, sign_off_id: int, person_id: int, now: datetime) -> ReceiptPage:
    """The receipt, for whoever stands in its project; raises ``OutOfSight``. Writes nothing."""
    query = (
        sign_offs_shown()
        .add_columns(PROJECT.c.slug)
        .join(PROJECT, PROJECT.c.id == PARTY.c.project_id)
        .where(SIGN_OFF.c.id == sign_off_id)
    )
    row = session.connection().execute(query).one_or_none()
    if row is None:
        raise OutOfSight
    found = read_deliverable(session, row.slug, row.deliverable_id, person_id, now)
    given = sign_off_shown(row)
    return ReceiptPage(
        found.header,
        found.standing,
        found.stage,
        found.deliverable,
        next(each for each in found.deliverable.versions if each.number == given.version),
        given,
        _deliberation(session, row.act_id),
        tuple(
            seat.party_name
            for seat in found.deliverable.seats
            if seat.is_awaited and seat.party_code != given.party_code
        ),
        _may_withdraw(found, given),
    )


def _deliberation(session: Session, act_id: int | None) -> CouncilDeliberation | None:
    act = session.get(RecordedAct, act_id) if act_id else None
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

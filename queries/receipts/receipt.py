"""The receipt of one decision: what was decided, on which content, by whom, and whether it still counts."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.act_kind import ActKind
from models.council_deliberation import CouncilDeliberation
from models.person import Actor, Person
from models.project_shapes import DeliverableShown, SignOffShown, VersionLine
from models.recorded_act import RecordedAct
from models.sign_off import SignOff
from models.sign_off_rules import MAY_WITHDRAW
from queries.access.project_access import Header, NotVisible
from queries.access.standing import Standing
from queries.deliverables.deliverable import read_deliverable
from queries.deliverables.my_seats import MySeat
from queries.receipts.attested import receipt_of
from queries.stages.steps import StageStep


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """The decision and its object, with what ``receipt_of`` tells of it. ``version`` is the one that was read.

    ``deliberation`` is the council's act that the decision is, if it is one; ``confirmed_by`` turned the second key of
    an act on paper, and ``early_reason`` says why it is older than the text. ``awaited`` names the other parties
    that have not answered on the current version. ``my_seat`` is that of the party, if the reader signs for it.
    """

    header: Header
    standing: Standing
    stage: StageStep
    deliverable: DeliverableShown
    version: VersionLine
    sign_off: SignOffShown
    quality: str
    entry: int | None
    entry_hash: str | None
    deliberation: CouncilDeliberation | None
    confirmed_by: str | None
    early_reason: str | None
    awaited: tuple[str, ...]
    my_seat: MySeat | None

    def may_withdraw(self, actor: Actor) -> bool:
        """May the reader withdraw the decision now, as they are signed in (rule 4)?"""
        return self.my_seat is not None and self.my_seat.may_withdraw(self.sign_off, actor)

    @property
    def may_withdraw_by_act(self) -> bool:
        """May the reader record an act that takes the decision back, while the stage allows it (rule 4)?"""
        standing, is_open = self.standing, self.stage.status in MAY_WITHDRAW
        acts = standing.is_agent or self.sign_off.party in standing.acts_for
        return self.sign_off.is_live and is_open and acts and self.sign_off.paper

    @property
    def revisions(self) -> tuple[VersionLine, ...]:
        """The minor revisions of what was read, oldest first (rule 2)."""
        return self.deliverable.revised_since(self.sign_off)

    @property
    def is_current(self) -> bool:
        """No other version has replaced the one that was read."""
        return self.version.number == self.deliverable.number


def read_receipt(session: Session, sign_off_id: int, person_id: int, now: datetime) -> ReceiptPage:
    """The receipt, for anyone with a role in its project; raises ``NotVisible``. Writes nothing."""
    receipt = receipt_of(session.connection(), sign_off_id)
    if receipt is None:
        raise NotVisible
    act = _act(session, sign_off_id)
    confirmer = session.get(Person, act.confirmed_by) if act and act.confirmed_by else None
    page = read_deliverable(session, receipt.slug, receipt.deliverable_id, person_id, now)
    sign_off = receipt.sign_off
    return ReceiptPage(
        page.header,
        page.standing,
        page.stage,
        page.deliverable,
        next(each for each in page.deliverable.versions if each.number == sign_off.version),
        sign_off,
        receipt.quality,
        receipt.entry,
        receipt.entry_hash,
        act.deliberation if act and act.kind is ActKind.deliberation else None,
        confirmer.name if confirmer else None,
        act.early_reason if act else None,
        tuple(
            seat.party_name
            for seat in page.deliverable.seats
            if seat.is_awaited and seat.party_code != sign_off.party
        ),
        next((seat for seat in page.my_seats if seat.party_code == sign_off.party), None),
    )


def _act(session: Session, sign_off_id: int) -> RecordedAct | None:
    query = select(RecordedAct).join(SignOff, col(SignOff.act_id) == RecordedAct.id)
    return session.exec(query.where(SignOff.id == sign_off_id)).one_or_none()

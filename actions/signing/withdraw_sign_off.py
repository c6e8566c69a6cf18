"""A party takes its decision back, with a reason, until the stage closes (rule 4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlmodel import Session, select

from actions.ledger.journal import by_proconnect, record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake
from actions.mail.message_values import about_deliverable, current_version
from actions.mail.notify import tell
from actions.signing.paper_act import ConfirmedAct, PaperAct, on_paper, paper_authority
from database.engine import Database
from models.gate import review_status
from models.person import Actor
from models.refusal import Refusal
from models.request import Request
from models.sign_off import WITHDRAWAL, NothingToWithdraw, ReasonNeeded, SignOff, is_live
from models.sign_off_rules import withdrawal_refusal
from models.stage import check_transition
from models.stored_row import identity
from models.subject import Subject
from queries.ledger.find import find_seat
from queries.people.recipients import everybody
from queries.signing.authority import signing_authority
from queries.signing.matrix import load_seats, matrix_of


@dataclass(frozen=True, slots=True)
class SignOffWithdrawal(Request):
    """Whose decision on which deliverable is taken back, and why.

    ``deliverable_party`` is the city whose own deliverable it is, when it is another. With ``sign_off_id``, that
    decision only: not another, given since it was read.
    """

    slug: str
    stage_key: str
    key: str
    party_code: str
    reason: Annotated[str, WITHDRAWAL]
    deliverable_party: str | None = None
    sign_off_id: int | None = None


def withdraw_sign_off(db: Database, actor: Actor, withdrawal: SignOffWithdrawal, *, now: datetime) -> SignOff:
    """Withdraw the party's live decision; the gate is read again. Commits.

    Who may sign may withdraw, by a click of at least the same rank; what an act decided, another act withdraws
    (``withdraw_on_paper``). A reservation's commitment stays: what was asked was asked. Raises
    ``ReasonNeeded``, ``ProjectNotActive``, ``StageMovesOn``, ``NoAuthority``, ``OtherOrganisation``,
    ``NothingToWithdraw``.
    """
    if not withdrawal.reason.strip():
        raise ReasonNeeded("retirer une validation")
    with db.write() as session:
        return withdraw(session, actor, withdrawal, None, now)


def withdraw(
    session: Session, actor: Actor, withdrawal: SignOffWithdrawal, act: ConfirmedAct | None, now: datetime
) -> SignOff:
    """As ``withdraw_sign_off``, in the caller's transaction; ``act`` is the act on paper, confirmed, that withdraws."""
    seat = SeatToEmpty(session, actor, withdrawal, now)
    sign_off, stage = seat.sign_off(act), seat.stage
    sign_off.withdrawn_at, sign_off.withdrawn_reason = now, withdrawal.reason
    session.flush()
    status = review_status(matrix_of(session.connection(), identity(stage)))
    stage.status = check_transition("withdraw", stage.status, status)
    seat.record(sign_off, act)
    seat.tell(sign_off)
    wake(session, identity(stage), now)
    return sign_off


class SeatToEmpty:
    """The party, and the deliverable on which it takes its decision back, in its project, which is locked."""

    def __init__(self, session: Session, actor: Actor, withdrawal: SignOffWithdrawal, now: datetime) -> None:
        self.session, self.actor, self.withdrawal, self.now = session, actor, withdrawal, now
        self.project = lock_slug(session, withdrawal.slug)
        seat = find_seat(
            session,
            self.project,
            withdrawal.stage_key,
            withdrawal.key,
            withdrawal.party_code,
            withdrawal.deliverable_party,
        )
        self.stage, self.party, self.deliverable = seat.stage, seat.party, seat.deliverable

    def sign_off(self, act: PaperAct | ConfirmedAct | None = None) -> SignOff:
        """The party's live sign-off, once the actor, or the act, may withdraw it. Raises ``withdrawal_refusal``."""
        connection = self.session.connection()
        seat, _cell = load_seats(connection, identity(self.deliverable), self.now)[self.party.code]
        authority = (
            paper_authority(connection, seat, act, adopts=True, now=self.now)
            if act is not None
            else signing_authority(connection, self.actor.person_id, seat, self.now)
        )
        if isinstance(authority, Refusal):
            raise authority
        query = select(SignOff).where(
            SignOff.deliverable_id == self.deliverable.id, SignOff.party_id == self.party.id, is_live()
        )
        sign_off = self.session.exec(query).one_or_none()
        live = (identity(sign_off), sign_off.act_kind) if sign_off else None
        refusal = withdrawal_refusal(
            seat, self.actor, authority, live, self.withdrawal.sign_off_id, by_act=act is not None
        )
        if sign_off is None or refusal:
            raise refusal or NothingToWithdraw(self.party.name, self.deliverable.title)
        return sign_off

    def record(self, sign_off: SignOff, act: ConfirmedAct | None) -> None:
        """Write the fact in the journal."""
        record(
            self.session,
            "sign_off.withdrawn",
            project_id=self.project.id,
            actor=self.actor,
            now=self.now,
            party_code=self.party.code,
            stage=self.stage.key,
            deliverable=self.deliverable.key,
            round=sign_off.round,
            sha256=sign_off.sha256,
            decision=sign_off.decision,
            stage_status=self.stage.status,
            reason=sign_off.withdrawn_reason,
            paper=on_paper(act) if act else None,
            **by_proconnect(self.actor),
        )

    def tell(self, sign_off: SignOff) -> None:
        """Owe the mails to everybody else."""
        values = about_deliverable(self.session, self.project, self.stage, self.deliverable) | {
            "version": current_version(self.session, self.deliverable).number,
            "withdrawn_by": self.actor.name,
            "withdrawn_by_party": self.party.name,
            "reason": sign_off.withdrawn_reason,
        }
        gave = [person for person in (sign_off.signed_by, sign_off.recorded_by) if person is not None]
        people = (*everybody(self.session, self.project, self.now), *gave)
        others = [person for person in people if person != self.actor.person_id]
        about = Subject.of("sign_off", sign_off.id)
        tell(self.session, others, "sign_off_withdrawn", about, self.now, project=self.project, **values)

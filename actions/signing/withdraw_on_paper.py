"""Propose the withdrawal of a decision by an act: what a council decided, its council takes back (rule 4)."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session

from actions.authority.put_forward import Draft, put_forward
from actions.signing.paper_act import PaperAct
from actions.signing.sign_on_paper import confirmed_act, frozen, side_of
from actions.signing.withdraw_sign_off import SeatToEmpty, SignOffWithdrawal, withdraw
from database.engine import Database
from models.person import Actor
from models.proposal import Proposal, ProposalKind
from models.sign_off import ReasonNeeded
from models.stored_row import identity
from queries.access.rights import refusal_to_record


@dataclass(frozen=True, slots=True)
class PaperWithdrawal:
    """Which decision is taken back, and the act that takes it back."""

    withdrawal: SignOffWithdrawal
    act: PaperAct


def withdraw_on_paper(db: Database, actor: Actor, asked: PaperWithdrawal, *, now: datetime) -> Proposal:
    """Propose it: the decision stands until the other side has confirmed the act. Commits.

    Raises what ``withdraw_sign_off`` raises, ``NotAllowed``, ``InvalidPaperAct``, the rules of a council's
    deliberation, ``OtherProposal``.
    """
    withdrawal, act = asked.withdrawal, asked.act
    if not withdrawal.reason.strip():
        raise ReasonNeeded("retirer une validation")
    with db.write() as session:
        seat = SeatToEmpty(session, actor, withdrawal, now)
        if refusal := refusal_to_record(session, actor, ProposalKind.withdrawal, seat.party, now):
            raise refusal
        sign_off = seat.sign_off(act)
        proof = act.proof.keep(session)
        draft = Draft(
            ProposalKind.withdrawal,
            f"withdrawal:{sign_off.id}",
            seat.party.code,
            side_of(session, actor, identity(seat.project), now),
            f"Retrait, par un acte, de la décision de {seat.party.name} sur « {seat.deliverable.title} »",
            frozen(act) | asdict(withdrawal) | {"sign_off_id": sign_off.id},
            project_id=seat.project.id,
            party_id=seat.party.id,
            deliverable_id=seat.deliverable.id,
            file_sha256=proof.sha256,
            file_name=proof.name,
        )
        return put_forward(session, draft, actor, now)


def carry_out_withdrawal(session: Session, proposal: Proposal, actor: Actor, now: datetime) -> int:
    """Withdraw the decision; returns the number of the sign-off. Does not commit. Raises as ``withdraw_sign_off``."""
    asked = {
        name: proposal.request[name]
        for name in ("slug", "stage_key", "key", "party_code", "reason", "deliverable_party", "sign_off_id")
    }
    act = confirmed_act(proposal, actor)
    return identity(withdraw(session, actor, SignOffWithdrawal(**asked), act, now))

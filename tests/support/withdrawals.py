"""What a council decided on the charter is taken back by an act of its council, in two keys."""

from cast import Cast

from actions.signing.withdraw_on_paper import PaperWithdrawal, withdraw_on_paper
from actions.signing.withdraw_sign_off import SignOffWithdrawal
from models.proposal import Proposal


def propose_withdrawal(cast: Cast, code: str, reason: str = "Vote à refaire") -> Proposal:
    """The city's contact records the council's act that takes its decision back."""
    withdrawal = SignOffWithdrawal(cast.slug, "charter", "charte", party_code=code, reason=reason)
    asked = PaperWithdrawal(withdrawal, cast.council_act(code))
    return withdraw_on_paper(cast.db, cast.contact(code), asked, now=cast.now)


def withdraw_charter(cast: Cast, code: str, reason: str = "Vote à refaire") -> None:
    """The same, confirmed by the agent."""
    cast.confirm(propose_withdrawal(cast, code, reason))

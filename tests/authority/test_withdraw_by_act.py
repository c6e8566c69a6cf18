"""What a council decided, its council takes back: by an act of the same rank, confirmed by the other side (rule 4)."""

from collections.abc import Callable

import pytest
from cast import MANTES, NIORT, SLUG, Cast

from actions.signing.paper_act import PaperAct
from actions.signing.withdraw_on_paper import PaperWithdrawal, withdraw_on_paper
from actions.signing.withdraw_sign_off import SignOffWithdrawal
from models.act_kind import ActKind
from models.person import Actor, NotAllowed, Role
from models.proposal import Proposal
from models.proposal_rules import ProposalSettled
from models.sign_off import SignOff, WeakerWithdrawal

At = Callable[[str], Cast]


@pytest.fixture
def cast(at: At) -> Cast:
    cast = at("charter in review")
    cast.sign("charte", NIORT)
    return cast


def live(cast: Cast) -> SignOff:
    return cast.sign_offs("charte")[-1]


def take_back(cast: Cast, act: PaperAct, actor: Actor | None = None) -> Proposal:
    withdrawal = SignOffWithdrawal(SLUG, "charter", "charte", NIORT, "Vote à refaire")
    return withdraw_on_paper(
        cast.db, actor or cast.contact(NIORT), PaperWithdrawal(withdrawal, act), now=cast.now
    )


def test_a_click_does_not_withdraw_a_deliberation(cast: Cast) -> None:
    with pytest.raises(WeakerWithdrawal, match="l’acte de même rang"):
        cast.withdraw("charte", NIORT)
    assert live(cast).withdrawn_at is None


def test_a_deliberation_does_once_the_anct_has_confirmed_it(cast: Cast) -> None:
    proposal = take_back(cast, cast.council_act(NIORT, number="2026-200"))
    assert live(cast).withdrawn_at is None
    assert proposal.result_id is None
    cast.confirm(proposal)
    assert live(cast).withdrawn_reason == "Vote à refaire"
    assert ("sign_off.withdrawn", NIORT) in cast.journal()
    cast.give_role("second@anct.example", "Second Agent", Role.agency_agent)
    with pytest.raises(ProposalSettled):
        cast.confirm(proposal, cast.person("second@anct.example"))


def test_a_lesser_act_on_paper_does_not(cast: Cast) -> None:
    proof = cast.files.receive_path(cast.write("signature", "signe.pdf"))
    with pytest.raises(WeakerWithdrawal):
        take_back(cast, PaperAct(ActKind.elected_signature, cast.today, proof))


def test_another_city_does_not_take_it_back(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        take_back(cast, cast.council_act(NIORT, number="2026-200"), cast.contact(MANTES))

"""Approve, with reservations or not, refuse, withdraw (rule 4)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cast import BOURGES, CITIES, GUICHEN, NIORT, Cast
from owed_mails import addresses_of

from models.commitment import CommitmentOrigin
from models.shared_project import ProjectNotActive
from models.sign_off import (
    AlreadyDecided,
    Decision,
    NoAuthority,
    NothingToWithdraw,
    NotSubmittedYet,
    ReasonNeeded,
)
from models.stage import StageMovesOn, StageStatus

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"
APPROVED, RESERVED, REFUSED = Decision


@pytest.mark.parametrize("decision", [RESERVED, REFUSED])
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_refusal_and_a_reservation_need_a_reason(cast: Cast, decision: Decision, reason: str) -> None:
    with pytest.raises(ReasonNeeded):
        cast.sign(NOTE, NIORT, decision, reason=reason)
    assert cast.sign_offs(NOTE) == []


def test_a_refusal_sends_the_deliverable_back_to_its_author(cast: Cast) -> None:
    cast.sign(NOTE, NIORT, REFUSED, reason="Les associations manquent.")
    assert cast.status("constitution") is StageStatus.revision_requested
    (owed,) = cast.notices("deliverable_refused_for_author")
    assert owed.recipient_id == cast.agent.person_id
    assert owed.payload["reason"] == "Les associations manquent."
    assert cast.told("deliverable_refused_for_others") >= addresses_of(cast, BOURGES)
    cast.submit(NOTE)
    assert cast.status("constitution") is StageStatus.in_review


def test_while_a_revision_is_asked_the_other_cities_may_still_decide(cast: Cast) -> None:
    cast.sign(NOTE, NIORT, REFUSED)
    cast.sign(NOTE, BOURGES)
    assert cast.status("constitution") is StageStatus.revision_requested


def test_a_reservation_passes_the_gate(cast: Cast) -> None:
    for code in CITIES:
        cast.sign(NOTE, code, RESERVED)
    assert cast.status("constitution") is StageStatus.signed_off


def test_a_reservation_becomes_a_commitment_of_the_author_to_answer_it(cast: Cast) -> None:
    number = cast.sign(NOTE, NIORT, RESERVED, reason="La place des jeunes.")
    (promised,) = cast.commitments(origin=CommitmentOrigin.reservation)
    assert (promised.owner, promised.reference) == ("ANCT", f"sign_off-{number}")
    assert "La place des jeunes." in promised.text
    assert "Niort" in promised.text
    assert promised.due_on == cast.today + timedelta(days=15)
    assert cast.told("reservation_to_answer") == {"camille.roussel@anct.example"}


def test_a_sign_off_can_be_withdrawn_with_a_reason(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    cast.withdraw(NOTE, NIORT, "Le conseil veut en débattre.")
    (recorded,) = cast.sign_offs(NOTE)
    assert recorded.withdrawn_reason == "Le conseil veut en débattre."
    assert NIORT in {each.party for each in cast.missing("constitution")}
    assert ("sign_off.withdrawn", NIORT) in cast.journal()
    assert cast.told("sign_off_withdrawn") >= addresses_of(cast, BOURGES)


def test_withdrawing_needs_a_reason_and_a_decision(cast: Cast) -> None:
    with pytest.raises(NothingToWithdraw):
        cast.withdraw(NOTE, NIORT)
    cast.sign(NOTE, NIORT)
    with pytest.raises(ReasonNeeded):
        cast.withdraw(NOTE, NIORT, " ")


@pytest.mark.parametrize("who", ["agent", "observer", "outsider"])
def test_only_those_who_may_sign_may_withdraw(cast: Cast, who: str) -> None:
    cast.sign(NOTE, NIORT)
    with pytest.raises(NoAuthority):
        cast.withdraw(NOTE, NIORT, actor=getattr(cast, who))


def test_a_withdrawal_opens_again_a_gate_that_had_turned(cast: Cast) -> None:
    cast.sign_all("constitution")
    cast.withdraw(NOTE, GUICHEN)
    assert cast.status("constitution") is StageStatus.in_review
    assert not cast.close("constitution")
    cast.sign(NOTE, GUICHEN)
    assert cast.close("constitution")


def test_withdrawing_a_refusal_ends_the_revision(cast: Cast) -> None:
    cast.sign(NOTE, NIORT, REFUSED)
    cast.withdraw(NOTE, NIORT)
    assert cast.status("constitution") is StageStatus.in_review


def test_once_the_stage_is_closed_nothing_is_withdrawn_nor_signed(cast: Cast) -> None:
    cast.sign_all("constitution")
    cast.end("constitution")
    with pytest.raises(StageMovesOn):
        cast.withdraw(NOTE, NIORT)
    with pytest.raises(StageMovesOn):
        cast.sign(NOTE, NIORT, REFUSED)


def test_a_double_click_is_one_fact(cast: Cast) -> None:
    first = cast.sign(NOTE, NIORT)
    facts = cast.journal()
    assert cast.sign(NOTE, NIORT) == first
    assert len(cast.sign_offs(NOTE)) == 1
    assert cast.journal() == facts


def test_a_double_click_of_the_last_city_is_one_fact_too(cast: Cast) -> None:
    cast.sign_all("constitution", but=[GUICHEN])
    first = cast.sign(NOTE, GUICHEN)
    assert cast.sign(NOTE, GUICHEN) == first
    assert cast.status("constitution") is StageStatus.signed_off


def test_another_decision_needs_the_first_one_to_be_withdrawn(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    with pytest.raises(AlreadyDecided, match="retirez d’abord"):
        cast.sign(NOTE, NIORT, REFUSED)
    cast.withdraw(NOTE, NIORT)
    cast.sign(NOTE, NIORT, REFUSED)
    assert cast.status("constitution") is StageStatus.revision_requested


def test_another_reason_for_the_same_decision_is_not_lost_in_silence(cast: Cast) -> None:
    cast.sign(NOTE, NIORT, RESERVED, reason="La place des jeunes.")
    with pytest.raises(AlreadyDecided):
        cast.sign(NOTE, NIORT, RESERVED, reason="Le budget.")


def test_nothing_is_signed_before_the_review_nor_before_it_is_submitted(at: At) -> None:
    cast = at("diagnosis open")
    with pytest.raises(NotSubmittedYet):
        cast.sign("diagnostic", NIORT)
    cast.submit("diagnostic", NIORT)
    with pytest.raises(StageMovesOn, match="Diagnostic territorial"):
        cast.sign("diagnostic", NIORT)


def test_nothing_is_signed_in_a_paused_project(cast: Cast) -> None:
    cast.pause()
    with pytest.raises(ProjectNotActive, match="en pause"):
        cast.sign(NOTE, NIORT)

"""What kind of act a decision is, and which one is expected (rule 5)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, NIORT, Cast

from actions.signing.sign_off import SignOffRequest, sign_off
from models.act_kind import ActKind
from models.deliberation_rules import QuorumNotReached
from models.recorded_act import InvalidPaperAct, RecordedAct
from models.sign_off import (
    Decision,
    WeakerAct,
)
from models.stage import StageStatus

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"
APPROVED, RESERVED, REFUSED = Decision


@pytest.mark.parametrize("decision", [APPROVED, RESERVED])
def test_a_click_is_never_a_council_act(at: At, decision: Decision) -> None:
    cast = at("charter in review")
    charter, party = cast.deliverable("charte"), cast.party(NIORT)
    click = SignOffRequest(charter.id or 0, party.id or 0, charter.sha256 or "", decision, "Un motif")
    with pytest.raises(WeakerAct, match="délibération"):
        sign_off(cast.db, cast.mayor(NIORT), click, now=cast.now)
    assert cast.sign_offs("charte") == []


def test_a_click_is_enough_to_refuse_the_charter(at: At) -> None:
    cast = at("charter in review")
    cast.sign("charte", NIORT, REFUSED)
    assert cast.status("charter") is StageStatus.revision_requested


def test_a_deliberation_is_recorded_with_its_data_and_its_file(at: At) -> None:
    cast = at("charter in review")
    paper = cast.council_act(NIORT)
    cast.sign("charte", NIORT, actor=cast.contact(NIORT), paper=paper)
    (recorded,) = cast.sign_offs("charte")
    (act,) = cast.all(RecordedAct)
    assert isinstance(act, RecordedAct)
    assert (recorded.act_kind, recorded.act_id) == (ActKind.deliberation, act.id)
    assert act.deliberation == paper.deliberation
    assert act.file_sha256 == paper.proof.sha256 == recorded.proof_sha256
    assert cast.files.path(act.file_sha256).is_file()


def test_a_deliberation_without_its_data_is_refused(at: At) -> None:
    cast = at("charter in review")
    with pytest.raises(InvalidPaperAct, match="données"):
        cast.sign("charte", NIORT, paper=replace(cast.council_act(NIORT), deliberation=None))


def test_a_council_that_could_not_decide_is_refused_with_the_rule(at: At) -> None:
    cast = at("charter in review")
    with pytest.raises(QuorumNotReached, match="L2121-17"):
        cast.sign("charte", NIORT, paper=cast.council_act(NIORT, present=12, represented=6, votes_for=18))
    assert cast.sign_offs("charte") == []
    assert cast.all(RecordedAct) == []


def test_a_deliberation_bears_the_date_of_its_session(at: At) -> None:
    cast = at("charter in review")
    cast.wait(days=1)
    paper = cast.council_act(NIORT)
    with pytest.raises(InvalidPaperAct, match="séance"):
        cast.sign("charte", NIORT, paper=replace(paper, acted_on=paper.acted_on - timedelta(days=1)))


def test_a_stronger_act_than_expected_is_welcome(cast: Cast) -> None:
    cast.sign(NOTE, NIORT, paper=cast.council_act(NIORT))
    assert cast.sign_offs(NOTE)[0].act_kind is ActKind.deliberation


def test_the_staff_does_not_give_the_signature_of_an_elected_person(at: At) -> None:
    cast = at("action plan in review")
    with pytest.raises(WeakerAct, match="signature d’un élu"):
        cast.sign("plan_d_action", NIORT, actor=cast.delegate(NIORT, to_elected=False))


def test_a_party_that_asks_for_a_deliberation_on_its_plan_gives_one(at: At) -> None:
    cast = at("action plan in review")
    _wish(cast, NIORT, '{"plan_d_action": "deliberation"}')
    with pytest.raises(WeakerAct):
        cast.sign("plan_d_action", NIORT)
    cast.sign("plan_d_action", BOURGES)
    cast.sign("plan_d_action", NIORT, paper=cast.council_act(NIORT))


def test_a_party_cannot_wish_for_less_than_the_lifecycle_asks(at: At) -> None:
    cast = at("charter in review")
    _wish(cast, NIORT, '{"charte": "technical_validation"}')
    with pytest.raises(WeakerAct):
        cast.click("charte", NIORT)


def _wish(cast: Cast, code: str, acts: str) -> None:
    with cast.db.write_statements() as connection:
        connection.execute(
            sa.text("UPDATE party SET acts = :acts WHERE code = :code"), {"acts": acts, "code": code}
        )

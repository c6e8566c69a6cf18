"""Acts given off-platform, recorded with their proof (rule 7)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from cast import BOURGES, NIORT, Cast

from actions.signing.sign_on_paper import PaperAct
from models.act_kind import ActKind
from models.person import NotAllowed
from models.recorded_act import InvalidPaperAct, NobodyInOffice, RecordedAct
from models.sign_off import (
    Decision,
    OtherContent,
    SignOff,
)

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"
APPROVED, RESERVED, REFUSED = Decision


@pytest.mark.parametrize("who", ["contact", "agent"])
def test_a_local_contact_or_the_anct_records_an_act_on_paper(cast: Cast, who: str) -> None:
    recorder = cast.agent if who == "agent" else cast.contact(NIORT)
    cast.sign(NOTE, NIORT, actor=recorder, paper=_signature(cast))
    (recorded,) = cast.sign_offs(NOTE)
    assert (recorded.signed_by, recorded.recorded_by) == (cast.mayor(NIORT).person_id, recorder.person_id)
    assert recorded.acted_on is not None
    assert recorded.acted_on.date() == date(2026, 11, 20)
    assert recorded.proof_sha256 == _signature(cast).proof.sha256
    (entry,) = [each for each in cast.entries() if each["event"] == "sign_off.recorded"]
    assert entry["actor_id"] == recorder.person_id


@pytest.mark.parametrize("who", ["contractor", "observer", "outsider", "another contact", "another mayor"])
def test_nobody_else_records_an_act_on_paper(cast: Cast, who: str) -> None:
    cast.award()
    others = {"another contact": cast.contact(BOURGES), "another mayor": cast.mayor(BOURGES)}
    with pytest.raises(NotAllowed):
        cast.sign(NOTE, NIORT, actor=others.get(who) or getattr(cast, who), paper=_signature(cast))
    assert cast.all(SignOff) == []


def test_an_act_of_the_future_is_refused(cast: Cast) -> None:
    with pytest.raises(InvalidPaperAct, match="avenir"):
        cast.sign(NOTE, NIORT, paper=replace(_signature(cast), acted_on=date(2026, 11, 23)))


def test_an_act_on_paper_is_bound_to_the_content_too(cast: Cast) -> None:
    with pytest.raises(OtherContent):
        cast.sign(NOTE, NIORT, paper=_signature(cast), sha256="f" * 64)
    assert cast.all(RecordedAct) == []


def test_the_act_of_a_city_without_mayor_is_refused_and_says_what_to_do(cast: Cast) -> None:
    with cast.db.write_statements() as connection:
        connection.execute(
            sa.text("UPDATE mandate SET until = since WHERE role = 'signatory' AND authority_code = :code"),
            {"code": NIORT},
        )
    with pytest.raises(NobodyInOffice, match="l’inviter"):
        cast.sign(NOTE, NIORT, actor=cast.contact(NIORT), paper=_signature(cast))


def test_recording_the_same_act_twice_is_one_fact(cast: Cast) -> None:
    first = cast.sign(NOTE, NIORT, actor=cast.contact(NIORT), paper=_signature(cast))
    assert cast.sign(NOTE, NIORT, actor=cast.contact(NIORT), paper=_signature(cast)) == first
    assert len(cast.all(RecordedAct)) == 1


def _signature(cast: Cast) -> PaperAct:
    scan = cast.files.receive_path(cast.write("%PDF-1.7 : le papier signé, numérisé", "scan.pdf"))
    return PaperAct(ActKind.elected_signature, date(2026, 11, 20), scan)

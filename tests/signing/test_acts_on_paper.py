"""Acts given off-platform, recorded with their proof (rule 7)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from cast import BOURGES, NIORT, Cast
from two_keys import propose_paper

from actions.signing.paper_act import PaperAct
from models.act_kind import ActKind
from models.paris_time import paris_day
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
    assert recorded.acted_on.date() == date(2026, 11, 22)
    assert recorded.proof_sha256 == _signature(cast).proof.sha256
    (entry,) = [each for each in cast.entries() if each["event"] == "sign_off.recorded"]
    (act,) = cast.all(RecordedAct)
    assert isinstance(act, RecordedAct)
    other = cast.contact(NIORT) if who == "agent" else cast.agent
    assert (act.recorded_by, act.confirmed_by) == (recorder.person_id, other.person_id)
    assert entry["actor_id"] == other.person_id
    paper = payload_of(entry)["paper"]
    assert (paper["recorded_by"], paper["confirmed_by"]) == (recorder.person_id, other.person_id)


def test_an_act_on_paper_counts_once_the_other_side_has_confirmed_it(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.contact(NIORT), paper=_signature(cast))
    assert cast.sign_offs(NOTE) == []
    assert NIORT in {each.party for each in cast.missing("constitution")}
    cast.confirm(proposal)
    assert len(cast.sign_offs(NOTE)) == 1
    assert NIORT not in {each.party for each in cast.missing("constitution")}


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
    assert cast.open_proposals() == []


def test_an_act_older_than_the_text_needs_a_reason_which_is_shown(cast: Cast) -> None:
    old = replace(_signature(cast), acted_on=date(2026, 11, 20))
    for reason in (None, "  "):
        with pytest.raises(InvalidPaperAct, match="avant que le texte à valider ne soit déposé"):
            cast.sign(NOTE, NIORT, paper=replace(old, early_reason=reason))
    cast.sign(NOTE, NIORT, paper=replace(old, early_reason="Signé sur le projet remis en séance"))
    (act,) = cast.all(RecordedAct)
    assert isinstance(act, RecordedAct)
    assert act.early_reason == "Signé sur le projet remis en séance"
    (recorded,) = cast.sign_offs(NOTE)
    assert recorded.acted_on is not None
    assert recorded.acted_on.date() == date(2026, 11, 20)


def test_an_act_older_than_the_project_is_refused_whatever_the_reason(cast: Cast) -> None:
    project = cast.project()
    first = min(project.period_from, paris_day(project.created_at))
    eve = replace(_signature(cast), acted_on=first - timedelta(days=1), early_reason="Il y a longtemps")
    with pytest.raises(InvalidPaperAct, match="avant le début du projet"):
        cast.sign(NOTE, NIORT, paper=eve)
    assert cast.sign(NOTE, NIORT, paper=replace(eve, acted_on=first))


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
    scan = cast.files.receive_path(cast.write("le papier signé, numérisé", "scan.pdf"))
    return PaperAct(ActKind.elected_signature, date(2026, 11, 22), scan)


def payload_of(entry: Mapping[str, Any]) -> Any:
    """What an entry of the journal holds; SQLite gives the text."""
    return json.loads(entry["payload"]) if isinstance(entry["payload"], str) else entry["payload"]

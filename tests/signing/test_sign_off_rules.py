"""Rules 2, 3, 4, 5 and 7 of the sign-off: content, authority, decisions, kinds of act, acts on paper."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, CITIES, GUICHEN, MANTES, NIORT, OBSERVER, Cast

from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from actions.signing.sign_off import SignOffRequest, UnknownSeat, sign_off
from actions.signing.sign_on_paper import PaperAct
from models.act_kind import ActKind
from models.commitment import CommitmentOrigin
from models.deliberation_rules import QuorumNotReached
from models.deliverable import MinorNeedsReason, NothingToRevise, SameContent
from models.lifecycle import load_lifecycle
from models.person import AuthMethod, NotAllowed, Role
from models.recorded_act import InvalidPaperAct, NobodyInOffice, RecordedAct
from models.shared_project import ProjectNotActive
from models.sign_off import (
    AlreadyDecided,
    Decision,
    NoAuthority,
    NotConcerned,
    NothingToWithdraw,
    NotSubmittedYet,
    OtherContent,
    ReasonNeeded,
    SignOff,
    WeakerAct,
)
from models.signature_delegation import InvalidDelegation, UnknownScope, delegation_scopes
from models.stage import StageMovesOn, StageStatus
from queries.projects.participants import read_participants

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"
APPROVED, RESERVED, REFUSED = Decision


@pytest.fixture
def cast(at: At) -> Cast:
    """The framing note is in, and every city is invited to sign it off."""
    return at("constitution in review")


# Rule 2: bound to content


def test_a_sign_off_names_the_version_and_its_hash(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    (recorded,) = cast.sign_offs(NOTE)
    note = cast.deliverable(NOTE)
    assert (recorded.version_id, recorded.sha256, recorded.round) == (
        note.version_id,
        note.sha256,
        note.round,
    )


def test_a_sign_off_that_names_another_hash_is_refused_and_says_what_changed(cast: Cast) -> None:
    read = cast.deliverable(NOTE).sha256
    cast.submit(NOTE)
    with pytest.raises(OtherContent, match=r"version 1 .* version 2 l’a remplacée") as refused:
        cast.sign(NOTE, NIORT, sha256=read)
    assert refused.value.current_sha256 == cast.deliverable(NOTE).sha256
    assert cast.sign_offs(NOTE) == []


def test_a_hash_that_was_never_a_version_is_refused(cast: Cast) -> None:
    with pytest.raises(OtherContent, match="n’est celle d’aucune version"):
        cast.sign(NOTE, NIORT, sha256="0" * 64)


def test_a_new_version_voids_the_sign_offs_on_the_old_one_and_opens_a_new_round(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    cast.sign(NOTE, BOURGES, RESERVED)
    before = cast.deliverable(NOTE).round
    cast.submit(NOTE)
    assert all(recorded.voided_at is not None for recorded in cast.sign_offs(NOTE))
    assert cast.deliverable(NOTE).round == before + 1
    assert {each.party for each in cast.missing("constitution") if each.what == "sign_off"} == set(CITIES)


def test_a_new_version_is_told_to_each_party_by_what_it_had_answered(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    cast.sign(NOTE, GUICHEN, RESERVED)
    cast.sign(NOTE, BOURGES, REFUSED)
    cast.submit(NOTE)
    assert cast.told("sign_off_fell") == _addresses(cast, NIORT) | _addresses(cast, GUICHEN)
    assert cast.told("new_version_submitted") == _addresses(cast, MANTES) | _addresses(cast, BOURGES)
    answered = {
        notice.recipient_id
        for notice in cast.notices("new_version_submitted")
        if notice.payload["had_refused"]
    }
    assert answered == {cast.mayor(BOURGES).person_id, cast.contact(BOURGES).person_id}


def test_a_city_signs_again_after_a_new_version(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE)
    cast.sign(NOTE, NIORT)
    old, new = cast.sign_offs(NOTE)
    assert (old.voided_at is None, new.voided_at) == (False, None)
    assert old.sha256 != new.sha256 == cast.deliverable(NOTE).sha256


def test_coming_back_to_an_older_content_is_a_new_version_all_the_same(cast: Cast) -> None:
    cast.submit(NOTE, text="autre")
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE, text="note_de_cadrage de toutes, version 1")
    assert cast.deliverable(NOTE).number == 3
    assert all(recorded.voided_at is not None for recorded in cast.sign_offs(NOTE))


def test_a_minor_revision_keeps_the_sign_offs_and_the_fact_is_recorded(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    round_before = cast.deliverable(NOTE).round
    version = cast.submit(NOTE, minor="Une coquille page 3")
    (recorded,) = cast.sign_offs(NOTE)
    assert (recorded.voided_at, cast.deliverable(NOTE).round) == (None, round_before)
    assert (version.is_minor, version.minor_reason) == (True, "Une coquille page 3")
    assert "deliverable.revised_minor" in dict(cast.journal())
    assert {"deliverable.revised_minor"} & {entry["event"] for entry in cast.entries()}
    assert NIORT not in {each.party for each in cast.missing("constitution")}
    assert cast.told("minor_revision_recorded") >= _addresses(cast, NIORT)


def test_after_a_minor_revision_the_others_sign_the_new_content(cast: Cast) -> None:
    read = cast.deliverable(NOTE).sha256
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE, minor="Une date")
    with pytest.raises(OtherContent):
        cast.sign(NOTE, BOURGES, sha256=read)
    for code in (MANTES, BOURGES, GUICHEN):
        cast.sign(NOTE, code)
    assert cast.status("constitution") is StageStatus.signed_off


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_minor_revision_needs_a_reason(cast: Cast, reason: str) -> None:
    with pytest.raises(MinorNeedsReason):
        cast.submit(NOTE, minor=reason)
    assert cast.deliverable(NOTE).number == 1


def test_only_an_agent_of_the_anct_may_call_a_revision_minor(at: At) -> None:
    cast = at("diagnosis in review")
    for who in (cast.contractor, cast.contact(NIORT), cast.mayor(NIORT), cast.observer, cast.outsider):
        with pytest.raises(NotAllowed, match="agent de l’ANCT"):
            cast.submit("diagnostic", NIORT, minor="Une coquille", actor=who)


def test_a_first_version_is_never_a_minor_revision(at: At) -> None:
    with pytest.raises(NothingToRevise):
        at("constitution open").submit(NOTE, minor="Une coquille")


def test_the_same_content_is_not_a_new_version(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    with pytest.raises(SameContent):
        cast.submit(NOTE, text="note_de_cadrage de toutes, version 1")
    assert cast.sign_offs(NOTE)[0].voided_at is None


# Rule 3: authority


def test_the_mayor_signs_for_the_city(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    (recorded,) = cast.sign_offs(NOTE)
    assert (recorded.signed_by, recorded.act_kind) == (cast.mayor(NIORT).person_id, ActKind.elected_signature)


@pytest.mark.parametrize("who", ["agent", "contractor", "observer", "outsider"])
def test_the_anct_the_contractor_an_observer_and_an_outsider_never_sign(cast: Cast, who: str) -> None:
    cast.award()
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=getattr(cast, who))
    assert cast.sign_offs(NOTE) == []


def test_a_local_contact_does_not_sign_without_a_delegation(cast: Cast) -> None:
    with pytest.raises(NoAuthority, match="délégation"):
        cast.sign(NOTE, NIORT, actor=cast.contact(NIORT))


def test_a_mayor_does_not_sign_for_another_city(cast: Cast) -> None:
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=cast.mayor(BOURGES))


def test_the_engine_itself_does_not_sign(cast: Cast) -> None:
    nobody = replace(cast.agent, person_id=None, auth_method=AuthMethod.system)
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=nobody)


def test_an_observer_city_has_no_seat_even_for_its_mayor(cast: Cast) -> None:
    cast.give_role("maire@merignac.example", "Maire", Role.signatory, OBSERVER)
    with pytest.raises(NotConcerned):
        cast.sign(NOTE, OBSERVER, actor=cast.person("maire@merignac.example"))


def test_a_city_does_not_sign_the_deliverable_of_another(at: At) -> None:
    cast = at("diagnosis in review")
    with pytest.raises(NotConcerned):
        cast.sign("diagnostic", NIORT, owner=BOURGES)


def test_a_party_of_another_project_is_refused(cast: Cast) -> None:
    note = cast.deliverable(NOTE)
    request = SignOffRequest(note.id or 0, 987654, note.sha256 or "", APPROVED)
    with pytest.raises(UnknownSeat):
        sign_off(cast.db, cast.mayor(NIORT), request, now=cast.now)


def test_a_former_mayor_signs_no_more_and_the_new_one_does(cast: Cast) -> None:
    former = cast.mayor(NIORT)
    cast.give_role("nouveau@niort.example", "Nouveau Maire", Role.signatory, NIORT)
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=former)
    cast.sign(NOTE, NIORT, actor=cast.person("nouveau@niort.example"))


def test_a_delegate_signs_and_the_sign_off_names_the_delegation(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    cast.sign(NOTE, NIORT, actor=deputy)
    (recorded,) = cast.sign_offs(NOTE)
    assert recorded.signed_by == deputy.person_id
    assert recorded.delegation_id is not None


def test_one_seat_a_party_whoever_holds_the_pen(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    cast.sign(NOTE, NIORT)
    with pytest.raises(AlreadyDecided):
        cast.sign(NOTE, NIORT, actor=deputy)
    assert len(cast.sign_offs(NOTE)) == 1


@pytest.mark.parametrize(
    ("instant", "signs"),
    [
        (datetime(2026, 11, 30, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 30, 23, 0, tzinfo=UTC), True),
        (datetime(2026, 12, 10, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 12, 10, 23, 0, tzinfo=UTC), False),
    ],
    ids=["the eve, in Paris", "the first minute", "the last minute", "the day after, in Paris"],
)
def test_a_delegation_runs_by_days_of_paris_both_ends_included(
    cast: Cast, instant: datetime, signs: bool
) -> None:
    deputy = cast.delegate(NIORT, days=(date(2026, 12, 1), date(2026, 12, 10)))
    cast.set_clock(instant - timedelta(minutes=1))
    if signs:
        assert cast.sign(NOTE, NIORT, actor=deputy)
    else:
        with pytest.raises(NoAuthority):
            cast.sign(NOTE, NIORT, actor=deputy)


@pytest.mark.parametrize("scope", ["all", "constitution", "note_de_cadrage", "charter, note_de_cadrage"])
def test_a_delegation_covers_everything_a_stage_or_a_deliverable(cast: Cast, scope: str) -> None:
    assert cast.sign(NOTE, NIORT, actor=cast.delegate(NIORT, scope=scope))


def test_a_delegation_reaches_no_further_than_its_scope(cast: Cast) -> None:
    deputy = cast.delegate(NIORT, scope="charter,plan_d_action")
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=deputy)


def test_a_delegation_is_for_one_city_only(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, BOURGES, actor=deputy)


def test_a_revoked_delegation_signs_no_more(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    with cast.db.write_statements() as connection:
        connection.execute(
            sa.text("UPDATE signature_delegation SET revoked_at = :now"), {"now": "2026-11-22 09:00:00+00:00"}
        )
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=deputy)


@pytest.mark.parametrize(
    ("to_elected", "kind"), [(True, ActKind.elected_signature), (False, ActKind.technical_validation)]
)
def test_an_elected_delegate_signs_as_an_elected_person_and_the_staff_technically(
    cast: Cast, to_elected: bool, kind: ActKind
) -> None:
    cast.sign(NOTE, NIORT, actor=cast.delegate(NIORT, to_elected=to_elected))
    assert cast.sign_offs(NOTE)[0].act_kind is kind


@pytest.mark.parametrize("who", ["agent", "contractor"])
def test_no_delegation_makes_the_anct_or_the_contractor_sign(cast: Cast, who: str) -> None:
    cast.award()
    with pytest.raises(InvalidDelegation):
        _delegate_to(cast, getattr(cast, who), "camille.roussel@anct.example" if who == "agent" else None)


def test_a_delegate_who_becomes_an_agent_of_the_anct_signs_no_more(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    cast.give_role("adjointe@niort.example", "Odile Fournier", Role.agency_agent)
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=deputy)


def test_a_delegation_is_recorded_by_the_city_and_by_nobody_else(cast: Cast) -> None:
    cast.register("adjoint@niort.example", "Un adjoint")
    for who in (cast.agent, cast.mayor(BOURGES), cast.contact(BOURGES), cast.observer, cast.outsider):
        with pytest.raises(NotAllowed):
            _delegate_to(cast, who, "adjoint@niort.example", actor=who)


def test_a_delegation_is_about_what_is_signed(cast: Cast) -> None:
    cast.register("adjoint@niort.example", "Un adjoint")
    with pytest.raises(UnknownScope, match="ressources"):
        _delegate_to(cast, cast.mayor(NIORT), "adjoint@niort.example", scope="charter,ressources")
    scopes = delegation_scopes(load_lifecycle())
    assert "ressources" not in scopes
    for number, scope in enumerate(scopes):
        _delegate_to(cast, cast.mayor(NIORT), "adjoint@niort.example", scope=scope, order=f"Arrêté {number}")


def test_a_delegation_about_what_nobody_signs_stays_shown(cast: Cast) -> None:
    cast.delegate(NIORT, scope="charter")
    with cast.db.write() as session:
        session.connection().execute(sa.text("UPDATE signature_delegation SET scope = 'charter,ressources'"))
    with cast.db.read() as session:
        (shown,) = read_participants(session, cast.slug, cast.agent.person_id, cast.now).delegations
    assert shown.scope == "étape « Charte », ressources"


def test_a_delegation_needs_a_scope_that_exists_an_order_and_dates_in_order(cast: Cast) -> None:
    cast.register("adjoint@niort.example", "Un adjoint")
    with pytest.raises(UnknownScope, match="chartre"):
        _delegate_to(cast, cast.mayor(NIORT), "adjoint@niort.example", scope="chartre")
    with pytest.raises(InvalidDelegation, match="arrêté"):
        _delegate_to(cast, cast.mayor(NIORT), "adjoint@niort.example", order=" ")
    with pytest.raises(InvalidDelegation, match="avant de commencer"):
        _delegate_to(cast, cast.mayor(NIORT), "adjoint@niort.example", until=date(2020, 1, 1))


# Rule 4: decisions


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
    assert cast.told("deliverable_refused_for_others") >= _addresses(cast, BOURGES)
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
    assert cast.told("sign_off_withdrawn") >= _addresses(cast, BOURGES)


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


# Rule 5: kinds of act


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
    paper = cast.council_act(NIORT)
    with pytest.raises(InvalidPaperAct, match="séance"):
        cast.sign("charte", NIORT, paper=replace(paper, acted_on=paper.acted_on + timedelta(days=1)))


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


# Rule 7: off-platform


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


def _addresses(cast: Cast, code: str) -> set[str]:
    with cast.db.read() as session:
        people = [cast.mayor(code).person_id, cast.contact(code).person_id]
        rows = session.connection().execute(
            sa.text("SELECT email FROM person WHERE id IN (:mayor, :contact)"),
            {"mayor": people[0], "contact": people[1]},
        )
        return set(rows.scalars())


def _wish(cast: Cast, code: str, acts: str) -> None:
    with cast.db.write_statements() as connection:
        connection.execute(
            sa.text("UPDATE party SET acts = :acts WHERE code = :code"), {"acts": acts, "code": code}
        )


def _delegate_to(
    cast: Cast,
    who: object,
    email: str | None,
    *,
    actor: object = None,
    scope: str = "all",
    order: str = "Arrêté 2026-7",
    until: date = date(2027, 12, 31),
) -> None:
    delegate_signature(
        cast.db,
        actor or cast.mayor(NIORT),  # type: ignore[arg-type]
        DelegationRequest(
            authority_code=NIORT,
            delegate_email=email or "jeanne.arnal@regards-croises.example",
            order_reference=order,
            scope=scope,
            valid_from=date(2026, 1, 1),
            valid_until=until,
            to_elected=True,
        ),
        now=cast.now,
    )

"""The pages of a stage and of a deliverable: what has changed, and what may be answered."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cast import BOURGES, CITIES, NIORT, SLUG, Cast
from many_projects import NOTE
from read_pages import answer, page_of

from models.act_kind import ActKind
from models.sign_off import Decision
from queries.access.project_access import NotVisible
from queries.stages.stage import read_stage

At = Callable[[str], Cast]
REVIEW = "constitution in review"


def test_the_page_of_a_stage_has_its_strands_and_the_time_given_to_one_city(at: At) -> None:
    cast = at("consultation open")
    cast.collect("consultation")
    stage = cast.stage("consultation")
    until = (stage.due_on or cast.today) + timedelta(days=10)
    cast.extend(stage.key, until, NIORT, reason="Crue")
    with cast.db.read() as session:
        page = read_stage(session, SLUG, stage.key, cast.observer.person_id, cast.now)
    assert [(each.party_name, each.due_on, each.reason) for each in page.deadlines] == [
        ("Niort", until, "Crue")
    ]
    assert len(page.strands) == 3 * len(CITIES)
    assert page.strands[0].participants == 120
    assert (page.previous.key, page.following.key) == ("territorial_diagnosis", "action_plan")  # type: ignore[union-attr]
    assert [each.owner_name for each in page.deliverables] == [
        "Mantes-la-Jolie",
        "Niort",
        "Bourges",
        "Guichen",
    ]
    assert all(each.current.size > 0 for each in page.deliverables if each.current)


def test_the_page_of_the_charter_tells_that_the_anct_signed_last(at: At) -> None:
    cast = at("charter closed")
    with cast.db.read() as session:
        page = read_stage(session, SLUG, "charter", cast.mayor(NIORT).person_id, cast.now)
        with pytest.raises(NotVisible):
            read_stage(session, SLUG, "charte", cast.mayor(NIORT).person_id, cast.now)
    assert page.agency_signature is not None
    assert page.agency_signature.by == "Camille Roussel"
    assert {seat.live.act_kind for seat in page.deliverables[0].seats if seat.live} == {ActKind.deliberation}


def test_a_mayor_reads_what_changed_since_the_version_their_city_answered_on(at: At) -> None:
    cast = at(REVIEW)
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE)
    cast.submit(NOTE, minor="Une coquille")
    page = page_of(cast, NOTE, cast.mayor(NIORT))
    (seat,) = page.my_seats
    assert (seat.answered_version, seat.live, seat.refusal) == (1, None, None)
    assert [(each.number, each.minor_reason) for each in seat.changes] == [(2, None), (3, "Une coquille")]
    assert (seat.act_expected, seat.click_gives) == (ActKind.technical_validation, ActKind.elected_signature)
    assert seat.is_click_enough
    assert page.deliverable.current is not None
    assert page.deliverable.current.number == 3
    assert [each.code for each in page.records_for] == [NIORT]


def test_who_has_answered_is_told_why_no_other_answer_can_be_given(at: At) -> None:
    cast = at(REVIEW)
    cast.sign(NOTE, NIORT)
    (seat,) = page_of(cast, NOTE, cast.mayor(NIORT)).my_seats
    assert seat.live is not None
    assert seat.changes == ()
    assert seat.refusal == answer(lambda: cast.sign(NOTE, NIORT, Decision.refused))


def test_a_click_is_not_enough_where_a_council_act_is_expected(at: At) -> None:
    (seat,) = (cast := at("charter in review")) and page_of(cast, "charte", cast.mayor(NIORT)).my_seats
    assert seat.act_expected is ActKind.deliberation
    assert not seat.is_click_enough


@pytest.mark.parametrize("point", ["charter open", "paused"])
def test_why_nothing_can_be_signed_now_is_what_signing_would_answer(at: At, point: str) -> None:
    cast = at("charter open" if point == "charter open" else "charter in review")
    if point == "paused":
        cast.pause()
    (seat,) = page_of(cast, "charte", cast.mayor(NIORT)).my_seats
    assert seat.refusal == answer(lambda: cast.click("charte", NIORT))


def test_a_delegate_signs_from_the_seat_of_their_city_within_their_scope(at: At) -> None:
    cast = at(REVIEW)
    delegate = cast.delegate(scope="constitution")
    (seat,) = page_of(cast, NOTE, delegate).my_seats
    assert (seat.party_code, seat.delegation) == (NIORT, "Arrêté 2026-118")
    elsewhere = cast.delegate(BOURGES, scope="charter", email="dgs@bourges.example")
    assert page_of(cast, NOTE, elsewhere).my_seats == ()


def test_who_may_submit_and_record_on_paper(at: At) -> None:
    cast = at("diagnosis in review")
    own = page_of(cast, "diagnostic", cast.contact(NIORT), NIORT)
    assert (own.may_submit, own.may_revise, [each.code for each in own.records_for]) == (True, False, [NIORT])
    peer = page_of(cast, "diagnostic", cast.contact(NIORT), BOURGES)
    assert (peer.may_submit, peer.records_for, peer.my_seats) == (False, (), ())
    assert page_of(cast, "diagnostic", cast.contractor, NIORT).may_submit
    agent = page_of(cast, "diagnostic", cast.agent, NIORT)
    assert (agent.may_submit, agent.may_revise, len(agent.records_for)) == (False, True, 1)
    assert not page_of(cast, "synthese_croisee", cast.observer).may_submit

"""Who may object to a minor revision, until when, and what it makes of it (rule 2)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from cast import BOURGES, CITIES, GUICHEN, MANTES, NIORT, Cast
from departures import leave
from revising import KEY, NOTE, revise, waits_for_delay

from actions.deliverables.object_to_revision import Objection, object_to_revision
from database.engine import Database
from models.minor_revision import (
    AlreadyObjected,
    MayNotObject,
    NothingToObjectTo,
    ObjectionTooLate,
)
from models.party import UnknownParty
from models.person import Actor, AuthMethod
from models.shared_project import ProjectNotActive
from models.sign_off import Decision, OtherOrganisation
from models.stage import StageStatus


def test_an_objection_makes_it_a_new_version_like_any_other(cast: Cast) -> None:
    revise(cast, signed_by=(NIORT, BOURGES))
    before = cast.deliverable(NOTE)
    version = cast.object_to(NOTE, NIORT)
    after = cast.deliverable(NOTE)
    assert (version.number, after.number, after.sha256) == (before.number, before.number, before.sha256)
    assert (after.round, version.round) == (before.round + 1, before.round + 1)
    assert all(recorded.voided_at is not None for recorded in cast.sign_offs(NOTE))
    assert {each.party for each in cast.missing(KEY) if each.what == "sign_off"} == set(CITIES)
    assert waits_for_delay(cast) == []
    assert ("deliverable.minor_objected", NIORT) in cast.journal()
    cast.sign_all(KEY)
    assert cast.close(KEY)


def test_an_objection_takes_the_stage_back_to_its_review(cast: Cast) -> None:
    revise(cast)
    for code in (MANTES, BOURGES, GUICHEN):
        cast.sign(NOTE, code)
    assert cast.status(KEY) is StageStatus.signed_off
    cast.object_to(NOTE, NIORT)
    assert cast.status(KEY) is StageStatus.in_review
    live = [each for each in cast.sign_offs(NOTE) if each.voided_at is None]
    assert len(live) == 3, "who signed this very text has signed it"
    assert {each.sha256 for each in live} == {cast.deliverable(NOTE).sha256}
    cast.sign(NOTE, NIORT)
    assert cast.status(KEY) is StageStatus.signed_off
    assert cast.close(KEY)


def test_a_refusal_of_the_old_text_falls_with_the_objection(cast: Cast) -> None:
    cast.sign(NOTE, BOURGES, Decision.refused)
    revise(cast)
    cast.object_to(NOTE, BOURGES)
    assert cast.status(KEY) is StageStatus.in_review


def test_a_delegate_who_could_sign_may_object(cast: Cast) -> None:
    revise(cast)
    assert cast.object_to(NOTE, NIORT, actor=cast.delegate(NIORT)).objected_at is not None


def test_who_could_not_sign_may_not_object(cast: Cast) -> None:
    revise(cast)
    before = cast.journal()
    for who in (
        cast.contact(NIORT),
        cast.agent,
        cast.observer,
        cast.outsider,
        cast.mayor(BOURGES),
    ):
        with pytest.raises(MayNotObject, match="ne peut pas s’opposer"):
            cast.object_to(NOTE, NIORT, actor=who)
    assert cast.journal() == before


def test_who_comes_by_proconnect_for_another_organisation_may_not_object(cast: Cast) -> None:
    revise(cast)
    mayor = cast.mayor(NIORT)
    elsewhere = Actor(mayor.person_id, mayor.name, AuthMethod.proconnect, organisation_siren="211800339")
    with pytest.raises(OtherOrganisation, match="vous opposer"):
        cast.object_to(NOTE, NIORT, actor=elsewhere)


def test_who_had_not_answered_or_answered_on_the_revised_text_has_nothing_to_object_to(cast: Cast) -> None:
    revise(cast)
    cast.sign(NOTE, BOURGES)
    with pytest.raises(NothingToObjectTo, match="n’a pas de décision en cours"):
        cast.object_to(NOTE, MANTES)
    with pytest.raises(NothingToObjectTo, match="sur la version 2 elle-même"):
        cast.object_to(NOTE, BOURGES)


def test_a_city_that_has_left_does_not_object(cast: Cast) -> None:
    revise(cast)
    leave(cast, NIORT)
    with pytest.raises(UnknownParty):
        cast.object_to(NOTE, NIORT)


def test_after_the_delay_it_is_too_late_and_the_refusal_says_what_is_left(cast: Cast) -> None:
    revise(cast)
    cast.wait(days=8)
    with pytest.raises(ObjectionTooLate, match=r"terminé le 27/11/2026\. .* peut être retirée"):
        cast.object_to(NOTE, NIORT)


def test_the_last_day_is_whole_in_paris(cast: Cast) -> None:
    revise(cast)
    cast.set_clock(cast.now.replace(month=11, day=27, hour=22, minute=30))
    assert cast.object_to(NOTE, NIORT).objected_at is not None


def test_a_second_objection_hears_of_the_first_and_a_double_click_is_one(cast: Cast) -> None:
    revise(cast, signed_by=(NIORT, BOURGES))
    first = cast.object_to(NOTE, NIORT)
    again = cast.object_to(NOTE, NIORT)
    assert (again.id, again.objected_at, again.round) == (first.id, first.objected_at, first.round)
    with pytest.raises(AlreadyObjected, match=r"Niort s’est déjà opposée, le .* nouvelle version"):
        cast.object_to(NOTE, BOURGES)
    assert [event for event, _ in cast.journal()].count("deliverable.minor_objected") == 1


def test_two_who_object_at_once_open_one_round(cast: Cast) -> None:
    revise(cast, signed_by=(NIORT, BOURGES))
    for turn in range(8):
        before = cast.deliverable(NOTE).round
        answers = at_once(cast, NIORT, BOURGES)
        assert sorted(answers) == ["AlreadyObjected", "objected"]
        assert cast.deliverable(NOTE).round == before + 1
        revise(cast, signed_by=(NIORT, BOURGES), reason=f"Coquille {turn}")
    events = [event for event, _ in cast.journal()]
    assert events.count("deliverable.minor_objected") == 8


def at_once(cast: Cast, *codes: str) -> list[str]:
    """What each of these cities is answered, objecting in the same instant."""
    start, now = Barrier(len(codes)), cast.now
    mayors = {code: cast.mayor(code) for code in codes}

    def act(code: str) -> str:
        db = Database(cast.db.url)
        start.wait(60)
        try:
            object_to_revision(db, mayors[code], Objection(cast.slug, KEY, NOTE, code), now=now)
        except AlreadyObjected as refusal:
            return type(refusal).__name__
        finally:
            db.close()
        return "objected"

    with ThreadPoolExecutor(len(codes)) as pool:
        return list(pool.map(act, codes))


def test_a_pause_does_not_use_up_the_delay_of_those_who_object(cast: Cast) -> None:
    revise(cast)
    cast.pause()
    assert cast.object_to(NOTE, NIORT).objected_at is not None


def test_in_a_cancelled_project_there_is_nothing_left_to_object_to(cast: Cast) -> None:
    revise(cast)
    cast.change("cancel")
    with pytest.raises(ProjectNotActive):
        cast.object_to(NOTE, NIORT)

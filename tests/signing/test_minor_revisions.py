"""Minor revisions keep their promise (rule 2): where they are allowed, who is told, who may object, what waits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from cast import BOURGES, CITIES, EXAMPLES, GUICHEN, MANTES, NIORT, Cast
from departures import leave
from owed_mails import addresses_of

from actions.deliverables.object_to_revision import Objection, object_to_revision
from actions.stages.settle_revisions import settle_revisions
from database.engine import Database
from models.minor_revision import (
    AlreadyObjected,
    MayNotObject,
    MinorForbidden,
    NothingToObjectTo,
    ObjectionTooLate,
    last_day_to_object,
)
from models.party import UnknownParty
from models.person import Actor, AuthMethod, MailFrequency, Role
from models.shared_project import ProjectNotActive
from models.sign_off import Decision, OtherOrganisation
from models.stage import StageStatus
from models.tables import PARTY, PERSON
from models.transition_rules import GateNotReached

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"
KEY = "constitution"
DELAY = timedelta(days=8)
"""More than five working days after the Sunday on which the tests are played."""


def revise(cast: Cast, *, signed_by: tuple[str, ...] = (NIORT,), reason: str = "Une coquille page 3") -> None:
    """These cities sign the note, then the ANCT corrects a slip."""
    for code in signed_by:
        cast.sign(NOTE, code)
    cast.submit(NOTE, minor=reason)


def waits_for_delay(cast: Cast) -> list[str]:
    return [each.text for each in cast.missing(KEY) if each.what == "objections"]


# Where it is allowed


def test_an_action_plan_is_never_revised_as_minor(at: At) -> None:
    cast = at("action plan in review")
    cast.sign("plan_d_action", NIORT)
    signed = cast.deliverable("plan_d_action", NIORT).sha256
    (plan,) = (EXAMPLES / "plans").glob(f"{BOURGES}-*")
    with pytest.raises(MinorForbidden, match="devient un engagement"):
        cast.submit("plan_d_action", NIORT, path=plan, minor="Une coquille")
    assert cast.deliverable("plan_d_action", NIORT).sha256 == signed


def test_a_charter_is_never_revised_as_minor(at: At) -> None:
    cast = at("charter in review")
    with pytest.raises(MinorForbidden, match="mot pour mot"):
        cast.submit("charte", minor="Une coquille")
    assert cast.deliverable("charte").number == 1


def test_what_one_party_puts_to_its_council_is_never_revised_as_minor(at: At) -> None:
    cast = at("constitution in review")
    with cast.db.write_statements() as connection:
        theirs = sa.update(PARTY).where(PARTY.c.code == GUICHEN)
        connection.execute(theirs.values(acts={NOTE: "deliberation"}))
    with pytest.raises(MinorForbidden, match="par une délibération"):
        cast.submit(NOTE, minor="Une coquille")


def test_what_a_council_has_decided_on_is_not_revised_as_minor_though_nobody_asked_for_its_act(
    cast: Cast,
) -> None:
    cast.sign(NOTE, NIORT, paper=cast.council_act(NIORT))
    with pytest.raises(MinorForbidden, match="par une délibération"):
        cast.submit(NOTE, minor="Une coquille")


# The delay


@pytest.mark.parametrize(
    ("revised_on", "departements", "until"),
    [
        (date(2026, 11, 23), ["79"], date(2026, 11, 30)),
        (date(2026, 11, 28), ["79"], date(2026, 12, 4)),
        (date(2026, 12, 21), ["79"], date(2026, 12, 29)),
        (date(2026, 12, 21), ["79", "67"], date(2026, 12, 29)),
        (date(2026, 5, 18), ["79"], date(2026, 5, 26)),
        (date(2026, 5, 18), ["971"], date(2026, 5, 26)),
        (date(2026, 5, 20), ["79", "971"], date(2026, 5, 29)),
    ],
)
def test_a_signer_has_five_working_days_those_of_the_département_with_most_holidays(
    cast: Cast, revised_on: date, departements: list[str], until: date
) -> None:
    noon = cast.now.replace(year=revised_on.year, month=revised_on.month, day=revised_on.day, hour=12)
    assert last_day_to_object(noon, departements) == until


def test_a_revision_of_a_text_that_nobody_had_signed_waits_for_nobody(cast: Cast) -> None:
    version = cast.submit(NOTE, minor="Une coquille")
    assert version.objections_until is None
    with pytest.raises(NothingToObjectTo, match="personne ne s’était prononcé"):
        cast.object_to(NOTE, NIORT)


def test_the_stage_closes_only_after_the_delay(cast: Cast) -> None:
    revise(cast)
    for code in (MANTES, BOURGES, GUICHEN):
        cast.sign(NOTE, code)
    assert cast.status(KEY) is StageStatus.signed_off
    assert not cast.close(KEY)
    (text,) = waits_for_delay(cast)
    assert "jusqu’au 27/11/2026 inclus" in text
    with pytest.raises(GateNotReached, match="Elle se clôt d’elle-même ensuite"):
        cast.request("charter")
    cast.wait(days=8)
    assert waits_for_delay(cast) == []
    assert cast.close(KEY)


def test_when_the_delay_ends_the_fact_is_recorded_once_and_the_stage_wakes(cast: Cast) -> None:
    revise(cast)
    assert settle_revisions(cast.db, now=cast.now) == 0
    woken = cast.stage(KEY).fact_seq
    assert settle_revisions(cast.db, now=cast.now + DELAY) == 1
    assert settle_revisions(cast.db, now=cast.now + DELAY) == 0
    assert cast.stage(KEY).fact_seq == woken + 1
    assert [event for event, _ in cast.journal()].count("deliverable.minor_settled") == 1


def test_minor_revision_after_minor_revision_the_delay_begins_again(cast: Cast) -> None:
    revise(cast)
    first = cast.deliverable(NOTE)
    cast.wait(days=4)
    second = cast.submit(NOTE, minor="Une autre coquille")
    assert second.objections_until is not None
    assert second.objections_until == date(2026, 12, 3)
    for code in (MANTES, BOURGES, GUICHEN):
        cast.sign(NOTE, code)
    cast.wait(days=3)  # the delay of the first is over
    assert not cast.close(KEY)
    version = cast.object_to(NOTE, NIORT)
    assert (version.number, version.round) == (3, first.round + 1)


def test_a_normal_version_ends_the_delay_of_the_minor_one_before(cast: Cast) -> None:
    revise(cast)
    cast.submit(NOTE)
    assert waits_for_delay(cast) == []
    assert settle_revisions(cast.db, now=cast.now + DELAY) == 0
    with pytest.raises(NothingToObjectTo, match="une version comme les autres"):
        cast.object_to(NOTE, NIORT)


# The objection


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


# Who is told


def test_every_signer_is_told_at_once_whatever_they_chose(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    with cast.db.write_statements() as connection:
        connection.execute(sa.update(PERSON).values(mail_frequency=MailFrequency.never))
    cast.sign(NOTE, NIORT, actor=deputy)
    cast.submit(NOTE, minor="Une coquille page 3")
    told = {each.recipient_id: each for each in cast.notices("minor_revision_recorded")}
    assert not [each for each in told.values() if each.is_held or each.dropped_at]
    path = f"/projets/{cast.slug}/livrables/{cast.deliverable(NOTE).id}"
    for signer in (cast.mayor(NIORT), deputy):
        payload = told[signer.person_id].payload
        assert payload["path"] == f"{path}/objection"
        assert (payload["may_object"], payload["signed_version"]) == (True, 1)
        assert payload["objections_until"] == "2026-11-27"
    contact = told[cast.contact(NIORT).person_id].payload
    assert (contact["path"], "may_object" in contact) == (f"{path}/comparer?de=1&a=2", False)
    other = told[cast.mayor(BOURGES).person_id].payload
    assert (other["path"], "signed_version" in other) == (f"{path}/comparer?de=1&a=2", False)


def test_who_gave_the_sign_off_is_told_though_somebody_else_signs_since(cast: Cast) -> None:
    former = cast.mayor(NIORT)
    cast.sign(NOTE, NIORT)
    cast.give_role("nouvelle@niort.example", "Une Maire", Role.signatory, NIORT)
    cast.submit(NOTE, minor="Une coquille")
    told = {each.recipient_id: each.payload for each in cast.notices("minor_revision_recorded")}
    new = cast.person("nouvelle@niort.example")
    assert told[new.person_id]["may_object"] is True
    assert "may_object" not in told[former.person_id]
    with pytest.raises(MayNotObject):
        cast.object_to(NOTE, NIORT, actor=former)
    assert cast.object_to(NOTE, NIORT, actor=new).objected_at is not None


def test_each_party_is_told_of_the_new_version_and_the_agent_of_the_objection(cast: Cast) -> None:
    revise(cast, signed_by=(NIORT, BOURGES))
    cast.sign(NOTE, GUICHEN)
    cast.object_to(NOTE, NIORT)
    mayor = addresses_of(cast, NIORT) - {cast.mayor_email(NIORT)}
    assert cast.told("sign_off_fell") == mayor | addresses_of(cast, BOURGES)
    assert cast.told("new_version_submitted") == addresses_of(cast, MANTES)
    kept = addresses_of(cast, GUICHEN)
    assert cast.told("minor_revision_objected") == kept | {"camille.roussel@anct.example"}
    fell = cast.notices("sign_off_fell")[0].payload
    assert (fell["old_version"], fell["new_version"], fell["objected_by_party"]) == (1, 2, "Niort")


# What each sign-off keeps


def test_each_sign_off_keeps_the_bytes_it_was_given_on(cast: Cast) -> None:
    read = cast.deliverable(NOTE)
    revise(cast)
    cast.submit(NOTE, minor="Une autre coquille")
    (recorded,) = cast.sign_offs(NOTE)
    assert (recorded.version_id, recorded.sha256) == (read.version_id, read.sha256)
    assert cast.files.path(read.sha256 or "").read_text().endswith("version 1")

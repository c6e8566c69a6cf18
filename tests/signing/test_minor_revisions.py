"""Minor revisions keep their promise (rule 2): where they are allowed, who is told, who may object, what waits."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, EXAMPLES, GUICHEN, MANTES, NIORT, Cast
from owed_mails import addresses_of
from revising import KEY, NOTE, revise, waits_for_delay

from actions.stages.settle_revisions import settle_revisions
from models.minor_revision import (
    MayNotObject,
    MinorForbidden,
    NothingToObjectTo,
    last_day_to_object,
)
from models.person import MailFrequency, Role
from models.stage import StageStatus
from models.tables import PARTY, PERSON
from models.transition_rules import GateNotReached

At = Callable[[str], Cast]
DELAY = timedelta(days=8)
"""More than five working days after the Sunday on which the tests are played."""


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
    last_minute = cast.now.replace(day=27, hour=22, minute=50)  # 23:50 in Paris
    cast.set_clock(last_minute)
    assert not cast.close(KEY)
    cast.set_clock(last_minute + timedelta(minutes=15))
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

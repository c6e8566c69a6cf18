"""Never twice, never too soon, and nothing for what has stopped."""

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, CITIES, LEAD, MANTES, NIORT, OBSERVER
from command_line import AGENT, CONTACTS, MAYORS
from reminding import (
    At,
    convene,
    digests,
    due,
    hold,
    live,
    moment,
    promise,
    reminded,
    rungs_of,
    subjects,
    working_day,
)

from models.sign_off import Decision
from models.tables import REMINDER
from queries.ledger.verify_journal import verify_journal

TUESDAY = date(2027, 3, 16)
LONG_BEFORE = moment(date(2026, 12, 1))
HUGO, SOLENE = CONTACTS[NIORT], MAYORS[NIORT]


# Never twice


def test_one_reminder_per_subject_recipient_due_date_and_rung(at: At) -> None:
    cast = at("met")
    promise(cast, TUESDAY)
    hold(cast, TUESDAY)
    row = dict(reminded(cast.db)[0]) | {"day": TUESDAY + timedelta(days=1)}
    del row["id"], row["email"]
    with pytest.raises(sa.exc.IntegrityError), cast.db.write_statements() as connection:
        connection.execute(sa.insert(REMINDER), row)


def test_keys_are_made_of_identifiers_and_iso_dates(at: At) -> None:
    cast = at("charter in review")
    day = working_day(due(cast, "charter"))
    promise(cast, day, told_at=LONG_BEFORE)
    convene(cast, day, told_at=LONG_BEFORE)
    cast.delegate(days=(cast.today, day))
    hold(cast, day)
    part = r"[a-z]+-\d+"
    assert all(re.fullmatch(rf"{part}(/{part})*", each["subject"]) for each in reminded(cast.db))
    assert all(re.fullmatch(r"digest:\d{4}-\d\d-\d\d:\d+", row["key"]) for row in digests(cast).values())


def test_a_day_missed_by_an_outage_is_caught_up_once_with_the_latest_rung_only(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    hold(cast, date(2027, 3, 1))
    live(cast, date(2027, 3, 26), date(2027, 3, 29))  # since J-15: J-7, J-1, J and J+7 are missed
    assert rungs_of(cast, HUGO, subject) == [(date(2027, 3, 1), "J-15"), (date(2027, 3, 26), "J+7")]


def test_nothing_within_48_hours_of_the_first_notice_about_the_same_thing(at: At) -> None:
    cast = at("met")
    told_at = moment(TUESDAY - timedelta(days=8), 15)
    subject = promise(cast, TUESDAY, told_at=told_at)
    live(cast, TUESDAY - timedelta(days=8), TUESDAY)
    days = [day for day, _ in rungs_of(cast, HUGO, subject)]
    assert days == [TUESDAY - timedelta(days=5), TUESDAY - timedelta(days=1), TUESDAY]


def test_a_rung_passed_before_the_thing_was_told_is_not_caught_up(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY, told_at=moment(TUESDAY - timedelta(days=6)))
    live(cast, TUESDAY - timedelta(days=6), TUESDAY - timedelta(days=1))
    assert rungs_of(cast, HUGO, subject) == [(TUESDAY - timedelta(days=1), "J-1")]


def test_nothing_within_48_hours_of_the_last_sign_off_for_what_the_anct_does_last(at: At) -> None:
    cast = at("charter in review")
    friday = working_day(due(cast, "charter") - timedelta(days=7))
    cast.set_clock(moment(friday, 10))
    cast.sign_all("charter")
    hold(cast, friday + timedelta(days=3))
    assert [each for each in subjects(digests(cast, cast.today).get(AGENT)) if "agency" in each] == []
    hold(cast, working_day(due(cast, "charter")))
    assert subjects(digests(cast, cast.today)[AGENT]) == [f"stage-{cast.stage_id('charter')}/agency"]


def test_nothing_within_48_hours_of_the_request_of_what_gathers_the_cities_own_documents(at: At) -> None:
    cast = at("diagnosis open")
    due_on = due(cast, "territorial_diagnosis")
    cast.set_clock(moment(due_on - timedelta(days=8), 10))
    for code in CITIES:
        cast.submit("diagnostic", code)
    hold(cast, due_on - timedelta(days=7))
    gathers = f"deliverable-{cast.deliverable('synthese_croisee').id}/version-1"
    assert gathers not in subjects(digests(cast).get(LEAD.contact_email))
    live(cast, due_on - timedelta(days=6), due_on - timedelta(days=3))
    assert [rung for _, rung in rungs_of(cast, LEAD.contact_email, gathers)] == ["J-7"]


def test_a_new_version_asks_for_a_new_sign_off_and_is_quiet_for_48_hours(at: At) -> None:
    cast = at("charter in review")
    thursday = due(cast, "charter") - timedelta(days=9)
    cast.set_clock(moment(thursday, 10))
    cast.sign("charte", NIORT)
    cast.submit("charte")
    hold(cast, thursday + timedelta(days=1))
    assert HUGO not in digests(cast)
    hold(cast, working_day(due(cast, "charter") - timedelta(days=6)))
    assert subjects(digests(cast)[HUGO])[0].endswith("/round-2")


def test_a_refused_document_is_awaited_from_its_author_and_from_nobody_else(at: At) -> None:
    cast = at("charter in review")
    cast.sign("charte", BOURGES, Decision.refused)
    hold(cast, working_day(due(cast, "charter") - timedelta(days=6)))
    charter = cast.deliverable("charte")
    assert [(each["email"], each["subject"]) for each in reminded(cast.db)] == [
        (AGENT, f"deliverable-{charter.id}/version-2")
    ]


# What is quiet, what begins again


def test_a_pause_says_nothing_and_nothing_is_sent_for_it_once_resumed(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    hold(cast, TUESDAY - timedelta(days=15))
    cast.pause()
    live(cast, TUESDAY - timedelta(days=14), TUESDAY + timedelta(days=12))
    assert digests(cast, TUESDAY) == {}
    cast.set_clock(moment(TUESDAY + timedelta(days=12), 9))
    cast.change("resume")
    live(cast, TUESDAY + timedelta(days=13), TUESDAY + timedelta(days=22))
    assert rungs_of(cast, HUGO, subject) == [
        (TUESDAY - timedelta(days=15), "J-15"),
        (TUESDAY + timedelta(days=15), "J+14"),  # the 14th day is within the 48 hours of the resumption
        (TUESDAY + timedelta(days=21), "J+21"),
    ]


def test_a_cancelled_project_is_reminded_of_nothing(at: At) -> None:
    cast = at("charter in review")
    cast.change("cancel")
    live(cast, due(cast, "charter"), due(cast, "charter") + timedelta(days=3))
    assert digests(cast) == {}


def test_in_follow_up_the_commitments_are_still_reminded_until_kept(at: At) -> None:
    cast = at("over")
    dated = [each for each in cast.commitments() if each.due_on]
    last = max(each.due_on for each in dated if each.due_on)
    hold(cast, working_day(last + timedelta(days=30)))
    assert {each["subject"] for each in reminded(cast.db)} == {f"commitment-{each.id}" for each in dated}


def test_a_meeting_is_reminded_until_its_day_and_a_cancelled_one_no_more(at: At) -> None:
    cast = at("met")
    meeting = convene(cast, TUESDAY, told_at=LONG_BEFORE)
    live(cast, TUESDAY - timedelta(days=7), TUESDAY + timedelta(days=10))
    rungs = [rung for _, rung in rungs_of(cast, HUGO, f"meeting-{meeting.id}")]
    assert rungs == ["J-7", "J-1", "J"]
    everyone = {each["email"] for each in reminded(cast.db)}
    assert everyone >= {HUGO, SOLENE, AGENT, CONTACTS[MANTES], f"contact-{OBSERVER}@ville.example"}


def test_a_delegation_about_to_end_is_reminded_to_the_contact_and_to_who_gave_it(at: At) -> None:
    cast = at("met")
    cast.delegate(NIORT, days=(cast.today, TUESDAY))
    live(cast, TUESDAY - timedelta(days=7), TUESDAY + timedelta(days=10))
    assert {each["email"] for each in reminded(cast.db)} == {HUGO, SOLENE}
    rungs = [(each["email"], each["rung"]) for each in reminded(cast.db)]
    assert [rung for email, rung in rungs if email == HUGO] == ["J-7", "J-1", "J"]


def test_the_round_of_a_day_is_in_the_journal_of_each_project(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    hold(cast, TUESDAY)
    entry = cast.entries()[-1]
    person = cast.contact(NIORT).person_id
    assert entry["event"] == "reminders.due"
    assert subject in str(entry["payload"])
    assert f", {person}]" in str(entry["payload"])
    assert verify_journal(cast.db).tamperings == []

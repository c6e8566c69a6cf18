"""The rules of reminders, one test per sentence of the domain (« Reminders »), on both databases."""

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, CITIES, GUICHEN, LEAD, MANTES, NIORT, OBSERVER, PARTNER, Cast, seed_file
from command_line import AGENT, CONTACTS, MAYORS
from departures import leave
from many_projects import counted
from owed_mails import owed, write
from reminding import (
    MONDAY,
    At,
    choose,
    convene,
    digests,
    forget_the_past,
    hold,
    live,
    moment,
    notified_on,
    promise,
    reminded,
    rungs_of,
    subjects,
)

from actions.reminders.send_reminders import is_open
from models.commitment import AGENCY, CONTRACTOR
from models.person import MailFrequency
from models.reminder import Reader, ReminderKind, closing_of, sending_day
from models.sign_off import Decision
from models.tables import REMINDER
from queries.ledger.find import find_project
from queries.ledger.verify_journal import verify_journal
from queries.meetings.agenda import agenda_of
from queries.reminders.still_awaited import refresh

TUESDAY = date(2027, 3, 16)
LONG_BEFORE = moment(date(2026, 12, 1))
HUGO, SOLENE = CONTACTS[NIORT], MAYORS[NIORT]
EVERYBODY = Reader(0, MailFrequency.daily)
FIRMS = {LEAD.contact_email, PARTNER.contact_email}


def readers(cast: Cast, kind: ReminderKind, *conditions: sa.ColumnElement[bool]) -> dict[str, set[str]]:
    """Who was reminded of each thing of that kind that is theirs to do."""
    emails: dict[str, set[str]] = {}
    for each in reminded(cast.db, REMINDER.c.kind == kind, ~REMINDER.c.is_copy, *conditions):
        emails.setdefault(each["subject"], set()).add(each["email"])
    return emails


def working_day(day: date) -> date:
    return sending_day(EVERYBODY, day) or day


def due(cast: Cast, key: str) -> date:
    return cast.stage(key).due_on or cast.today


# What is reminded


def test_reminded_are_deliverables_commitments_meetings_and_delegations(at: At) -> None:
    cast = at("consultation open")
    day = working_day(due(cast, "consultation") - timedelta(days=6))
    subject = promise(cast, day + timedelta(days=6), told_at=cast.now)
    meeting = convene(cast, day + timedelta(days=6), told_at=cast.now)
    cast.delegate(NIORT, days=(cast.today, day + timedelta(days=6)))
    hold(cast, day)
    about = {each["kind"]: each["subject"] for each in reminded(cast.db) if each["email"] == HUGO}
    assert set(about) == set(ReminderKind) - {ReminderKind.sign_off}
    assert about["meeting"] == f"meeting-{meeting.id}"
    assert (HUGO, subject, "J-7") in notified_on(cast, day)
    assert {rung for _, _, rung in notified_on(cast, day)} >= {"J-7"}


def test_reminded_is_a_sign_off_to_give(at: At) -> None:
    cast = at("charter in review")
    cast.sign("charte", GUICHEN)
    hold(cast, working_day(due(cast, "charter") - timedelta(days=6)))
    charter, round_ = cast.deliverable("charte"), cast.deliverable("charte").round
    expected = {
        f"deliverable-{charter.id}/party-{cast.party(code).id}/round-{round_}": {CONTACTS[code], MAYORS[code]}
        for code in CITIES
        if code != GUICHEN
    }
    assert readers(cast, ReminderKind.sign_off) == expected


# The ladder


def test_30_15_7_and_1_days_before_the_day_itself_then_weekly_when_overdue(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    live(cast, date(2027, 2, 10), date(2027, 3, 31))
    assert rungs_of(cast, HUGO, subject) == [
        (date(2027, 2, 15), "J-30"),  # the 14th is a Sunday
        (date(2027, 3, 1), "J-15"),
        (date(2027, 3, 9), "J-7"),
        (date(2027, 3, 15), "J-1"),
        (TUESDAY, "J"),
        (date(2027, 3, 23), "J+7"),
        (date(2027, 3, 30), "J+14"),
    ]
    late = [(date(2027, 3, 23), "J+7"), (date(2027, 3, 30), "J+14")]
    assert rungs_of(cast, SOLENE, subject) == rungs_of(cast, AGENT, subject) == late
    assert {each["email"] for each in reminded(cast.db)} == {HUGO, SOLENE, AGENT}
    assert verify_journal(cast.db).tamperings == []


def test_from_7_days_late_the_signatory_and_the_anct_are_copied(at: At) -> None:
    cast = at("met")
    promise(cast, TUESDAY)
    hold(cast, TUESDAY + timedelta(days=6))
    assert {email for email, _, _ in notified_on(cast, TUESDAY + timedelta(days=6))} == {HUGO}
    hold(cast, TUESDAY + timedelta(days=7))
    copies = {each["email"]: each["is_copy"] for each in reminded(cast.db, REMINDER.c.rung == "J+7")}
    assert copies == {HUGO: False, SOLENE: True, AGENT: True}
    (line,) = digests(cast, TUESDAY + timedelta(days=7))[SOLENE]["payload"]["projects"][0]["items"]
    assert (line["copied"], line["party"]) == (True, "Niort")


def test_from_21_days_late_it_enters_the_agenda_of_the_next_steering_committee(at: At) -> None:
    cast = at("met")
    promise(cast, TUESDAY)
    with cast.db.read() as session:
        project = find_project(session, cast.slug)
        agendas = [agenda_of(session, project, moment(TUESDAY + timedelta(days=late))) for late in (20, 21)]
    assert [len(each) for each in agendas] == [0, 1]
    assert agendas[1][0].text.startswith("Niort : tenir son engagement « Prêter une salle »")


# To whom


def test_the_local_contact_is_reminded_of_what_the_city_has_to_do(at: At) -> None:
    cast = at("consultation open")
    hold(cast, working_day(due(cast, "consultation") - timedelta(days=6)))
    this_stage = REMINDER.c.due_on == due(cast, "consultation")
    reports = {
        f"deliverable-{each.id}/version-1": {CONTACTS[code]}
        for code, each in zip(CITIES, cast.all_deliverables("bilan_de_concertation"), strict=True)
    }
    assert readers(cast, ReminderKind.deliverable, this_stage) == reports


def test_the_signatory_only_for_what_only_they_can_do_or_their_delegate(at: At) -> None:
    cast = at("charter in review")
    cast.delegate(NIORT, scope="charter")
    day = working_day(due(cast, "charter") - timedelta(days=6))
    subject = promise(cast, day, NIORT, told_at=LONG_BEFORE)
    hold(cast, day)
    to_sign = {frozenset(each) for each in readers(cast, ReminderKind.sign_off).values()}
    expected = {frozenset({CONTACTS[code], MAYORS[code]}) for code in CITIES if code != NIORT}
    assert to_sign == expected | {frozenset({HUGO, "adjointe@niort.example"})}
    assert readers(cast, ReminderKind.commitment) == {subject: {HUGO}}


def test_the_agent_in_charge_is_reminded_of_what_the_anct_owes(at: At) -> None:
    cast = at("constitution open")
    subject = promise(cast, due(cast, "constitution"), AGENCY)
    hold(cast, working_day(due(cast, "constitution") - timedelta(days=1)))
    assert {email for email, _, _ in notified_on(cast, cast.today)} == {AGENT}
    note = f"deliverable-{cast.deliverable('note_de_cadrage').id}/version-1"
    assert set(subjects(digests(cast)[AGENT])) == {subject, note}


def test_the_contractor_is_reminded_of_what_it_owes_and_the_anct_until_there_is_one(at: At) -> None:
    before, cast = at("met"), at("diagnosis open")
    subject = promise(before, TUESDAY, CONTRACTOR)
    hold(before, TUESDAY)
    assert readers(before, ReminderKind.commitment) == {subject: {AGENT}}
    subject = promise(cast, due(cast, "territorial_diagnosis"), CONTRACTOR)
    hold(cast, working_day(due(cast, "territorial_diagnosis") - timedelta(days=7)))
    owes = readers(cast, ReminderKind.commitment)[subject]
    papers = readers(cast, ReminderKind.deliverable).values()
    assert owes == FIRMS
    assert len(papers) == len(CITIES) + 1
    assert all(each == FIRMS for each in papers)


def test_an_observer_is_reminded_of_nothing_but_the_meetings_it_is_invited_to(at: At) -> None:
    cast = at("charter in review")
    day = working_day(due(cast, "charter") - timedelta(days=7))
    meeting = convene(cast, day + timedelta(days=7), told_at=cast.now)
    hold(cast, day)
    theirs = {each["subject"] for each in reminded(cast.db) if OBSERVER in each["email"]}
    assert theirs == {f"meeting-{meeting.id}"}


def test_a_city_that_has_left_is_reminded_of_nothing(at: At) -> None:
    cast = at("charter in review")
    day = working_day(due(cast, "charter") - timedelta(days=7))
    promise(cast, day, GUICHEN, told_at=LONG_BEFORE)
    leave(cast, GUICHEN)
    hold(cast, day)
    assert CONTACTS[NIORT] in digests(cast)
    assert {CONTACTS[GUICHEN], MAYORS[GUICHEN]}.isdisjoint(digests(cast))


def test_nobody_is_reminded_of_what_is_not_theirs(at: At) -> None:
    cast = at("action plan in review")
    hold(cast, working_day(due(cast, "action_plan") + timedelta(days=30)))
    assert "curieux@ailleurs.example" not in digests(cast)
    for code in CITIES:
        parties = {each["party"] for each in reminded(cast.db) if each["email"] == CONTACTS[code]}
        assert parties == {cast.party(code).name}


# One digest per person and day


def test_an_agent_with_twenty_projects_gets_one_digest_grouped_by_project(at: At) -> None:
    cast = at("met")
    for number in range(20):
        file = seed_file().model_copy(update={"title": f"Projet {number}"})
        cast.create(file, f"projet-{number}")
        promise(cast, TUESDAY - timedelta(days=number), AGENCY, slug=f"projet-{number}", told_at=LONG_BEFORE)
        promise(cast, TUESDAY, NIORT, slug=f"projet-{number}", told_at=LONG_BEFORE)
    done = hold(cast, TUESDAY)
    assert done is not None
    assert done.digests == len(digests(cast, TUESDAY)) == 2
    projects = digests(cast)[AGENT]["payload"]["projects"]
    assert len(projects) == len({each["slug"] for each in projects}) == 20
    assert all(len(each["items"]) == 1 for each in projects)
    assert len(digests(cast)[HUGO]["payload"]["projects"]) == 20
    assert digests(cast)[HUGO]["project_id"] is None


def test_the_digest_is_never_empty(at: At) -> None:
    cast = at("met")
    promise(cast, TUESDAY)
    done = hold(cast, TUESDAY + timedelta(days=3))
    assert done is not None
    live(cast, TUESDAY + timedelta(days=4), TUESDAY + timedelta(days=20))
    for row in digests(cast).values():
        assert row["payload"]["projects"]
        assert all(each["items"] or each["news"] or each["state"] for each in row["payload"]["projects"])
    assert digests(cast, TUESDAY + timedelta(days=8)) == {}


def test_what_has_nothing_of_a_stage_is_brought_up_to_date_without_reading_any(at: At) -> None:
    cast = at("met")
    promise(cast, TUESDAY)
    hold(cast, TUESDAY, leaves=False)
    (digest,) = digests(cast, TUESDAY).values()
    with cast.db.read() as session, counted(cast.db) as statements:
        assert refresh(session, digest["payload"], moment(TUESDAY, 9)) == digest["payload"]
    assert len(statements) <= 8


def test_the_most_urgent_comes_first(at: At) -> None:
    cast = at("met")
    cast.create(seed_file().model_copy(update={"title": "Autre"}), "autre")
    soon = promise(cast, MONDAY + timedelta(days=7), text="Bientôt")
    late = promise(cast, MONDAY - timedelta(days=3), slug="autre", told_at=LONG_BEFORE)
    today = promise(cast, MONDAY)
    hold(cast, MONDAY)
    assert subjects(digests(cast)[HUGO]) == [late, today, soon]


def test_each_line_has_its_link_in_both_parts_of_the_mail(at: At) -> None:
    cast = at("consultation open")
    forget_the_past(cast)
    day = working_day(due(cast, "consultation"))
    convene(cast, day + timedelta(days=7), told_at=cast.now)
    hold(cast, day, leaves=False)
    for notice in owed(cast):
        if notice.is_digest:
            items = [one for project in notice.payload["projects"] for one in project["items"]]
            for item in items:
                assert write(notice).count(f"https://projets.example{item['path']}") >= 2


# Days and hours


def test_reminders_leave_on_working_days_only(at: At) -> None:
    cast = at("met")
    subject = promise(cast, date(2027, 5, 1))  # a Saturday, and Labour Day
    live(cast, date(2027, 4, 23), date(2027, 5, 10))
    expected = [
        (date(2027, 4, 26), "J-7"),
        (date(2027, 4, 30), "J-1"),
        (date(2027, 5, 3), "J"),
        (date(2027, 5, 10), "J+7"),
    ]
    assert [one for one in rungs_of(cast, HUGO, subject) if one[1] != "J-15"] == expected


@pytest.mark.parametrize(
    ("code", "name", "holiday"),
    [
        ("67482", "Strasbourg", date(2027, 3, 26)),
        ("68066", "Colmar", date(2028, 12, 26)),
        ("57463", "Metz", date(2027, 3, 26)),
        ("97411", "Saint-Denis", date(2027, 12, 20)),
    ],
)
def test_public_holidays_follow_the_party_s_departement(at: At, code: str, name: str, holiday: date) -> None:
    cast = at("met")
    cast.let_in(code, name)
    promise(cast, holiday, NIORT)
    promise(cast, holiday, code)
    theirs = f"contact-{code}@ville.example"
    hold(cast, holiday)
    assert set(digests(cast, holiday)) - {AGENT} == {HUGO}
    hold(cast, working_day(holiday + timedelta(days=1)))
    assert set(digests(cast, cast.today)) - {AGENT} == {theirs}


def test_a_national_holiday_is_everybody_s(at: At) -> None:
    cast = at("met")
    promise(cast, date(2027, 7, 14))
    done = hold(cast, date(2027, 7, 14))
    assert done is not None
    assert (done.lines, done.digests) == (0, 0)


@pytest.mark.parametrize("day", [date(2027, 1, 13), date(2027, 7, 13)])
def test_reminders_leave_from_8_to_18_hours_in_paris(day: date) -> None:
    hours = [hour for hour in range(24) if is_open(moment(day, hour, 30), day)]
    assert hours == list(range(8, 18))
    assert is_open(moment(day, 8), day)
    assert not is_open(moment(day, 18), day)


def test_a_digest_does_not_leave_after_18_hours_of_its_day(at: At) -> None:
    cast = at("met")
    promise(cast, TUESDAY)
    hold(cast, TUESDAY)
    digest = digests(cast)[HUGO]
    assert digest["next_try_at"] == moment(TUESDAY, 8)
    assert digest["expires_at"] == moment(TUESDAY, 18) == closing_of(TUESDAY)


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


# How often


def test_who_wants_mail_weekly_gets_one_digest_on_the_first_working_day_of_the_week(at: At) -> None:
    cast = at("met")
    choose(cast, cast.contact(NIORT).person_id, MailFrequency.weekly)
    for n in range(6):
        promise(cast, date(2027, 3, 29) + timedelta(days=n))
    live(cast, date(2027, 3, 15), date(2027, 4, 6))
    mine = {each["day"] for each in reminded(cast.db) if each["email"] == HUGO}
    assert mine == {date(2027, 3, 15), date(2027, 3, 22), date(2027, 3, 30), date(2027, 4, 5)}


def test_who_wants_nothing_gets_what_is_an_invitation_or_a_legal_notice_and_no_more(at: At) -> None:
    cast = at("met")
    choose(cast, cast.contact(NIORT).person_id, MailFrequency.never)
    promise(cast, TUESDAY)
    live(cast, TUESDAY - timedelta(days=8), TUESDAY + timedelta(days=10))
    assert HUGO not in digests(cast)
    assert SOLENE in digests(cast)
    convene(cast, TUESDAY + timedelta(days=30), told_at=cast.now)
    assert HUGO in cast.told("meeting_invitation")


def test_the_agent_is_told_the_state_of_their_projects_on_the_first_working_day_of_the_week(at: At) -> None:
    cast = at("charter in review")
    live(cast, date(2027, 3, 29), date(2027, 4, 6))
    rows = [each for each in cast.notices("weekly_state") if each.recipient_id == cast.agent.person_id]
    assert [row.payload["day"] for row in rows] == ["2027-03-30", "2027-04-05"]
    state = rows[0].payload["projects"][0]["state"]
    late = (date(2027, 3, 30) - due(cast, "charter")).days
    assert (state["stage_title"], state["late_days"]) == ("Charte", late)
    assert len(state["blocking"]) == len(CITIES) + 1  # and the ANCT, last


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

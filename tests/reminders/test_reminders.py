"""What is reminded, when, and to whom: one test per sentence of the domain (« Reminders »)."""

from datetime import date, timedelta

import sqlalchemy as sa
from cast import CITIES, GUICHEN, LEAD, NIORT, OBSERVER, PARTNER, Cast
from command_line import AGENT, CONTACTS, MAYORS
from departures import leave
from reminding import (
    At,
    convene,
    digests,
    due,
    hold,
    live,
    moment,
    notified_on,
    promise,
    reminded,
    rungs_of,
    subjects,
    working_day,
)

from models.commitment import AGENCY, CONTRACTOR
from models.reminder import ReminderKind
from models.tables import REMINDER
from queries.ledger.find import find_project
from queries.ledger.verify_journal import verify_journal
from queries.meetings.agenda import agenda_of

TUESDAY = date(2027, 3, 16)
LONG_BEFORE = moment(date(2026, 12, 1))
HUGO, SOLENE = CONTACTS[NIORT], MAYORS[NIORT]
FIRMS = {LEAD.contact_email, PARTNER.contact_email}


def readers(cast: Cast, kind: ReminderKind, *conditions: sa.ColumnElement[bool]) -> dict[str, set[str]]:
    """Who was reminded of each thing of that kind that is theirs to do."""
    emails: dict[str, set[str]] = {}
    for each in reminded(cast.db, REMINDER.c.kind == kind, ~REMINDER.c.is_copy, *conditions):
        emails.setdefault(each["subject"], set()).add(each["email"])
    return emails


# What is reminded


def test_reminded_are_deliverables_commitments_meetings_and_delegations(at: At) -> None:
    cast = at("consultation open")
    day = working_day(due(cast, "consultation") - timedelta(days=6))
    subject = promise(cast, day + timedelta(days=6), told_at=cast.now)
    meeting = convene(cast, day + timedelta(days=6), told_at=cast.now)
    cast.delegate(NIORT, days=(cast.today, day + timedelta(days=6)))
    hold(cast, day)
    about = {each["kind"]: each["subject"] for each in reminded(cast.db) if each["email"] == HUGO}
    assert set(about) == set(ReminderKind) - {ReminderKind.sign_off, ReminderKind.confirmation}
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

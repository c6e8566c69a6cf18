"""« Who would be mailed on that day, and what »: for any date, past or future, and without sending anything."""

from datetime import date, timedelta

import pytest
from cast import BOURGES, CITIES, GUICHEN, MANTES, NIORT, Cast
from command_line import AGENT, CONTACTS, MAYORS
from database_contents import everything
from reminding import (
    At,
    as_planned,
    as_sent,
    choose,
    convene,
    days,
    deliver,
    digests,
    foretell,
    hold,
    live,
    moment,
    notified_on,
    promise,
)

from actions.mail.forget_old_mail import forget_old_mail
from actions.mail.notify import tell
from actions.reminders.send_reminders import send_reminders
from models.commitment import AGENCY
from models.paris_time import paris_day
from models.person import MailFrequency, Role
from queries.ledger.find import find_project
from queries.reminders.preview import preview_reminders

TUESDAY = date(2027, 3, 16)
HUGO = CONTACTS[NIORT]


def diagnosis(cast: Cast) -> None:
    """A review with more time for one city, a meeting, a delegation, promises, news that wait, all frequencies."""
    start = cast.today
    cast.sign("diagnostic", MANTES)
    until = (cast.stage("territorial_diagnosis").due_on or start) + timedelta(days=9)
    cast.extend("territorial_diagnosis", until, NIORT, reason="Neige")
    choose(cast, cast.contact(BOURGES).person_id, MailFrequency.weekly)
    choose(cast, cast.mayor(NIORT).person_id, MailFrequency.weekly)
    choose(cast, cast.mayor(GUICHEN).person_id, MailFrequency.never)
    with cast.db.write() as session:
        project, readers = find_project(session, cast.slug), [cast.mayor(NIORT).person_id]
        tell(session, readers, "stage_closed", "essai", cast.now, project=project, stage_title="Charte")
    convene(cast, start + timedelta(days=33), told_at=cast.now)
    cast.delegate(MANTES, scope="consultation", days=(start, start + timedelta(days=40)))
    for n, code in enumerate((*CITIES, AGENCY)):
        promise(cast, start + timedelta(days=7 * n - 10), code, told_at=cast.now - timedelta(days=20 + n))
        promise(cast, start + timedelta(days=9 * n + 20), code, told_at=cast.now)


@pytest.mark.trials
def test_the_preview_of_each_of_sixty_days_is_what_is_sent_on_that_day(at: At) -> None:
    cast = at("diagnosis in review")
    cast.set_clock(moment(date(2027, 5, 25), 19))
    diagnosis(cast)
    asked = cast.now
    coming = list(days(paris_day(asked) + timedelta(days=1), paris_day(asked) + timedelta(days=60)))
    foretold = {day: as_planned(foretell(cast, day, asked)) for day in coming}
    for day in coming:
        hold(cast, day)
        assert as_sent(cast, day) == foretold[day], day
    mails = [mail for each in foretold.values() for mail in each.values()]
    assert len(mails) > 60
    assert sum(bool(project["news"]) for _, payload, _ in mails for project in payload["projects"]) == 1


def test_the_preview_writes_nothing(at: At) -> None:
    cast = at("charter in review")
    day = cast.stage("charter").due_on or cast.today
    promise(cast, day, told_at=moment(date(2026, 12, 1)))
    hold(cast, day - timedelta(days=8))
    before = everything(cast.db)
    for late in (-400, -8, -7, 0, 1, 30, 400):
        foretell(cast, day + timedelta(days=late), moment(day - timedelta(days=7)))
    assert everything(cast.db) == before


def test_a_past_day_is_told_as_it_was(at: At) -> None:
    cast = at("met")
    kept = promise(cast, TUESDAY - timedelta(days=1))
    choose(cast, cast.contact(BOURGES).person_id, MailFrequency.weekly)
    live(cast, TUESDAY - timedelta(days=9), TUESDAY)
    sent = {day: as_sent(cast, day) for day in days(TUESDAY - timedelta(days=9), TUESDAY)}
    with cast.db.write() as session:
        session.connection().exec_driver_sql("UPDATE commitment SET status = 'kept'")
    for day, recaps in sent.items():
        assert as_planned(foretell(cast, day, moment(TUESDAY + timedelta(days=40)))) == recaps
    monday = sent[TUESDAY - timedelta(days=1)]
    assert monday[AGENT][0] == "weekly_state"
    assert monday[HUGO][2] == [(kept, "J")]


def test_a_past_day_whose_mails_were_forgotten_still_has_its_lines(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    hold(cast, TUESDAY)
    later = moment(TUESDAY + timedelta(days=400))
    assert forget_old_mail(cast.db, now=later)
    (planned,) = preview_reminders(cast.db, day=TUESDAY, now=later)
    assert [(line.subject, line.rung) for line in planned.lines] == [(subject, "J")]
    assert planned.payload["projects"][0]["items"][0]["subject"] == subject


def test_a_digest_that_did_not_leave_is_not_told_of_its_day(at: At) -> None:
    cast = at("met")
    promise(cast, TUESDAY)
    hold(cast, TUESDAY, leaves=False)
    assert set(foretell(cast, TUESDAY)) == {HUGO}
    deliver(cast.db, moment(TUESDAY, 18))
    assert foretell(cast, TUESDAY, moment(TUESDAY, 19)) == {}
    assert set(foretell(cast, TUESDAY + timedelta(days=1), moment(TUESDAY, 19))) == {HUGO}


def test_a_past_day_without_a_round_is_told_as_it_would_have_been(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    hold(cast, TUESDAY - timedelta(days=7))
    hold(cast, TUESDAY + timedelta(days=3))
    would = foretell(cast, TUESDAY, moment(TUESDAY + timedelta(days=10)))
    assert [(line.subject, line.rung) for line in would[HUGO].lines] == [(subject, "J")]


def test_a_digest_already_written_today_leaves_the_rest_to_tomorrow(at: At) -> None:
    cast = at("met")
    promise(cast, TUESDAY)
    hold(cast, TUESDAY)
    late = promise(cast, TUESDAY, told_at=moment(TUESDAY - timedelta(days=9)))
    tomorrow = TUESDAY + timedelta(days=1)
    assert {line.subject for line in foretell(cast, tomorrow)[HUGO].lines} == {late}
    hold(cast, tomorrow)
    assert notified_on(cast, tomorrow) == {(HUGO, late, "J")}


def test_the_round_of_a_day_to_come_can_be_sent_ahead_and_is_then_done(at: At) -> None:
    cast = at("met")
    promise(cast, TUESDAY)
    ahead = moment(TUESDAY - timedelta(days=1), 10)
    foretold = as_planned(foretell(cast, TUESDAY, ahead))
    assert send_reminders(cast.db, day=TUESDAY, now=ahead) is not None
    assert as_sent(cast, TUESDAY) == foretold
    assert as_planned(foretell(cast, TUESDAY, ahead)) == foretold
    assert hold(cast, TUESDAY) is None


def test_who_comes_after_today_s_round_is_told_at_once_and_foretold_the_next_rung(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    hold(cast, TUESDAY)
    cast.give_role("nouvelle@niort.example", "Une Nouvelle", Role.local_contact, NIORT)
    tomorrow = TUESDAY + timedelta(days=1)
    foretold = as_planned(foretell(cast, tomorrow))
    assert "nouvelle@niort.example" in cast.told("duties_passed")
    assert "nouvelle@niort.example" not in foretold
    hold(cast, tomorrow)
    assert as_sent(cast, tomorrow) == foretold
    week_later = as_planned(foretell(cast, TUESDAY + timedelta(days=7)))
    assert week_later["nouvelle@niort.example"][2] == [(subject, "J+7")]


def test_who_takes_the_signature_over_is_foretold_the_latest_rung_for_that_day(at: At) -> None:
    cast = at("charter in review")
    due = cast.stage("charter").due_on or cast.today
    cast.set_clock(moment(due - timedelta(days=14)))
    cast.delegate(scope="charter", days=(due - timedelta(days=13), due - timedelta(days=5)))
    asked = cast.now
    coming = list(days(paris_day(asked) + timedelta(days=1), due))
    foretold = {day: as_planned(foretell(cast, day, asked)) for day in coming}
    for day in coming:
        hold(cast, day)
        assert as_sent(cast, day) == foretold[day], day
    assert {"adjointe@niort.example", MAYORS[NIORT]} <= set(digests(cast))


def test_who_wants_nothing_is_foretold_nothing(at: At) -> None:
    cast = at("met")
    promise(cast, TUESDAY)
    choose(cast, cast.contact(NIORT).person_id, MailFrequency.never)
    assert foretell(cast, TUESDAY, moment(TUESDAY)) == {}

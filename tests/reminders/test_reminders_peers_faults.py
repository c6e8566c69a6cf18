"""What the users of our peers complain of, each with its test: none of it can happen here."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, CITIES, GUICHEN, MANTES, NIORT, Cast, seed_file
from command_line import AGENT, CONTACTS, MAYORS
from departures import leave
from owed_mails import owed, write
from reminding import (
    MONDAY,
    At,
    choose,
    convene,
    days,
    deliver,
    digests,
    forget_the_past,
    hold,
    live,
    moment,
    promise,
    reminded,
    rungs_of,
    subjects,
)

from actions.commitments.settle_commitment import Evidence, keep_commitment
from actions.meetings.change_meeting import MeetingCancellation, cancel_meeting
from actions.reminders.remind_by_hand import NothingAwaited, RemindedToday, ReminderRequest, remind_by_hand
from actions.reminders.set_frequency import FrequencyChoice, set_frequency
from models.person import Actor, MailFrequency, NotAllowed
from models.reminder import Reader, sending_day
from models.sign_off import Decision
from models.stored_row import identity
from models.tables import REMINDER
from queries.reminders.followed import follow

TUESDAY = date(2027, 3, 16)
LONG_BEFORE = moment(date(2026, 12, 1))
HUGO, SOLENE = CONTACTS[NIORT], MAYORS[NIORT]


def keep(cast: Cast, subject: str) -> None:
    number = int(subject.rpartition("-")[2])
    keep_commitment(cast.db, cast.contact(NIORT), Evidence(number, "C’est fait."), now=cast.now)


def working_day(day: date) -> date:
    return sending_day(Reader(0, MailFrequency.daily), day) or day


def due(cast: Cast, key: str) -> date:
    return cast.stage(key).due_on or cast.today


def gone(cast: Cast, day: date, hour: int = 9) -> dict[str, list[str]]:
    """The lines of the digests that leave that day at that hour, by reader."""
    return {
        each.recipient_email: [
            item["subject"] for project in each.payload["projects"] for item in project["items"]
        ]
        for each in deliver(cast.db, moment(day, hour))
        if each.is_digest
    }


# « Reminders without a link »


def test_no_reminder_is_without_a_link(at: At) -> None:
    cast = at("charter in review")
    forget_the_past(cast)
    day = working_day(due(cast, "charter"))
    promise(cast, day, told_at=LONG_BEFORE)
    convene(cast, day, told_at=LONG_BEFORE)
    hold(cast, day, leaves=False)
    assert all(each["path"].startswith(f"/projets/{cast.slug}") for each in reminded(cast.db))
    for notice in owed(cast):
        if notice.is_digest:
            assert "https://projets.example/a-faire" in write(notice)


# « Two mails the same day »


def test_nobody_gets_two_digests_a_day_though_the_round_is_called_ten_times(at: At) -> None:
    cast = at("charter in review")
    day = working_day(due(cast, "charter"))
    first = hold(cast, day)
    before = reminded(cast.db)
    promise(cast, day, told_at=LONG_BEFORE)  # comes too late for today's
    assert first is not None
    assert [hold(cast, day, hour) for hour in (8, 9, 10, 11, 12, 13, 14, 15, 16, 17)] == [None] * 10
    assert reminded(cast.db) == before
    assert len(cast.notices("daily_digest") + cast.notices("weekly_state")) == first.digests


# « Bursts after an outage »


def test_the_day_after_an_outage_brings_one_digest_a_person_with_the_latest_rungs(at: At) -> None:
    cast = at("met")
    subject = {promise(cast, day) for day in days(MONDAY, MONDAY + timedelta(days=9))}
    hold(cast, MONDAY - timedelta(days=20))
    back = MONDAY + timedelta(days=11)
    live(cast, back, back + timedelta(days=2))
    mine = [each for each in reminded(cast.db, REMINDER.c.day >= back) if each["email"] == HUGO]
    assert {each["day"] for each in mine} == {back}
    assert len(mine) == len({each["subject"] for each in mine}) == len(subject)
    assert {each["rung"] for each in mine} == {"J", "J+7"}


def test_a_digest_that_could_not_leave_is_reminded_again_with_the_latest_rung_only(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    choose(cast, cast.contact(NIORT).person_id, MailFrequency.daily)
    live(cast, TUESDAY - timedelta(days=1), TUESDAY + timedelta(days=8), leaves=False)
    live(cast, TUESDAY + timedelta(days=9), TUESDAY + timedelta(days=14))
    assert rungs_of(cast, HUGO, subject) == [
        (TUESDAY + timedelta(days=9), "J+7"),
        (TUESDAY + timedelta(days=14), "J+14"),
    ]
    sent = [row for row in cast.notices("daily_digest") if row.sent_at]
    assert len(sent) == len({(row.recipient_id, row.payload["day"]) for row in sent})


# « Fifty mails for fifty groups »


def test_fifty_projects_make_one_mail(at: At) -> None:
    cast = at("met")
    for number in range(12):
        file = seed_file().model_copy(update={"title": f"Groupe {number}"})
        cast.create(file, f"groupe-{number}")
        promise(cast, TUESDAY, NIORT, slug=f"groupe-{number}", told_at=LONG_BEFORE)
    hold(cast, TUESDAY)
    mails = [row for row in digests(cast).items() if row[0] == HUGO]
    assert len(mails) == len(cast.notices("daily_digest")) == 1
    assert len(mails[0][1]["payload"]["projects"]) == 12


# « A recap that arrives although it was switched off »


def test_a_recap_switched_off_does_not_arrive_even_when_it_was_written(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    hold(cast, TUESDAY, leaves=False)
    person = cast.contact(NIORT).person_id
    set_frequency(cast.db, FrequencyChoice(person, 0, MailFrequency.never), now=moment(TUESDAY, 8, 5))
    assert gone(cast, TUESDAY) == {}
    live(cast, TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=20))
    assert rungs_of(cast, HUGO, subject) == []
    set_frequency(
        cast.db,
        FrequencyChoice(person, 0, MailFrequency.daily),
        now=moment(TUESDAY + timedelta(days=20), 20),
    )
    live(cast, TUESDAY + timedelta(days=21), TUESDAY + timedelta(days=22))
    assert [rung for _, rung in rungs_of(cast, HUGO, subject)] == ["J+21"]


# « A reminder about something done yesterday »


def test_what_was_done_before_the_round_is_not_reminded(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    cast.set_clock(moment(TUESDAY - timedelta(days=1), 17))
    keep(cast, subject)
    hold(cast, TUESDAY)
    assert digests(cast) == {}


def test_what_is_done_between_the_digest_s_writing_and_its_sending_is_taken_out(at: At) -> None:
    cast = at("met")
    done, left = promise(cast, TUESDAY), promise(cast, TUESDAY)
    hold(cast, TUESDAY, leaves=False)
    assert subjects(digests(cast)[HUGO]) == [done, left]
    keep(cast, done)
    assert gone(cast, TUESDAY) == {HUGO: [left]}


def test_a_digest_with_nothing_left_to_say_does_not_leave(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    hold(cast, TUESDAY, leaves=False)
    keep(cast, subject)
    assert gone(cast, TUESDAY) == {}
    (digest,) = cast.notices("daily_digest")
    assert (digest.sent_at, digest.dropped_at) == (None, moment(TUESDAY, 9))
    assert reminded(cast.db) == []


def extend(cast: Cast, party: str | None = None) -> None:
    until = due(cast, "charter") + timedelta(days=30)
    cast.extend("charter", until, party)


SINCE: dict[str, tuple[Callable[[Cast], object], set[str]]] = {
    "signed": (lambda cast: cast.sign("charte", NIORT), {NIORT}),
    "refused by another": (lambda cast: cast.sign("charte", BOURGES, Decision.refused), set(CITIES)),
    "replaced by a new version": (lambda cast: cast.submit("charte"), set(CITIES)),
    "given more time": (extend, set(CITIES)),
    "given more time, one city": (lambda cast: extend(cast, NIORT), {NIORT}),
    "left by the city": (lambda cast: leave(cast, GUICHEN), {GUICHEN}),
    "paused": (lambda cast: cast.pause(), set(CITIES)),
    "cancelled": (lambda cast: cast.change("cancel"), set(CITIES)),
}


@pytest.mark.parametrize("since", SINCE)
def test_a_sign_off_is_not_asked_for_any_more_once_it_is(at: At, since: str) -> None:
    act, quiet = SINCE[since]
    cast = at("charter in review")
    day = working_day(due(cast, "charter") - timedelta(days=6))
    hold(cast, day, leaves=False)
    assert set(digests(cast, day)) >= {CONTACTS[code] for code in CITIES}
    act(cast)
    left = gone(cast, day)
    assert {code for code in CITIES if not left.get(CONTACTS[code])} == quiet
    assert {code for code in CITIES if not left.get(MAYORS[code])} == quiet


def test_a_new_version_is_not_asked_for_once_it_is_in_or_the_refusal_withdrawn(at: At) -> None:
    for act in (lambda cast: cast.submit("charte"), lambda cast: cast.withdraw("charte", BOURGES)):
        cast = at("charter in review")
        cast.sign("charte", BOURGES, Decision.refused)
        day = working_day(due(cast, "charter") - timedelta(days=6))
        hold(cast, day, leaves=False)
        assert subjects(digests(cast, day)[AGENT])[0].endswith("/version-2")
        act(cast)
        assert gone(cast, day).get(AGENT, []) == []


def test_a_meeting_cancelled_or_begun_and_a_delegation_revoked_are_not_reminded(at: At) -> None:
    cast = at("met")
    meetings = [convene(cast, TUESDAY, title=title, told_at=LONG_BEFORE) for title in ("Un", "Deux")]
    cast.delegate(NIORT, days=(cast.today, TUESDAY))
    hold(cast, TUESDAY, leaves=False)
    assert len(subjects(digests(cast)[HUGO])) == 3
    cancel_meeting(cast.db, cast.agent, MeetingCancellation(identity(meetings[0]), "Neige"), now=cast.now)
    with cast.db.write_statements() as connection:
        connection.execute(sa.text("UPDATE signature_delegation SET revoked_at = recorded_at"))
    assert gone(cast, TUESDAY, 13)[HUGO] == [f"meeting-{meetings[1].id}"]
    hold(cast, TUESDAY + timedelta(days=1))
    assert digests(cast, TUESDAY + timedelta(days=1)) == {}


def test_what_the_anct_does_last_is_not_asked_any_more_once_done_though_the_stage_is_not_closed(
    at: At,
) -> None:
    cast = at("charter in review")
    cast.sign_all("charter")
    day = working_day(due(cast, "charter"))
    hold(cast, day, leaves=False)
    assert subjects(digests(cast, day)[AGENT]) == [f"stage-{cast.stage_id('charter')}/agency"]
    cast.sign_for_agency()
    assert gone(cast, day).get(AGENT, []) == []
    with cast.db.read() as session:
        assert follow(session, cast.slug, cast.now) == []


def test_a_promise_of_a_city_gone_and_a_delegation_that_ended_with_its_giver_s_office_are_taken_out(
    at: At,
) -> None:
    cast = at("charter in review")
    cast.delegate(NIORT, days=(cast.today, TUESDAY))
    promise(cast, TUESDAY, GUICHEN)
    hold(cast, TUESDAY, leaves=False)
    assert [each for each in subjects(digests(cast)[HUGO]) if each.startswith("delegation-")]
    assert subjects(digests(cast)[CONTACTS[GUICHEN]])
    leave(cast, GUICHEN)
    with cast.db.write_statements() as connection:
        given_up = "UPDATE mandate SET until = since WHERE role = 'signatory' AND authority_code = :code"
        connection.execute(sa.text(given_up), {"code": NIORT})
    left = gone(cast, TUESDAY)
    assert [each for each in left.get(HUGO, []) if each.startswith("delegation-")] == []
    assert CONTACTS[GUICHEN] not in left


def test_a_meeting_that_has_begun_is_not_reminded(at: At) -> None:
    cast = at("met")
    convene(cast, TUESDAY, told_at=LONG_BEFORE)  # at 14 h
    hold(cast, TUESDAY, leaves=False)
    assert gone(cast, TUESDAY, 15) == {}


# « One that went to the whole team when only the contact should get it »


@pytest.mark.parametrize("code", [MANTES, NIORT])
def test_only_the_contact_is_reminded_of_what_only_they_should_get(at: At, code: str) -> None:
    cast = at("met")
    promise(cast, TUESDAY, code)
    hold(cast, TUESDAY)
    assert set(digests(cast)) == {CONTACTS[code]}


# An agent's own reminder, and what is shown of each thing


def remind(cast: Cast, subject: str, actor: Actor | None = None) -> None:
    remind_by_hand(cast.db, actor or cast.agent, ReminderRequest(cast.slug, subject), now=cast.now)


def test_an_agent_s_own_reminder_waits_for_a_day_before_the_next(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    cast.set_clock(moment(TUESDAY - timedelta(days=8), 10))
    remind(cast, subject)
    assert cast.told("reminder_from_agent") == {HUGO}
    cast.set_clock(moment(TUESDAY - timedelta(days=7), 9, 58))
    with pytest.raises(RemindedToday, match="08/03/2027 à 10:01"):
        remind(cast, subject)
    cast.set_clock(moment(TUESDAY - timedelta(days=7), 10, 1))
    remind(cast, subject)
    assert len(cast.notices("reminder_from_agent")) == 2
    assert cast.journal()[-1] == ("reminder.sent", NIORT)


def test_the_ladder_is_quiet_for_48_hours_after_an_agent_s_own_reminder(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    cast.set_clock(moment(TUESDAY - timedelta(days=8), 10))
    remind(cast, subject)
    live(cast, TUESDAY - timedelta(days=7), TUESDAY)
    mine = rungs_of(cast, HUGO, subject)
    assert mine == [
        (TUESDAY - timedelta(days=5), "J-7"),
        (TUESDAY - timedelta(days=1), "J-1"),
        (TUESDAY, "J"),
    ]


def test_only_the_anct_reminds_by_hand_and_of_what_is_awaited(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)
    for who in (cast.contact(NIORT), cast.mayor(NIORT), cast.outsider):
        with pytest.raises(NotAllowed):
            remind(cast, subject, who)
    with pytest.raises(NothingAwaited, match="commitment-"):
        remind(cast, "commitment-999")
    keep(cast, subject)
    with pytest.raises(NothingAwaited, match="rien n’y est attendu"):
        remind(cast, subject)
    assert cast.notices("reminder_from_agent") == []


def test_each_thing_says_when_it_was_last_reminded_and_when_it_is_next(at: At) -> None:
    cast = at("met")
    subject = promise(cast, TUESDAY)

    def followed(hour: int = 9) -> tuple[date | None, date | None]:
        with cast.db.read() as session:
            (one,) = follow(session, cast.slug, moment(cast.today, hour))
        assert one.thing.subject == subject
        return one.last_reminded_on, one.next_reminder_on

    cast.set_clock(moment(date(2027, 2, 10)))
    assert followed() == (None, date(2027, 2, 15))
    hold(cast, date(2027, 2, 15))
    assert followed() == (date(2027, 2, 15), date(2027, 3, 1))
    hold(cast, TUESDAY)
    assert followed() == (TUESDAY, TUESDAY + timedelta(days=7))
    cast.set_clock(moment(TUESDAY + timedelta(days=6), 10))
    remind(cast, subject)
    assert followed() == (TUESDAY + timedelta(days=6), TUESDAY + timedelta(days=9))
    choose(cast, cast.contact(NIORT).person_id, MailFrequency.never)
    assert followed()[1] is None


def test_more_time_begins_the_ladder_again(at: At) -> None:
    cast = at("charter in review")
    day = working_day(due(cast, "charter"))
    hold(cast, day)
    subject = subjects(digests(cast, day)[HUGO])[0]
    cast.set_clock(moment(day, 10))
    extend(cast)
    live(cast, day + timedelta(days=1), due(cast, "charter") - timedelta(days=6))
    assert [rung for _, rung in rungs_of(cast, HUGO, subject)] == ["J", "J-15", "J-7"]


def test_nothing_comes_within_48_hours_of_the_notice_of_more_time(at: At) -> None:
    cast = at("charter in review")
    day = working_day(due(cast, "charter") - timedelta(days=4))  # a Tuesday
    cast.set_clock(moment(day, 10))
    until = day + timedelta(days=9)
    cast.extend("charter", until)
    live(cast, day, until - timedelta(days=5))
    rungs = {(each["due_on"], each["rung"], each["day"]) for each in reminded(cast.db)}
    quiet_until = day + timedelta(days=3)
    assert [each for each in rungs if each[0] == until] == [(until, "J-7", quiet_until)]


def test_news_wait_for_the_digest_and_leave_with_it_once(at: At) -> None:
    cast = at("charter in review")
    choose(cast, cast.mayor(BOURGES).person_id, MailFrequency.weekly)
    cast.set_clock(moment(TUESDAY))
    cast.sign_all("charter")
    assert cast.end("charter")
    live(cast, TUESDAY, TUESDAY + timedelta(days=13))
    notices = cast.notices("stage_signed_off")
    (news,) = [row for row in notices if row.recipient_id == cast.mayor(BOURGES).person_id]
    (digest,) = [row for row in cast.notices("daily_digest") if row.id == news.digest_id]
    (project,) = digest.payload["projects"]
    assert [each["message"] for each in project["news"]] == ["stage_signed_off"]
    assert digest.payload["day"] == "2027-03-22"
    assert news.is_held
    assert news.sent_at == digest.sent_at
    assert digests(cast, TUESDAY + timedelta(days=13)).keys() <= {AGENT}

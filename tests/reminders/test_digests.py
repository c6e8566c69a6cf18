"""One digest per person and day, on working days, as often as they want it."""

import re
from datetime import date, timedelta

import pytest
from cast import CITIES, NIORT, seed_file
from command_line import AGENT, CONTACTS, MAYORS
from many_projects import counted
from owed_mails import owed, write
from reminding import (
    MONDAY,
    At,
    choose,
    convene,
    digests,
    due,
    forget_the_past,
    hold,
    live,
    moment,
    promise,
    reminded,
    rungs_of,
    subjects,
    working_day,
)

from actions.reminders.send_reminders import is_open
from models.commitment import AGENCY
from models.person import MailFrequency
from models.reminder import closing_of
from queries.reminders.still_awaited import refresh

TUESDAY = date(2027, 3, 16)
LONG_BEFORE = moment(date(2026, 12, 1))
HUGO, SOLENE = CONTACTS[NIORT], MAYORS[NIORT]


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
                page, _, place = item["path"].partition("#")
                link = rf"{re.escape(page)}\?qui=[\w.-]+{'#' * bool(place)}{place}\b"
                assert len(re.findall(rf"https://projets\.example{link}", write(notice))) >= 2


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

# ruff: noqa: DTZ001 -- what a clock shows has no zone
"""The two nights when the clocks change: each hour is one instant, or is refused; each instant is a day in Paris."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import typer
from cast import Cast
from hypothesis import given
from hypothesis import strategies as st
from site_of_tests import Site

from actions.meetings.change_meeting import MeetingChanges, move_meeting
from actions.meetings.convene_meeting import MeetingPlan, convene_meeting
from commands.meeting import read_moment
from models.meeting import InvalidMeeting
from models.paris_time import PARIS, UnclearHour, paris_day, paris_instant
from models.stored_row import identity
from notifications.typography import long_date, weekday_date

SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)
NIGHTS = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2099, 12, 31)),
    *(
        st.timedeltas(timedelta(0), timedelta(hours=6)).map(lambda after, day=day: datetime(*day) + after)
        for day in ((2027, 3, 28), (2027, 10, 31), (2050, 3, 27), (2050, 10, 30))
    ),
)


@given(NIGHTS)
def test_an_hour_of_paris_is_one_instant_that_shows_that_hour_or_is_refused(wall: datetime) -> None:
    shown = [
        instant
        for offset in (1, 2)
        for instant in [(wall - timedelta(hours=offset)).replace(tzinfo=UTC)]
        if instant.astimezone(PARIS).replace(tzinfo=None) == wall
    ]
    if len(shown) == 1:
        assert [paris_instant(wall)] == shown
        return
    with pytest.raises(UnclearHour, match="deux fois" if shown else "n’existe pas"):
        paris_instant(wall)


@given(NIGHTS, NIGHTS)
def test_hours_in_order_are_instants_in_order(one: datetime, other: datetime) -> None:
    try:
        instants = paris_instant(one), paris_instant(other)
    except UnclearHour:
        return
    assert (instants[0] < instants[1]) is (one < other)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)))
def test_an_instant_is_shown_on_its_day_in_paris(instant: datetime) -> None:
    there = instant.astimezone(ZoneInfo("America/Martinique"))
    assert long_date(instant) == long_date(there) == long_date(paris_day(instant))
    assert weekday_date(there) == weekday_date(paris_day(instant))


def fields(day: date, begins: str, ends: str) -> dict[str, str]:
    return {"titre": "Nuit", "jour": day.isoformat(), "debut": begins, "fin": ends, "lieu": "", "ordre": ""}


@pytest.mark.parametrize(
    ("day", "begins", "ends", "sentence"),
    [
        (SPRING, "02:30", "03:15", "Début : 02:30 n’existe pas le 28/03/2027"),
        (SPRING, "01:30", "02:00", "Fin : 02:00 n’existe pas le 28/03/2027"),
        (AUTUMN, "02:30", "03:15", "Début : 02:30 sonne deux fois le 31/10/2027"),
        (AUTUMN, "01:30", "02:59", "Fin : 02:59 sonne deux fois le 31/10/2027"),
    ],
)
def test_the_page_refuses_an_hour_that_is_not_one_instant(
    site: Callable[[str], Site], day: date, begins: str, ends: str, sentence: str
) -> None:
    here = site("charter in review")
    with here.client(here.cast.agent) as agent:
        answer = agent.send(f"{here.project}/reunions", fields(day, begins, ends))
        assert sentence in answer.text.replace("\u00a0", " ")


def test_the_command_asks_for_the_offset_of_an_hour_told_twice() -> None:
    with pytest.raises(typer.BadParameter, match="décalage"):
        read_moment("2027-10-31T02:30")
    with pytest.raises(typer.BadParameter, match="n’existe pas"):
        read_moment("2027-03-28T02:30")
    assert read_moment("2027-10-31T02:30+01:00") == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(("day", "lasts"), [(SPRING, 1), (AUTUMN, 3)])
def test_a_meeting_lasts_what_it_lasts_across_the_change(
    at: Callable[[str], Cast], day: date, lasts: int
) -> None:
    cast = at("met")
    begins, ends = (datetime.combine(day, datetime.min.time(), PARIS).replace(hour=hour) for hour in (1, 3))
    meeting = convene_meeting(cast.db, cast.agent, MeetingPlan(cast.slug, "Nuit", begins, ends), now=cast.now)
    assert meeting.ends_at - meeting.starts_at == timedelta(hours=lasts)
    changes = MeetingChanges(identity(meeting), starts_at=begins - timedelta(days=1))
    moved = move_meeting(cast.db, cast.agent, changes, now=cast.now)
    assert moved.ends_at - moved.starts_at == timedelta(hours=lasts)


def test_a_meeting_never_ends_before_it_begins(at: Callable[[str], Cast]) -> None:
    cast = at("met")
    begins, ends = (datetime(2027, 3, 28, hour, minute, tzinfo=PARIS) for hour, minute in ((2, 30), (3, 15)))
    with pytest.raises(InvalidMeeting, match="avant d’avoir commencé"):
        convene_meeting(cast.db, cast.agent, MeetingPlan(cast.slug, "Nuit", begins, ends), now=cast.now)

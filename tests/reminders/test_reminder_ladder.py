"""The ladder of reminders, without a database: which rung, on which day, for whom (docs/rules.md, « Reminders »)."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from models.lifecycle import ReminderRules, load_lifecycle
from models.paris_time import PARIS
from models.person import MailFrequency
from models.reminder import (
    Reader,
    Rung,
    closing_of,
    digest_key,
    first_day_after,
    is_sending_day,
    latest_rung,
    opening_of,
    rung_of_the_day,
    rungs_from,
    sending_day,
)
from models.working_days import first_working_day_of_week

RULES = load_lifecycle().reminders
DUE = date(2027, 6, 15)
"""A Tuesday; so are J-7 and J+7. J-15 and J-1 are Mondays; J-30 is Whit Sunday, and the day after it is off too."""
LONG_AGO = datetime(2027, 1, 4, 9, tzinfo=UTC)
DAILY = Reader(1, MailFrequency.daily)
WEEKLY = Reader(2, MailFrequency.weekly)
NEVER = Reader(3, MailFrequency.never)


def day(late: int) -> date:
    """So many days after the due date."""
    return DUE + timedelta(days=late)


def at(when: date, hour: int) -> datetime:
    """That hour of Paris."""
    return datetime(when.year, when.month, when.day, hour, tzinfo=PARIS)


def name(late: int, *, overdue: bool = True) -> str | None:
    rung = latest_rung(RULES, DUE, day(late), overdue=overdue)
    return rung.name if rung else None


def reminded(
    reader: Reader = DAILY,
    *,
    told_at: datetime = LONG_AGO,
    first: int = -40,
    last: int = 30,
    down: range = range(0),
    overdue: bool = True,
    rules: ReminderRules = RULES,
) -> list[tuple[int, str]]:
    """What a person gets, a round a day but for those of ``down``: (days late, rung); never the same twice."""
    rungs: dict[str, int] = {}
    for late in range(first, last + 1):
        if late in down:
            continue
        on = day(late)
        rung = rung_of_the_day(rules, DUE, told_at, reader, on, earliest=on, overdue=overdue)
        if rung and rung.name not in rungs:
            rungs[rung.name] = late
    return [(late, rung) for rung, late in rungs.items()]


# The rungs


@pytest.mark.parametrize(
    ("late", "expected"),
    [(-31, None), (-30, "J-30"), (-16, "J-30"), (-15, "J-15"), (-8, "J-15"), (-7, "J-7"), (-2, "J-7"), (-1, "J-1"),
     (0, "J"), (1, "J"), (6, "J"), (7, "J+7"), (13, "J+7"), (14, "J+14"), (364, "J+364"), (365, "J+364")],
)  # fmt: skip
def test_the_rungs_are_30_15_7_and_1_days_before_the_day_itself_then_weekly(
    late: int, expected: str | None
) -> None:
    assert name(late) == expected


@pytest.mark.parametrize("late", [-30, -15, -7, -1, 0, 7, 21])
def test_a_rung_knows_the_day_it_is_reached_on(late: int) -> None:
    assert latest_rung(RULES, DUE, day(late)) == Rung(late, day(late))


def test_what_cannot_be_late_has_no_rung_after_its_day() -> None:
    assert name(0, overdue=False) == "J"
    assert [name(late, overdue=False) for late in (1, 7, 30)] == [None, None, None]


def test_the_ladder_is_data_of_the_lifecycle() -> None:
    rules = ReminderRules(before_days=(10, 2), overdue_every_days=3)
    rungs = {late: latest_rung(rules, DUE, day(late)) for late in (-11, -10, -2, 0, 2, 3, 8, 9)}
    names = {late: rung.name if rung else None for late, rung in rungs.items()}
    assert names == {-11: None, -10: "J-10", -2: "J-2", 0: "J-2", 2: "J-2", 3: "J+3", 8: "J+6", 9: "J+9"}


def test_the_rungs_to_come_are_listed_in_order_and_without_end() -> None:
    def next_names(late: int, most: int = 4, *, overdue: bool = True) -> list[str]:
        return [rung.name for rung in islice(rungs_from(RULES, DUE, day(late), overdue=overdue), most)]

    assert next_names(-100, 7) == ["J-30", "J-15", "J-7", "J-1", "J", "J+7", "J+14"]
    assert next_names(-7) == ["J-7", "J-1", "J", "J+7"]
    assert next_names(1, 2) == ["J+7", "J+14"]
    assert next_names(7, 2) == ["J+7", "J+14"]
    assert next_names(8, 2) == ["J+14", "J+21"]
    assert next_names(-1, overdue=False) == ["J-1", "J"]
    assert next_names(1, overdue=False) == []


@pytest.mark.parametrize("late", range(-35, 40))
def test_the_latest_rung_and_those_to_come_follow_each_other(late: int) -> None:
    latest, following = latest_rung(RULES, DUE, day(late)), next(rungs_from(RULES, DUE, day(late + 1)))
    assert following.on > day(late)
    assert latest is None or latest.on <= day(late)
    between = following.on - timedelta(days=1)
    assert latest_rung(RULES, DUE, between) == latest


# The day it leaves


def test_each_rung_leaves_on_its_day_or_on_the_first_working_day_after() -> None:
    whole = [(-28, "J-30"), (-15, "J-15"), (-7, "J-7"), (-1, "J-1"), (0, "J"), (7, "J+7"), (14, "J+14")]
    assert reminded(last=20) == whole


def test_when_two_rungs_fall_in_a_week_end_only_the_latest_leaves() -> None:
    monday = DUE - timedelta(days=1)
    rungs = [
        rung_of_the_day(RULES, monday, LONG_AGO, DAILY, on, earliest=on)
        for on in (monday - timedelta(days=1), monday)
    ]
    assert rungs == [None, Rung(0, monday)]


def test_an_outage_is_caught_up_once_with_the_latest_rung_only() -> None:
    assert reminded(down=range(-16, -5), last=0) == [(-28, "J-30"), (-5, "J-7"), (-1, "J-1"), (0, "J")]
    assert reminded(down=range(-31, 2), last=7) == [(2, "J"), (7, "J+7")]
    assert reminded(down=range(-31, 23), last=28) == [(23, "J+21"), (28, "J+28")]


def test_nothing_comes_within_48_hours_of_the_first_notice() -> None:
    told_at = at(day(-8), 15)
    assert reminded(told_at=told_at, last=0) == [(-5, "J-7"), (-1, "J-1"), (0, "J")]
    assert reminded(told_at=at(day(-8), 7), last=0)[0] == (-6, "J-7")


def test_the_48_hours_are_lifecycle_data() -> None:
    rules = ReminderRules(quiet_hours=0)
    assert reminded(told_at=at(day(-8), 15), last=-6, rules=rules) == [(-7, "J-7")]


def test_a_rung_passed_before_the_thing_was_told_is_not_caught_up() -> None:
    assert reminded(told_at=at(day(-12), 9), last=0)[0] == (-7, "J-7")
    assert reminded(told_at=at(day(-7), 9), last=0)[0] == (-1, "J-1")
    assert reminded(told_at=at(day(3), 9), last=14) == [(7, "J+7"), (14, "J+14")]


def test_who_wants_mail_weekly_is_reminded_on_the_first_working_day_of_the_week() -> None:
    rungs = reminded(WEEKLY, last=15)
    assert all(day(late) == first_working_day_of_week(day(late)) for late, _ in rungs)
    assert rungs == [(-28, "J-30"), (-15, "J-15"), (-1, "J-1"), (6, "J"), (13, "J+7")]


def test_who_wants_none_is_never_reminded() -> None:
    assert reminded(NEVER) == []
    assert sending_day(NEVER, DUE) is None


def test_what_could_still_leave_before_leaves_then() -> None:
    def foretold(asked: date, on: date) -> Rung | None:
        return rung_of_the_day(RULES, DUE, LONG_AGO, DAILY, on, earliest=asked)

    assert foretold(day(-20), day(-15)) == Rung(-15, day(-15))
    assert foretold(day(-20), day(-14)) is None
    assert foretold(day(-14), day(-14)) == Rung(-15, day(-15))


@pytest.mark.parametrize("asked", range(-40, 0, 7))
@pytest.mark.parametrize("reader", [DAILY, WEEKLY, Reader(4, MailFrequency.daily, "974")])
@pytest.mark.parametrize("notified_on", [-300, -14, -8, -2])
def test_what_is_foretold_for_each_day_is_what_a_round_a_day_sends(
    asked: int, reader: Reader, notified_on: int
) -> None:
    told_at = at(day(notified_on), 15)
    walked = reminded(reader, told_at=told_at, first=asked)
    foretold = []
    for late in range(asked, 31):
        rung = rung_of_the_day(RULES, DUE, told_at, reader, day(late), earliest=day(asked))
        if rung:
            foretold.append((late, rung.name))
    assert foretold == walked


# Days and hours


def test_digests_leave_from_8_to_18_hours_of_paris_in_winter_and_in_summer() -> None:
    winter, summer = date(2028, 1, 12), date(2028, 7, 12)
    assert opening_of(winter) == datetime(2028, 1, 12, 7, tzinfo=UTC)
    assert closing_of(winter) == datetime(2028, 1, 12, 17, tzinfo=UTC)
    assert opening_of(summer) == datetime(2028, 7, 12, 6, tzinfo=UTC)
    assert closing_of(summer) == datetime(2028, 7, 12, 16, tzinfo=UTC)


@pytest.mark.parametrize("change", [date(2028, 3, 26), date(2028, 10, 29)])
def test_48_hours_across_the_change_of_the_clocks_stay_48_hours(change: date) -> None:
    before = opening_of(change - timedelta(days=1))
    assert opening_of(change + timedelta(days=1)) - before != timedelta(hours=48)
    after = first_day_after(before + timedelta(hours=48))
    is_spring = change.month == 3
    assert after == change + timedelta(days=2 if is_spring else 1)


def test_the_first_day_after_an_instant_is_the_one_whose_opening_is_not_before_it() -> None:
    assert first_day_after(opening_of(DUE)) == DUE
    assert first_day_after(opening_of(DUE) + timedelta(seconds=1)) == day(1)
    assert first_day_after(at(DUE, 0)) == DUE


def test_the_weekly_day_comes_after_a_holiday_monday() -> None:
    easter_monday = date(2028, 4, 17)
    assert not is_sending_day(WEEKLY, easter_monday)
    assert sending_day(WEEKLY, easter_monday) == easter_monday + timedelta(days=1)
    assert sending_day(WEEKLY, easter_monday + timedelta(days=2)) == easter_monday + timedelta(days=7)


def test_the_key_of_a_digest_is_made_of_a_number_and_an_iso_date() -> None:
    assert digest_key(date(2028, 2, 29), 12) == "digest:2028-02-29:12"

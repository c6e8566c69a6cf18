"""On which days people are written to: weekends and public holidays off, those of each département."""

from datetime import date, timedelta

import pytest

from models.working_days import first_working_day_of_week, is_working_day

NATIONAL = [
    date(2028, 1, 1), date(2028, 4, 17), date(2028, 5, 1), date(2028, 5, 8), date(2028, 5, 25), date(2028, 6, 5),
    date(2028, 7, 14), date(2028, 8, 15), date(2028, 11, 1), date(2028, 11, 11), date(2028, 12, 25),
]  # fmt: skip
EVERYWHERE = [None, "78", "79", "2A", "57", "67", "68", "971", "974"]


@pytest.mark.parametrize("departement", EVERYWHERE)
def test_a_national_holiday_is_off_in_every_departement(departement: str | None) -> None:
    assert not any(is_working_day(day, departement) for day in NATIONAL)


@pytest.mark.parametrize("departement", EVERYWHERE)
def test_saturdays_and_sundays_are_off_in_every_departement(departement: str | None) -> None:
    year = (date(2028, 1, 1) + timedelta(days=n) for n in range(366))
    assert not any(is_working_day(day, departement) for day in year if day.weekday() >= 5)


def test_a_metropolitan_year_has_its_eleven_holidays_and_no_more() -> None:
    days = [date(2028, 1, 1) + timedelta(days=n) for n in range(366)]
    off = [day for day in days if day.weekday() < 5 and not is_working_day(day, "79")]
    assert off == [day for day in NATIONAL if day.weekday() < 5]


@pytest.mark.parametrize("departement", ["57", "67", "68"])
def test_alsace_moselle_adds_good_friday_and_saint_stephen_s(departement: str) -> None:
    for day in (date(2028, 4, 14), date(2028, 12, 26)):
        assert not is_working_day(day, departement)
        assert is_working_day(day, "54")


@pytest.mark.parametrize(
    ("departement", "day"),
    [("971", date(2027, 5, 27)), ("972", date(2028, 5, 22)), ("973", date(2027, 6, 10)), ("974", date(2027, 12, 20)),
     ("976", date(2027, 4, 27))],
)  # fmt: skip
def test_each_overseas_departement_adds_the_day_of_its_abolition_of_slavery(
    departement: str, day: date
) -> None:
    assert not is_working_day(day, departement)
    assert is_working_day(day, "75")


def test_29_february_and_a_departement_nobody_knows_are_ordinary() -> None:
    assert is_working_day(date(2028, 2, 29))
    assert is_working_day(date(2028, 2, 29), "999")


def test_the_week_begins_on_its_first_working_day() -> None:
    easter = date(2028, 4, 17)
    assert first_working_day_of_week(date(2028, 4, 12)) == date(2028, 4, 10)
    for n in range(7):
        assert first_working_day_of_week(easter + timedelta(days=n)) == easter + timedelta(days=1)
    assert first_working_day_of_week(date(2028, 12, 27), "67") == date(2028, 12, 27)
    assert first_working_day_of_week(date(2028, 12, 27), "79") == date(2028, 12, 26)

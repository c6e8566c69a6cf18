"""The working days of a département: weekends and public holidays off (library `holidays`)."""

from datetime import date, timedelta
from functools import cache

import holidays

_SUBDIVISIONS = {
    "57": "57", "67": "6AE", "68": "6AE",                                  # law of 9 December 1905 not applied
    "971": "971", "972": "972", "973": "973", "974": "974", "976": "976",  # abolition of slavery
    "975": "PM", "977": "BL", "978": "MF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip


@cache
def _holidays(subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", subdiv=subdivision, years=year))


def is_working_day(day: date, departement: str | None = None) -> bool:
    """Monday to Friday, and no public holiday in that département (its INSEE code; none: the national ones).

    Alsace-Moselle adds Good Friday and 26 December (there, Good Friday is off only where a Protestant church
    stands: we take it off everywhere, a day's delay harms nobody); each overseas département adds its day of
    the abolition of slavery.
    """
    if day.weekday() >= 5:
        return False
    return day not in _holidays(_SUBDIVISIONS.get(departement or ""), day.year)


def first_working_day_of_week(day: date, departement: str | None = None) -> date | None:
    """The first working day of the week of ``day`` (Monday first); None in a week that has none."""
    monday = day - timedelta(days=day.weekday())
    week = (monday + timedelta(days=n) for n in range(5))
    return next((each for each in week if is_working_day(each, departement)), None)


def working_day_after(day: date, count: int, departement: str | None = None) -> date:
    """The ``count``-th working day after ``day``, which is not counted itself."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, departement)
    return day

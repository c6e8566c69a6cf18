"""The period of a project as a list gives it in free text: months, days or years, in words or in numbers."""

import calendar
import re
from collections.abc import Iterator
from datetime import date

from models.day_text import NoMonth, month_of, read_day, simplified
from models.refusal import Refusal

_YEAR = "20[0-9]{2}"
_MONTH_AND_YEAR = re.compile(rf"([a-z]{{3,}}) ?\.? ?({_YEAR})")
_NUMBERED_MONTH = re.compile(rf"([01]?[0-9])/({_YEAR})")
_NUMBERED_MONTH_LAST = re.compile(rf"({_YEAR})[-/]([01][0-9])")
_JOINT = re.compile(r" ?(?:-|/|→|>) ?| (?:a|au|jusqu'a|jusqu'au|jusqu'en|et) ")
_FIRST_WORD = re.compile(r"^(?:de |du |d'|depuis |entre |periode ?:? ?)+")
_LONGEST = 100
_ADVICE = "écrivez par exemple « sept. 2021 - déc. 2022 »"


class UnreadablePeriod(Refusal):
    """A period that does not say without doubt where it begins and where it ends, in that order of time."""

    def __init__(self, period: str, reason: str) -> None:
        super().__init__(f"période « {period} » illisible, {reason} : {_ADVICE}")


def read_period(text: str) -> tuple[date, date]:
    """First and last day, both included, of « Sep. 2021-Dec.2022 », « 2024-2025 », « du 1er mars 2024 au 30/06/2025 ».

    A month goes to its last day, a year to 31 December. Raises ``UnreadablePeriod``.
    """
    plain = _FIRST_WORD.sub("", simplified(text).replace("’", "'")).strip(" .")
    if not plain:
        raise UnreadablePeriod(text, "elle est vide")
    if len(plain) > _LONGEST:
        raise UnreadablePeriod(f"{text[:_LONGEST]}…", "elle est trop longue")
    doubts: list[str] = []
    readings = set(_readings(plain, doubts))
    if len(readings) != 1:
        doubt = doubts[0] if doubts else "il y faut un début et une fin, chacun avec son année"
        raise UnreadablePeriod(text, "elle peut se lire de deux façons" if readings else doubt)
    since, until = readings.pop()
    if until < since:
        raise UnreadablePeriod(text, "elle finit avant de commencer")
    return since, until


def _readings(plain: str, doubts: list[str]) -> Iterator[tuple[date, date]]:
    """Every way to cut the text in two ends; ``doubts`` gets what is wrong with their months."""
    if re.fullmatch(_YEAR, plain):
        yield date(int(plain), 1, 1), date(int(plain), 12, 31)
    for joint in _JOINT.finditer(plain):
        first, last = plain[: joint.start()], plain[joint.end() :]
        try:
            since, until = _span(first), _span(last)
            if since is None and until and not re.search("[0-9]{4}", first):
                since = _span(f"{first} {until[1].year}")  # « sept. à déc. 2022 »
        except NoMonth as wrong:
            doubts.append(wrong.reason)
            continue
        if since and until:
            yield since[0], until[1]


def _span(words: str) -> tuple[date, date] | None:
    """First and last day of a day, a month or a year. Raises ``NoMonth``."""
    if day := read_day(words):
        return day, day
    if re.fullmatch(_YEAR, words):
        return date(int(words), 1, 1), date(int(words), 12, 31)
    if named := _MONTH_AND_YEAR.fullmatch(words):
        return _month(int(named[2]), month_of(named[1]))
    if numbered := _NUMBERED_MONTH.fullmatch(words):
        return _month(int(numbered[2]), int(numbered[1]))
    if numbered := _NUMBERED_MONTH_LAST.fullmatch(words):
        return _month(int(numbered[1]), int(numbered[2]))
    return None


def _month(year: int, month: int) -> tuple[date, date] | None:
    if not 1 <= month <= 12:
        return None
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])

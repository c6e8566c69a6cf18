"""A project drawn in time: one bar per stage on a common scale, its months, and today. In hundredths of its width."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from queries.stages.steps import StageStep

MOST_TICKS = 5
"""So many months are named that they fit side by side on a phone."""
LAST_NAMED = 85.0
"""A month that begins after it has no room for its name."""
NARROWEST = 1.0
SHORT_MONTHS = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
)


@dataclass(frozen=True, slots=True)
class Tick:
    """The beginning of a month, and its name (« janv. 2027 »)."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """``bars`` are those of the stages, in their order: where each begins, and how long it is. ``today`` is None
    when it falls outside."""

    bars: tuple[tuple[str, str], ...]
    ticks: tuple[Tick, ...]
    today: str | None


def timeline_of(steps: Sequence[StageStep], today: date) -> Timeline:
    """The drawing of these stages."""
    first = min(each.starts_on for each in steps).replace(day=1)
    runs = any(each.closed_at is None for each in steps)
    last = max(*(each.ends_on for each in steps), today if runs else first)
    length = max((last - first).days + 1, 1)

    def at(day: date) -> float:
        return 100 * (day - first).days / length

    bars = tuple(
        (_percent(at(each.starts_on)), _percent(max(at(each.ends_on) - at(each.starts_on), NARROWEST)))
        for each in steps
    )
    ticks = tuple(
        Tick(_percent(at(month)), f"{SHORT_MONTHS[month.month - 1]} {month.year}")
        for month in _months(first, last)
        if at(month) <= LAST_NAMED
    )
    return Timeline(bars, ticks, _percent(at(today)) if first <= today <= last else None)


def _months(first: date, last: date) -> list[date]:
    """First days of months, evenly spaced."""
    total = (last.year - first.year) * 12 + last.month - first.month + 1
    step = -(-total // MOST_TICKS)
    months = []
    for number in range(0, total, step):
        years, month = divmod(first.month - 1 + number, 12)
        months.append(date(first.year + years, month + 1, 1))
    return months


def _name(month: date) -> str:
    return f"{SHORT_MONTHS[month.month - 1]} {month.year}"


def _percent(value: float) -> str:
    return f"{value:.2f}%"

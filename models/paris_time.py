"""The clock that deadlines, delegations and reminders go by."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def paris_day(instant: datetime) -> date:
    """The day it is in Paris at that instant."""
    return instant.astimezone(PARIS).date()


def paris_midnight(day: date) -> datetime:
    """The first instant of that day in Paris, in UTC."""
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


def french_date_time(instant: datetime) -> str:
    """« 12/01/2027 à 14:00 », as the clocks of Paris show it."""
    return instant.astimezone(PARIS).strftime("%d/%m/%Y à %H:%M")

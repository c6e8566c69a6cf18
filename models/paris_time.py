"""The clock that deadlines, delegations and reminders go by."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def paris_day(instant: datetime) -> date:
    """The day it is in Paris at that instant."""
    return instant.astimezone(PARIS).date()

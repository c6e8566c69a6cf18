"""The clock that deadlines, delegations and reminders go by."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from models.refusal import Refusal

PARIS = ZoneInfo("Europe/Paris")


def paris_day(instant: datetime) -> date:
    """The day it is in Paris at that instant."""
    return instant.astimezone(PARIS).date()


def paris_midnight(day: date) -> datetime:
    """The first instant of that day in Paris, in UTC."""
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


class UnclearHour(Refusal):
    """An hour that the clocks of Paris do not show that night, or show twice; ``reason`` says which."""

    def __init__(self, wall: datetime, *, is_told_twice: bool) -> None:
        hour = wall.strftime("%H:%M")
        what = "sonne deux fois" if is_told_twice else "n’existe pas"
        self.reason = (
            f"{hour} {what} le {wall.strftime('%d/%m/%Y')}, où l’heure change à Paris dans la nuit ; "
            "choisissez une heure avant 2 h ou à partir de 3 h"
        )
        super().__init__(f"{self.reason}.")


def paris_instant(wall: datetime) -> datetime:
    """The instant, in UTC, at which the clocks of Paris show this naive day and hour. Raises ``UnclearHour``."""
    first, last = (wall.replace(tzinfo=PARIS, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != last:
        raise UnclearHour(wall, is_told_twice=first < last)
    return first


def french_date_time(instant: datetime) -> str:
    """« 12/01/2027 à 14:00 », as the clocks of Paris show it."""
    return instant.astimezone(PARIS).strftime("%d/%m/%Y à %H:%M")

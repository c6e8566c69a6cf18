"""One thing that is awaited of somebody: what reminders, agendas and personal lists are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from models.reminder import ReminderKind

LONGEST_LINE_OF_MAIL = 300
"""Characters of what is awaited, as a digest says it."""

AGENCY, CONTRACTOR, EVERYBODY = "ANCT", "Prestataire", "Tous"
"""Who is named for what no city owes."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """One thing awaited.

    ``subject`` names it by its identifiers, as ``Subject`` writes them; ``told_at`` is when it, its due date or the
    end of a pause was last told. ``party_code`` and ``party``, its name, are who owes it (none: the contractor if
    ``is_contractors``, else the ANCT, or everybody). ``readers`` are those who have to do it, the local contact first;
    ``copies`` hear of it when it is late. What cannot be late (``overdue`` false: a meeting, the end of a delegation)
    is not reminded after its day, nor a meeting after ``starts_at``. ``since`` is the first day of those of the readers
    who took it over from another; ``reminded_at`` is the agent's own reminder to the readers, the copies heard nothing
    of it.
    """

    kind: ReminderKind
    subject: str
    project_id: int
    party_code: str | None
    party: str | None
    what: str
    due_on: date
    told_at: datetime
    path: str
    readers: tuple[int, ...]
    copies: tuple[int, ...] = ()
    overdue: bool = True
    since: Mapping[int, date] = field(default_factory=dict)
    reminded_at: datetime | None = None
    is_contractors: bool = False
    starts_at: datetime | None = None

    @property
    def text(self) -> str:
        """What is awaited, in a line; a deliverable with the city whose own it is."""
        is_own = self.kind is ReminderKind.deliverable and self.party
        return short(f"{self.what} ({self.party})" if is_own else self.what)

    @property
    def who(self) -> str:
        """Whose turn it is."""
        if self.kind is ReminderKind.meeting:
            return EVERYBODY
        return self.party or (CONTRACTOR if self.is_contractors else AGENCY)

    def last_notified(self, *, is_copy: bool = False) -> datetime:
        """When its readers, or those who get a copy, were last told of it by anything but a reminder of the ladder."""
        if is_copy or self.reminded_at is None:
            return self.told_at
        return max(self.told_at, self.reminded_at)

    def days_late(self, day: date) -> int:
        """How many days late it is on ``day``; 0 or less when it is not."""
        return (day - self.due_on).days


def short(text: str) -> str:
    """``text``, cut to the longest line of a mail."""
    return text if len(text) <= LONGEST_LINE_OF_MAIL else text[: LONGEST_LINE_OF_MAIL - 1].rstrip() + "…"

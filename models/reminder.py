"""When people are reminded (docs/rules.md, « Reminders »): the ladder, and the trace of each reminder."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import DAY, DEADLINE, UtcDateTime, stored, within
from models.lifecycle import ReminderRules
from models.limits import Text
from models.paris_time import PARIS, paris_day
from models.party import AUTHORITY_NAME
from models.person import MailFrequency
from models.working_days import first_working_day_of_week, is_working_day

OPENS, CLOSES = time(8), time(18)
"""Reminders leave on working days between these hours of Paris."""
DIGEST = "digest"

LONGEST_SUBJECT = 80
REMINDED = Text("Rappel", 600, is_cut=True)


class ReminderKind(StrEnum):
    """What somebody can be reminded of."""

    sign_off = "sign_off"
    deliverable = "deliverable"
    commitment = "commitment"
    meeting = "meeting"
    delegation = "delegation"
    confirmation = "confirmation"


class Reminder(SQLModel, table=True):
    """One line of one person's digest of ``day``: never twice for a rung of a due date.

    ``subject`` names the thing by its identifiers (« commitment-12 », « deliverable-4/party-2/round-1 »). The
    digest itself is the ``Notice`` whose key is ``digest_key(day, recipient_id)``; when it cannot leave, its
    lines are taken away again, and the next day reminds. ``is_copy`` tells a line that is another's to do.
    """

    __table_args__ = (
        sa.UniqueConstraint("subject", "recipient_id", "due_on", "rung", name="uq_reminder_rung"),
        sa.Index("ix_reminder_digest", "day", "recipient_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: ReminderKind = Field(sa_type=stored(ReminderKind))
    subject: str = Field(max_length=LONGEST_SUBJECT)
    project_id: int = Field(foreign_key="shared_project.id")
    recipient_id: int = Field(foreign_key="person.id")
    due_on: date = Field(sa_type=within(DEADLINE))
    rung: str = Field(max_length=10)
    day: date = Field(sa_type=within(DAY))
    text: str = Field(sa_type=within(REMINDED))
    path: str = Field(max_length=300)
    is_copy: bool = False
    party: str | None = Field(default=None, sa_type=within(AUTHORITY_NAME))


class ManualReminder(SQLModel, table=True):
    """An agent's own reminder about one thing; the next one waits for a day (``COOL_DOWN``)."""

    __tablename__ = "manual_reminder"

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id", index=True)
    subject: str = Field(max_length=LONGEST_SUBJECT, index=True)
    asked_by: int = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)


class ReminderRound(SQLModel, table=True):
    """The work of one day, held by one process at a time: ``token`` is its, until ``held_until``."""

    __tablename__ = "reminder_round"

    day: date = Field(primary_key=True, sa_type=within(DAY))
    token: str = Field(max_length=36)
    held_until: datetime = Field(sa_type=UtcDateTime)
    written_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


COOL_DOWN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder: so many ``days`` from the due date (negative before it), reached ``on`` a day."""

    days: int
    on: date

    @property
    def name(self) -> str:
        """« J-7 », « J », « J+14 »."""
        return f"J{self.days:+d}" if self.days else "J"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a reminder is for: how often they want mail, and the département whose holidays they keep."""

    person_id: int
    frequency: MailFrequency
    departement: str | None = None


def latest_rung(rules: ReminderRules, due_on: date, day: date, *, overdue: bool = True) -> Rung | None:
    """The last rung reached by ``day`` (itself included); None before the first, or past a due date with no after."""
    late = (day - due_on).days
    if late > 0 and not overdue:
        return None
    if late >= rules.overdue_every_days:
        days = late - late % rules.overdue_every_days
        return Rung(days, due_on + timedelta(days=days))
    reached = [before for before in rules.before_days if late >= -before]
    return Rung(-reached[-1], due_on - timedelta(days=reached[-1])) if reached else None


def rungs_from(rules: ReminderRules, due_on: date, day: date, *, overdue: bool = True) -> Iterator[Rung]:
    """The rungs on or after ``day``, in order; without end when overdue things are reminded."""
    for before in rules.before_days:
        on = due_on - timedelta(days=before)
        if on >= day:
            yield Rung(-before, on)
    if not overdue:
        return
    days = rules.overdue_every_days
    if day > due_on:
        days *= max(1, -((due_on - day).days // rules.overdue_every_days))
    while True:
        yield Rung(days, due_on + timedelta(days=days))
        days += rules.overdue_every_days


def is_sending_day(reader: Reader, day: date) -> bool:
    """Does this person's mail leave on that day: a working day of theirs, the first of its week for the weekly ones."""
    if reader.frequency is MailFrequency.never:
        return False
    if reader.frequency is MailFrequency.weekly:
        return day == first_working_day_of_week(day, reader.departement)
    return is_working_day(day, reader.departement)


def sending_day(reader: Reader, day: date) -> date | None:
    """The first day on or after ``day`` when this person's mail leaves; None for who wants none."""
    if reader.frequency is MailFrequency.never:
        return None
    while not is_sending_day(reader, day):
        day += timedelta(days=1)
    return day


def opening_of(day: date) -> datetime:
    """The hour from which the digests of that day may leave."""
    return datetime.combine(day, OPENS, PARIS).astimezone(UTC)


def closing_of(day: date) -> datetime:
    """The hour after which the digests of that day do not leave any more."""
    return datetime.combine(day, CLOSES, PARIS).astimezone(UTC)


def first_day_after(instant: datetime) -> date:
    """The first day whose opening hour is not before ``instant``."""
    day = paris_day(instant)
    return day if opening_of(day) >= instant else day + timedelta(days=1)


def rung_of_the_day(
    rules: ReminderRules,
    due_on: date,
    told_at: datetime,
    reader: Reader,
    day: date,
    *,
    earliest: date,
    overdue: bool = True,
) -> Rung | None:
    """The rung that ``reader`` is reminded of on ``day``, if any.

    ``told_at`` is when the thing, its due date, or the end of a pause was last told: a rung passed by then is
    not caught up, and nothing comes within the quiet hours after it. ``earliest`` is the first day on which
    something may still leave; a rung that could have left between it and ``day`` has left then.
    """
    rung = latest_rung(rules, due_on, day, overdue=overdue)
    if rung is None or rung.on <= paris_day(told_at):
        return None
    quiet_until = first_day_after(told_at + rules.quiet)
    return rung if sending_day(reader, max(rung.on, quiet_until, earliest)) == day else None


def digest_key(day: date, recipient_id: int) -> str:
    """The key of the one digest of a person on a day."""
    return f"{DIGEST}:{day.isoformat()}:{recipient_id}"

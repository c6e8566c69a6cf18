"""Messages about a meeting of the steering committee: it is convened, changed, cancelled."""

from dataclasses import replace
from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, model_validator

from notifications.calendar import Attendee, CalendarEvent, Method, meeting_event
from notifications.message import ProjectMessage, Text
from notifications.typography import PARIS, french, hour, long_date, weekday_date


def when(starts_at: datetime, ends_at: datetime) -> str:
    """« mardi 12 mai 2026, de 10 h à 11 h 30 », as the clocks of Paris show it."""
    first, last = starts_at.astimezone(PARIS).date(), ends_at.astimezone(PARIS).date()
    if first == last:
        return f"{weekday_date(first)}, de {hour(starts_at)} à {hour(ends_at)}"
    return f"du {weekday_date(first)}, {hour(starts_at)}, au {weekday_date(last)}, {hour(ends_at)}"


class MeetingMessage(ProjectMessage):
    """A meeting and its entry in a calendar: ``event_uid`` is « reunion-{id} ». Times are aware."""

    title: Text
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    place: Text | None = None
    agenda: Text | None = None
    event_uid: str
    event_sequence: int = 0

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("a meeting ends after it starts")
        return self

    @property
    def when(self) -> str:
        """The day and the hours, in words."""
        return when(self.starts_at, self.ends_at)

    @property
    def day(self) -> str:
        """« mardi 12 mai 2026 »."""
        return weekday_date(self.starts_at.astimezone(PARIS).date())

    def event(self) -> CalendarEvent:
        """An invitation when we know from whom and to whom; else an entry to keep."""
        return self._event("REQUEST")

    def _event(self, method: Method) -> CalendarEvent:
        event = meeting_event(
            self.event_uid,
            self.event_sequence,
            title=self.title,
            project_title=self.project_title,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            place=self.place,
            agenda=self.agenda,
            url=self.link,
            is_cancelled=method == "CANCEL",
        )
        name, address = self.agent
        if not (name and address and self.recipient_email) or name == self.recipient_name:
            return event
        return replace(
            event,
            method=method,
            organizer=Attendee(name, address),
            attendee=Attendee(self.recipient_name, self.recipient_email),
        )


class MeetingInvitation(MeetingMessage):
    """A meeting is convened. For everybody who is invited."""

    def headline(self) -> str:
        at = self.starts_at.astimezone(PARIS)
        return french(f"{self.title} : {long_date(at.date())} à {hour(at)}")


class MeetingChanged(MeetingMessage):
    """A meeting has moved, or its programme has changed: before and after. For everybody who is invited.

    ``old_starts_at`` and ``old_ends_at`` go together; they and ``old_place`` are given when they were different.
    """

    old_starts_at: AwareDatetime | None = None
    old_ends_at: AwareDatetime | None = None
    old_place: Text | None = None
    agenda_changed: bool = False
    reason: Text | None = None

    @property
    def old_when(self) -> str | None:
        """When it was to be, in words, if that has changed."""
        before = (self.old_starts_at or self.starts_at, self.old_ends_at or self.ends_at)
        return when(*before) if before != (self.starts_at, self.ends_at) else None

    @property
    def left_place(self) -> str | None:
        """Where it was to be, if that has changed."""
        return self.old_place if self.old_place != self.place else None

    def headline(self) -> str:
        if self.old_when:
            at = self.starts_at.astimezone(PARIS)
            return french(f"{self.title} : déplacement au {long_date(at.date())} à {hour(at)}")
        if self.left_place:
            return french(f"{self.title} : changement de lieu")
        return french(f"{self.title} : du nouveau")


class MeetingCancelled(MeetingMessage):
    """A meeting will not take place. For everybody who was invited."""

    reason: Text

    def headline(self) -> str:
        return french(
            f"{self.title} : annulation de la réunion du {long_date(self.starts_at.astimezone(PARIS).date())}"
        )

    def event(self) -> CalendarEvent:
        return self._event("CANCEL")

"""Meetings and deadlines as calendars read them (RFC 5545): in a mail, and in a person's own feed.

The same thing has the same identity and the same words in both, so that a calendar shows it once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from icalendar import Calendar, Event, vCalAddress, vText

from notifications.typography import one_line, quoted, visible

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person of an invitation: who convenes it, or who is invited."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A meeting (aware times) or a deadline (``start`` is a day, ``end`` is left out).

    ``uid`` never changes; ``sequence`` grows with each change. ``method`` is how it travels in a mail of its
    own: an invitation needs its ``organizer`` and its ``attendee``, without them it is only published.
    """

    uid: str
    sequence: int
    summary: str
    start: date | datetime
    end: datetime | None = None
    location: str | None = None
    description: str | None = None
    url: str | None = None
    method: Method = "PUBLISH"
    organizer: Attendee | None = None
    attendee: Attendee | None = None
    is_cancelled: bool = False


def event_uid(name: str, url: str) -> str:
    """The identity of an event among all calendars: « reunion-12@projets.example », at the host of ``url``."""
    return f"{name}@{urlsplit(url).hostname}"


def deadline_event(
    name: str, sequence: int, *, stage_title: str, project_title: str, due_on: date, url: str
) -> CalendarEvent:
    """The deadline of a stage, all day long. ``name`` is « echeance-{stage}-{party, or 0} »."""
    return CalendarEvent(
        event_uid(name, url),
        sequence,
        f"Échéance de l’étape {quoted(stage_title)} – {project_title}",
        due_on,
        description="Ce jour est le dernier pour ce qui est attendu de vous à cette étape.",
        url=url,
    )


def meeting_event(
    name: str,
    sequence: int,
    *,
    title: str,
    project_title: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str | None,
    agenda: str | None,
    url: str,
    is_cancelled: bool = False,
) -> CalendarEvent:
    """A meeting, its times aware. ``name`` is « reunion-{id} »."""
    return CalendarEvent(
        event_uid(name, url),
        sequence,
        f"{title} – {project_title}",
        starts_at,
        ends_at,
        location=place,
        description=agenda,
        url=url,
        is_cancelled=is_cancelled,
    )


def as_ics(
    events: Iterable[CalendarEvent], *, method: Method, now: datetime, name: str | None = None
) -> bytes:
    """An iCalendar file in UTF-8, its lines ended by CRLF and folded; ``now`` stamps it (``DTSTAMP``).

    ``name`` is what a calendar program calls the feed. What people typed stays text, whatever it contains.
    """
    calendar = Calendar()
    calendar.add("PRODID", "-//ANCT//Projets partagés//FR")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    if name is not None:
        calendar.add("X-WR-CALNAME", vText(_word(name)))
        calendar.add("X-WR-TIMEZONE", "Europe/Paris")
        calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("X-PUBLISHED-TTL", "PT1H")
    for event in events:
        calendar.add_component(_component(event, method, now))
    content: bytes = calendar.to_ical()
    return content


def _component(event: CalendarEvent, method: Method, now: datetime) -> Event:
    entry = Event()
    entry.add("UID", _word(event.uid))
    entry.add("DTSTAMP", now.astimezone(UTC))
    entry.add("SEQUENCE", event.sequence)
    entry.add("SUMMARY", _word(event.summary))
    _add_times(entry, event)
    for key, value in (("LOCATION", event.location), ("DESCRIPTION", event.description)):
        if value:
            entry.add(key, visible(value))
    if event.url:
        entry.add("URL", _word(event.url))
    cancelled = event.is_cancelled or method == "CANCEL"
    entry.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    _add_people(entry, event, method)
    return entry


def _add_times(entry: Event, event: CalendarEvent) -> None:
    """Meetings in UTC, which each calendar shows at its reader's hour; a deadline does not make one busy."""
    if isinstance(event.start, datetime):
        entry.add("DTSTART", event.start.astimezone(UTC))
        entry.add("DTEND", (event.end or event.start + timedelta(hours=1)).astimezone(UTC))
        return
    entry.add("DTSTART", event.start)
    entry.add("DTEND", event.start + timedelta(days=1))
    entry.add("TRANSP", "TRANSPARENT")


def _add_people(entry: Event, event: CalendarEvent, method: Method) -> None:
    if event.organizer is not None:
        entry.add("ORGANIZER", _address(event.organizer))
    if event.attendee is not None and method != "PUBLISH":
        guest = _address(event.attendee)
        guest.params["ROLE"] = vText("REQ-PARTICIPANT")
        if method == "REQUEST":
            guest.params["PARTSTAT"] = vText("NEEDS-ACTION")
            guest.params["RSVP"] = vText("TRUE")
        entry.add("ATTENDEE", guest)


def _address(person: Attendee) -> vCalAddress:
    address = vCalAddress(f"mailto:{_word(person.email)}")
    address.params["CN"] = vText(_word(person.name).replace('"', "’"))
    return address


def _word(typed: str) -> str:
    return one_line(visible(typed))

"""A person's calendar at its secret address (RFC 5545): what a calendar program asks for every hour."""

from hashlib import sha256

from fastapi import APIRouter
from fastapi.responses import Response

from actions.people.personal_link import holder_of
from notifications.calendar import CalendarEvent, as_ics, deadline_event, event_uid, meeting_event
from notifications.personal_links import LinkUse
from queries.reminders.calendar import CommitmentEntry, Entry, MeetingEntry, StageEntry, calendar_of
from web.server.conditional import not_modified
from web.visit import PublicVisit

router = APIRouter()

FEED_NAME = "Projets partagés"


@router.get("/agenda/{token}.ics")
def calendar_feed(visit: PublicVisit, token: str) -> Response:
    """The whole feed, or 304 when nothing has changed since the caller's ``ETag``."""
    person_id, version = visit.site.links.read(LinkUse.calendar, token)
    now = visit.now
    with visit.read() as session:
        holder_of(session, person_id, version)
        entries = calendar_of(session.connection(), person_id, now=now)
    headers = {
        "Cache-Control": "private, max-age=300",
        "Content-Disposition": 'inline; filename="projets-partages.ics"',
        "ETag": _etag(entries),
    }
    if unchanged := not_modified(visit.request.headers, headers):
        return unchanged
    events = [_event(entry, visit.site.public_url) for entry in entries]
    content = as_ics(events, method="PUBLISH", now=now, name=FEED_NAME)
    return Response(content, media_type="text/calendar", headers=headers)


def _etag(entries: list[Entry]) -> str:
    """Weak: the feed contains the hour it was written at, which is no change."""
    return f'W/"{sha256(repr(entries).encode()).hexdigest()[:32]}"'


def _event(entry: Entry, public_url: str) -> CalendarEvent:
    url = public_url + entry.path
    match entry:
        case MeetingEntry():
            return meeting_event(
                entry.name,
                entry.sequence,
                title=entry.title,
                project_title=entry.project_title,
                starts_at=entry.starts_at,
                ends_at=entry.ends_at,
                place=entry.place,
                agenda=entry.agenda,
                url=url,
                is_cancelled=entry.is_cancelled,
            )
        case StageEntry():
            return deadline_event(
                entry.name,
                entry.sequence,
                stage_title=entry.stage_title,
                project_title=entry.project_title,
                due_on=entry.due_on,
                url=url,
            )
        case CommitmentEntry():
            return _commitment_event(entry, url)


def _commitment_event(entry: CommitmentEntry, url: str) -> CalendarEvent:
    return CalendarEvent(
        event_uid(entry.name, url),
        entry.sequence,
        f"Engagement à tenir – {entry.project_title}",
        entry.due_on,
        description=entry.text,
        url=url,
    )

"""The mails of a meeting: to everybody of the project, at once, with its entry in their calendars."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from actions.mail.notify import tell
from models.meeting import Meeting, meeting_event, meeting_path
from models.shared_project import SharedProject
from models.stored_row import identity
from models.subject import Subject
from queries.meetings.agenda import agenda_of, with_late
from queries.people.recipients import everybody


def tell_meeting(
    session: Session, project: SharedProject, meeting: Meeting, message: str, now: datetime, **changes: Any
) -> None:
    """Owe ``message`` to everybody, ``changes`` besides what the meeting is; the late points join its agenda.

    Does not commit.
    """
    late = agenda_of(session, project, now) if meeting.cancelled_at is None else []
    values = {
        "title": meeting.title,
        "starts_at": meeting.starts_at.isoformat(),
        "ends_at": meeting.ends_at.isoformat(),
        "place": meeting.place,
        "agenda": with_late(meeting.agenda, late),
        "event_uid": meeting_event(identity(meeting)),
        "event_sequence": meeting.sequence,
        "path": meeting_path(project.slug, identity(meeting)),
    }
    about = Subject.of("meeting", meeting.id, str(meeting.sequence))
    tell(session, everybody(session, project, now), message, about, now, project=project, **values, **changes)

"""The meetings of a project, and what will be late on the table of the next one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.meeting import Meeting
from models.paris_time import paris_day
from models.shared_project import SharedProject
from queries.access.project_access import Sight
from queries.meetings.agenda import agenda_of


def list_meetings(session: Session, project: SharedProject, now: datetime) -> list[dict[str, Any]]:
    """In the order of their days. The next one to come has in ``late`` what joins its agenda by itself."""
    query = select(Meeting).where(Meeting.project_id == project.id)
    meetings = list(session.exec(query.order_by(col(Meeting.starts_at), col(Meeting.id))))
    to_come = [each for each in meetings if each.cancelled_at is None and each.ends_at > now]
    late = [
        {
            "party": each.party_code,
            "text": each.text,
            "due_on": each.due_on,
            "days_late": each.days_late,
        }
        for each in (agenda_of(session, project, paris_day(now)) if to_come else ())
    ]
    return [_line(each, now) | {"late": late if each in to_come[:1] else []} for each in meetings]


def _line(meeting: Meeting, now: datetime) -> dict[str, Any]:
    return {
        "id": meeting.id,
        "title": meeting.title,
        "starts_at": meeting.starts_at,
        "ends_at": meeting.ends_at,
        "place": meeting.place,
        "agenda": meeting.agenda,
        "status": _status(meeting, now),
        "cancel_reason": meeting.cancel_reason,
    }


def _status(meeting: Meeting, now: datetime) -> str:
    if meeting.cancelled_at is not None:
        return "cancelled"
    return "to_come" if meeting.ends_at > now else "held"


@dataclass(frozen=True, slots=True)
class MeetingShown:
    """A meeting of the steering committee: ``to_come``, ``held`` or ``cancelled``. ``late`` joins its agenda by
    itself, on the next one only."""

    id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str | None
    agenda: str | None
    status: str
    cancel_reason: str | None
    late: tuple[str, ...]


def meetings_shown(session: Session, sight: Sight) -> list[MeetingShown]:
    """The meetings of the project, in the order of their days."""
    return [
        MeetingShown(**each | {"late": tuple(late["text"] for late in each["late"])})
        for each in list_meetings(session, sight.project, sight.now)
    ]

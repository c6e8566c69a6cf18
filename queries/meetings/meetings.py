"""The meetings of a project's steering committee, as its page, the command and the API show them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pydantic import Field
from sqlmodel import Session, col, select

from models.meeting import Meeting, meeting_event, meeting_refusal
from models.shape import Instant, NotInJson, Shape
from models.shared_project import SharedProject, refusal_if_cancelled
from queries.access.project_access import Header, access_to_project
from queries.access.standing import Standing
from queries.meetings.agenda import agenda_of

MeetingStatus = Literal["to_come", "held", "cancelled"]


class LateThing(Shape):
    """What is late, and joins the agenda automatically."""

    party: str | None
    text: str
    due_on: date
    days_late: int


class MeetingShown(Shape):
    """A meeting of the steering committee. ``may_change``: the ANCT may still move or cancel it."""

    id: int
    title: str
    starts_at: Instant
    ends_at: Instant
    place: str | None
    agenda: str | None
    status: MeetingStatus
    cancel_reason: str | None
    late: list[LateThing] = Field(description="Ce qui, en retard, est à l’ordre du jour de la prochaine.")
    may_change: NotInJson[bool]

    @property
    def anchor(self) -> str:
        """Where it is on the page of meetings."""
        return meeting_event(self.id)


@dataclass(frozen=True, slots=True)
class MeetingsPage:
    """Those to come, the next one first; then those that were held or cancelled, the last one first."""

    header: Header
    standing: Standing
    to_come: tuple[MeetingShown, ...]
    past: tuple[MeetingShown, ...]


def read_meetings(session: Session, slug: str, person_id: int, now: datetime) -> MeetingsPage:
    """The page, as this person may see it; raises ``NotVisible``. Writes nothing."""
    access = access_to_project(session, slug, person_id, now)
    meetings = list_meetings(session, access.project, now)
    return MeetingsPage(
        access.header,
        access.standing,
        tuple(each for each in meetings if each.status == "to_come"),
        tuple(each for each in reversed(meetings) if each.status != "to_come"),
    )


def list_meetings(session: Session, project: SharedProject, now: datetime) -> list[MeetingShown]:
    """In the order of their days. The next one to come has in ``late`` what joins its agenda automatically."""
    query = select(Meeting).where(Meeting.project_id == project.id)
    meetings = list(session.exec(query.order_by(col(Meeting.starts_at), col(Meeting.id))))
    following = next((each for each in meetings if _status(each, now) == "to_come"), None)
    late = [
        LateThing(party=each.party_code, text=each.text, due_on=each.due_on, days_late=each.days_late)
        for each in (agenda_of(session, project, now) if following else ())
    ]
    cancelled = refusal_if_cancelled(project)
    return [
        MeetingShown(
            **each.model_dump(),
            status=_status(each, now),
            late=late if each is following else [],
            may_change=not (cancelled or meeting_refusal(each, now, "la déplacer")),
        )
        for each in meetings
    ]


def has_meeting(session: Session, project: SharedProject, meeting_id: int) -> bool:
    """Whether the meeting is one of this project."""
    query = select(Meeting.id).where(Meeting.id == meeting_id, Meeting.project_id == project.id)
    return session.exec(query).first() is not None


def _status(meeting: Meeting, now: datetime) -> MeetingStatus:
    if meeting.cancelled_at is not None:
        return "cancelled"
    return "to_come" if meeting.ends_at > now else "held"

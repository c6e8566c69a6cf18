"""A meeting that was convened is moved (its hours, its place, its agenda) or cancelled, by the ANCT."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlmodel import Session, col, select

from actions.ledger.locks import lock_project
from actions.meetings.convene_meeting import check_hours, record_meeting, stripped
from actions.meetings.meeting_mails import tell_meeting
from database.engine import Database
from models.columns import REASON
from models.meeting import (
    AGENDA,
    HOURS,
    PLACE,
    Meeting,
    NothingMoves,
    UnknownMeeting,
    is_to_come,
    meeting_refusal,
)
from models.person import Actor
from models.request import Request
from models.shared_project import SharedProject, refusal_if_cancelled
from models.sign_off import ReasonNeeded
from queries.access.rights import require_agency_agent


@dataclass(frozen=True, slots=True)
class MeetingChanges(Request):
    """What changes, and why; None leaves as it is, and a blank place or agenda takes it away.

    With ``starts_at`` alone the meeting lasts as long as before.
    """

    meeting_id: int
    starts_at: Annotated[datetime | None, HOURS] = None
    ends_at: Annotated[datetime | None, HOURS] = None
    place: Annotated[str | None, PLACE] = None
    agenda: Annotated[str | None, AGENDA] = None
    reason: Annotated[str | None, REASON] = None


@dataclass(frozen=True, slots=True)
class MeetingCancellation(Request):
    """Which meeting does not take place, and why."""

    meeting_id: int
    reason: Annotated[str, REASON]


def move_meeting(db: Database, actor: Actor, changes: MeetingChanges, *, now: datetime) -> Meeting:
    """Change a meeting to come, and tell everybody what was and what is. Commits.

    Raises ``UnknownMeeting``, ``NotAllowed``, ``ProjectNotActive``, ``MeetingSettled``, ``InvalidMeeting``,
    ``NothingMoves``.
    """
    with db.write() as session:
        meeting, project = _locked(session, changes.meeting_id)
        require_agency_agent(session, actor, now, "déplacer une réunion", project)
        if cancelled := refusal_if_cancelled(project):
            raise cancelled
        if settled := meeting_refusal(meeting, now, "la déplacer"):
            raise settled
        before = {name: getattr(meeting, name) for name in ("starts_at", "ends_at", "place", "agenda")}
        _apply(meeting, changes)
        changed = [name for name, value in before.items() if getattr(meeting, name) != value]
        if not changed:
            raise NothingMoves(meeting)
        check_hours(meeting, now)
        reason = stripped(changes.reason)
        _record_change(session, "meeting.moved", meeting, actor, now, changed=changed, reason=reason)
        old = {
            "old_starts_at": before["starts_at"].isoformat(),
            "old_ends_at": before["ends_at"].isoformat(),
            "old_place": before["place"],
            "agenda_changed": "agenda" in changed,
        }
        tell_meeting(session, project, meeting, "meeting_changed", now, **old, reason=reason)
        return meeting


def cancel_meeting(
    db: Database, actor: Actor, cancellation: MeetingCancellation, *, now: datetime
) -> Meeting:
    """Cancel a meeting to come, whatever the state of its project, and tell everybody why. Commits.

    Raises ``ReasonNeeded``, ``UnknownMeeting``, ``NotAllowed``, ``MeetingSettled``.
    """
    reason = cancellation.reason.strip()
    if not reason:
        raise ReasonNeeded("annuler une réunion")
    with db.write() as session:
        meeting, project = _locked(session, cancellation.meeting_id)
        require_agency_agent(session, actor, now, "annuler une réunion", project)
        if refusal := meeting_refusal(meeting, now, "l’annuler"):
            raise refusal
        _call_off(session, project, meeting, actor, reason, now)
        return meeting


def call_off_meetings(
    session: Session, project: SharedProject, actor: Actor, reason: str, now: datetime
) -> None:
    """The project stops: its meetings to come leave everybody's calendar. Does not commit."""
    to_come = select(Meeting).where(Meeting.project_id == project.id, is_to_come(now))
    for meeting in session.exec(to_come.order_by(col(Meeting.id))).all():
        _call_off(session, project, meeting, actor, reason, now)


def _call_off(
    session: Session, project: SharedProject, meeting: Meeting, actor: Actor, reason: str, now: datetime
) -> None:
    meeting.cancelled_at, meeting.cancel_reason = now, reason
    _record_change(session, "meeting.cancelled", meeting, actor, now, reason=reason)
    tell_meeting(session, project, meeting, "meeting_cancelled", now, reason=reason)


def _locked(session: Session, meeting_id: int) -> tuple[Meeting, SharedProject]:
    meeting = session.get(Meeting, meeting_id)
    if meeting is None:
        raise UnknownMeeting(meeting_id)
    project = lock_project(session, meeting.project_id)
    session.refresh(meeting)
    return meeting, project


def _apply(meeting: Meeting, changes: MeetingChanges) -> None:
    lasts = meeting.ends_at - meeting.starts_at
    if changes.starts_at is not None:
        # In UTC: two hours of the same clock are compared, and added to, as they are written.
        meeting.starts_at = changes.starts_at.astimezone(UTC)
        meeting.ends_at = meeting.starts_at + lasts
    if changes.ends_at is not None:
        meeting.ends_at = changes.ends_at.astimezone(UTC)
    if changes.place is not None:
        meeting.place = stripped(changes.place)
    if changes.agenda is not None:
        meeting.agenda = stripped(changes.agenda)


def _record_change(
    session: Session, event: str, meeting: Meeting, actor: Actor, now: datetime, **payload: Any
) -> None:
    """Count one more change of the meeting, announced now."""
    meeting.sequence, meeting.told_at = meeting.sequence + 1, now
    session.flush()
    record_meeting(session, event, meeting, actor, now, **payload)

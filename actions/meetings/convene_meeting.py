"""The ANCT convenes the steering committee: everybody of the project is invited at once."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlmodel import Session, col, select

from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.meetings.meeting_mails import tell_meeting
from database.engine import Database
from models.folded import is_same
from models.meeting import AGENDA, HOURS, PLACE, TITLE, AlreadyConvened, InvalidMeeting, Meeting
from models.paris_time import french_date_time
from models.person import Actor
from models.request import Request
from models.shared_project import refusal_unless_ongoing
from models.stored_row import identity
from queries.access.rights import require_agency_agent


@dataclass(frozen=True, slots=True)
class MeetingPlan(Request):
    """What is convened in the project ``slug``; the instants are aware."""

    slug: str
    title: Annotated[str, TITLE]
    starts_at: Annotated[datetime, HOURS]
    ends_at: Annotated[datetime, HOURS]
    place: Annotated[str | None, PLACE] = None
    agenda: Annotated[str | None, AGENDA] = None


def convene_meeting(db: Database, actor: Actor, plan: MeetingPlan, *, now: datetime) -> Meeting:
    """Convene a meeting of the steering committee, and invite everybody. Commits.

    Raises ``NotAllowed``, ``ProjectNotActive``, ``InvalidMeeting``, ``AlreadyConvened``.
    """
    with db.write() as session:
        project = lock_slug(session, plan.slug)
        require_agency_agent(session, actor, now, "convoquer le comité de pilotage", project)
        if refusal := refusal_unless_ongoing(project):
            raise refusal
        meeting = Meeting(
            project_id=identity(project),
            title=plan.title.strip(),
            starts_at=plan.starts_at.astimezone(UTC),
            ends_at=plan.ends_at.astimezone(UTC),
            place=stripped(plan.place),
            agenda=stripped(plan.agenda),
            convened_by=actor.person_id,
            convened_at=now,
            told_at=now,
        )
        if not meeting.title:
            raise InvalidMeeting("Une réunion a un titre : dites de quoi il s’agit.")
        check_hours(meeting, now)
        _check_new(session, meeting)
        session.add(meeting)
        session.flush()
        record_meeting(session, "meeting.convened", meeting, actor, now)
        tell_meeting(session, project, meeting, "meeting_invitation", now)
        return meeting


def check_hours(meeting: Meeting, now: datetime) -> None:
    """Raises ``InvalidMeeting`` unless the meeting is to come, and ends after it begins."""
    starts = french_date_time(meeting.starts_at)
    if meeting.starts_at <= now:
        raise InvalidMeeting(
            f"La réunion commencerait le {starts}, dans le passé : choisissez un jour à venir."
        )
    if meeting.ends_at <= meeting.starts_at:
        raise InvalidMeeting(
            f"La réunion finirait le {french_date_time(meeting.ends_at)}, avant d’avoir commencé (le {starts}) : "
            "corrigez ses heures."
        )


def stripped(text: str | None) -> str | None:
    """What was typed, None when it is blank."""
    return (text or "").strip() or None


def record_meeting(
    session: Session, event: str, meeting: Meeting, actor: Actor, now: datetime, **payload: Any
) -> None:
    """The meeting as it now is, in the journal of its project. Does not commit."""
    record(
        session,
        event,
        project_id=meeting.project_id,
        actor=actor,
        now=now,
        meeting=meeting.id,
        title=meeting.title,
        place=meeting.place,
        starts_at=meeting.starts_at.isoformat(),
        ends_at=meeting.ends_at.isoformat(),
        **payload,
    )


def _check_new(session: Session, meeting: Meeting) -> None:
    same = select(Meeting).where(
        Meeting.project_id == meeting.project_id,
        Meeting.starts_at == meeting.starts_at,
        col(Meeting.cancelled_at).is_(None),
    )
    for convened in session.exec(same.order_by(col(Meeting.id))):
        if is_same(convened.title, meeting.title):
            raise AlreadyConvened(convened)

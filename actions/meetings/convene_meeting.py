"""The ANCT convenes the steering committee: everybody of the project is invited at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.meetings.meeting_mails import tell_meeting
from database.engine import Database
from models.meeting import AlreadyConvened, InvalidMeeting, Meeting, on_the_clock
from models.person import Actor
from models.shared_project import ProjectNotActive, SharedProject
from models.stored_row import identity
from queries.access.rights import require_agency_agent


@dataclass(frozen=True, slots=True)
class MeetingPlan:
    """What is convened; the instants are aware."""

    title: str
    starts_at: datetime
    ends_at: datetime
    place: str | None = None
    agenda: str | None = None


def convene_meeting(db: Database, actor: Actor, slug: str, plan: MeetingPlan, *, now: datetime) -> Meeting:
    """Convene a meeting of the steering committee, and invite everybody. Commits.

    Raises ``NotAllowed``, ``ProjectNotActive``, ``InvalidMeeting``, ``AlreadyConvened``.
    """
    with db.write() as session:
        project = lock_slug(session, slug)
        require_agency_agent(session, actor, now, "convoquer le comité de pilotage", project)
        if not project.status.is_ongoing:
            raise ProjectNotActive(project)
        title = plan.title.strip()
        if not title:
            raise InvalidMeeting("Une réunion a un titre : dites de quoi il s’agit.")
        check_hours(plan.starts_at, plan.ends_at, now)
        _check_new(session, project, title, plan.starts_at)
        meeting = Meeting(
            project_id=identity(project),
            title=title,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            place=written(plan.place),
            agenda=written(plan.agenda),
            convened_by=actor.person_id,
            convened_at=now,
            told_at=now,
        )
        session.add(meeting)
        session.flush()
        record(
            session,
            "meeting.convened",
            project_id=project.id,
            actor=actor,
            now=now,
            meeting=meeting.id,
            title=meeting.title,
            place=meeting.place,
            starts_at=meeting.starts_at.isoformat(),
            ends_at=meeting.ends_at.isoformat(),
        )
        tell_meeting(session, project, meeting, "meeting_invitation", now)
        return meeting


def check_hours(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raises ``InvalidMeeting`` unless the meeting is to come, and ends after it begins."""
    if starts_at <= now:
        raise InvalidMeeting(
            f"La réunion commencerait le {on_the_clock(starts_at)}, dans le passé : choisissez un jour à venir."
        )
    if ends_at <= starts_at:
        raise InvalidMeeting(
            f"La réunion finirait le {on_the_clock(ends_at)}, avant d’avoir commencé (le {on_the_clock(starts_at)}) : "
            "corrigez ses heures."
        )


def written(text: str | None) -> str | None:
    """What was typed, None when it is blank."""
    return (text or "").strip() or None


def _check_new(session: Session, project: SharedProject, title: str, starts_at: datetime) -> None:
    same = select(Meeting).where(
        Meeting.project_id == project.id,
        Meeting.title == title,
        Meeting.starts_at == starts_at,
        col(Meeting.cancelled_at).is_(None),
    )
    known = session.exec(same.limit(1)).first()
    if known is not None:
        raise AlreadyConvened(known)

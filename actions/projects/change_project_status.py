"""Pause a project, resume it, cancel it: by the ANCT, with a reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlmodel import Session

from actions.authority.pass_duties import pass_duties_since
from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake_all
from actions.mail.notify import tell
from actions.meetings.change_meeting import call_off_meetings
from actions.projects.create_project import check_signatories
from database.engine import Database
from models.columns import REASON
from models.person import Actor
from models.request import Request
from models.shared_project import ProjectStatus, SharedProject, next_project_status
from models.sign_off import ReasonNeeded
from models.stored_row import identity
from models.subject import Subject
from queries.access.rights import require_agency_agent
from queries.ledger.find import lifecycle_of, parties_of
from queries.ledger.last_pause import last_pause
from queries.people.recipients import everybody

ACTS = {"pause": "mettre en pause", "resume": "reprendre", "cancel": "annuler"}
MESSAGES = {"pause": "project_paused", "resume": "project_resumed", "cancel": "project_cancelled"}


@dataclass(frozen=True, slots=True)
class StatusChange(Request):
    """What happens to a project, and why; ``event`` is pause, resume or cancel."""

    slug: str
    event: str
    reason: Annotated[str, REASON]


def change_project_status(
    db: Database, actor: Actor, change: StatusChange, *, now: datetime
) -> SharedProject:
    """Pause, resume or cancel a project. Commits; the flows of the stages at work look again.

    To resume, three to five signatories must be there. Raises ``NotAllowed``, ``ReasonNeeded``,
    ``WrongProjectState``, ``WrongNumberOfSignatories``.
    """
    act = f"{ACTS[change.event]} un projet"
    if not change.reason.strip():
        raise ReasonNeeded(act)
    with db.write() as session:
        project = lock_slug(session, change.slug)
        require_agency_agent(session, actor, now, act, project)
        status = next_project_status(project, change.event)
        if status is ProjectStatus.active:
            roles = [party.role for party in parties_of(session, identity(project))]
            check_signatories(lifecycle_of(project), roles)
        set_project_status(session, project, status, change, actor, now)
        return project


def set_project_status(
    session: Session,
    project: SharedProject,
    status: ProjectStatus,
    change: StatusChange,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the new state, tell everybody, wake the flows. Does not commit."""
    event, reason = change.event, change.reason
    project.status, project.status_reason = status, reason
    if event == "resume":
        project.resumed_at = now
    session.flush()
    record(session, f"project.{event}", project_id=project.id, actor=actor, now=now, reason=reason)
    about = Subject.of("project", project.id, now.isoformat())
    values = {"reason": reason, "path": f"/projets/{project.slug}"}
    tell(session, everybody(session, project, now), MESSAGES[event], about, now, project=project, **values)
    if event == "resume" and (paused_at := last_pause(session.connection(), identity(project))):
        pass_duties_since(session, [identity(project)], paused_at, now)
    if event == "cancel":
        call_off_meetings(session, project, actor, reason, now)
    wake_all(session, identity(project), now)

"""Close a stage whose gate holds, with the consequences of its end, in one transaction."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, col, select

from actions.commitments.schedule_commitments import date_after
from actions.ledger.journal import record
from actions.ledger.locks import lock_stage
from actions.ledger.wake import wake
from actions.mail.message_values import about_stage
from actions.mail.notify import is_notice_about, tell
from database.engine import Database
from models.commitment import STILL_OPEN, Commitment
from models.gate import gate_holds
from models.notice import Notice
from models.paris_time import paris_day
from models.person import SYSTEM
from models.shared_project import SharedProject, next_project_status
from models.stage import Stage, StageStatus, check_transition
from models.stored_row import identity
from models.subject import Subject
from queries.ledger.find import active, deliverables_of, lifecycle_of, stages_of
from queries.people.recipients import agent_of, everybody
from queries.signing.matrix import matrix_of
from queries.stages.snapshot import still_missing

AtTheEnd = Callable[[Session, SharedProject, Stage, datetime], None]
"""A further consequence of the end of a stage, in the transaction that closes it; must not commit."""


def close_stage(db: Database, stage_id: int, *, now: datetime, at_the_end: AtTheEnd | None = None) -> bool:
    """Close the stage; True once it is closed, False while something is missing. Commits.

    The gate is read again under the lock: what was signed may have been withdrawn a moment ago. Done
    before, it changes nothing. Raises ``ProjectNotActive``.
    """
    with db.write() as session:
        project, stage = lock_stage(session, stage_id)
        if stage.status is StageStatus.closed:
            return True
        active(project)
        matrix = matrix_of(session.connection(), stage_id)
        if stage.status is not StageStatus.signed_off or not gate_holds(matrix):
            return False
        if still_missing(session, stage, now):
            return False
        stage.status = check_transition("close", stage.status, StageStatus.closed)
        stage.closed_at = now
        session.flush()
        record(session, "stage.closed", project_id=project.id, actor=SYSTEM, now=now, stage=stage.key)
        if at_the_end is not None:
            at_the_end(session, project, stage, now)
        date_after(session, project, stage, now)
        following = _following(session, project, stage)
        if following is None:
            _enter_follow_up(session, project, now)
            return True
        _tell_closed(session, project, stage, following, now)
        if following.status is StageStatus.opening:
            wake(session, identity(following), now)
        return True


def _following(session: Session, project: SharedProject, stage: Stage) -> Stage | None:
    return next((each for each in stages_of(session, project) if each.position == stage.position + 1), None)


def _tell_closed(
    session: Session, project: SharedProject, stage: Stage, following: Stage, now: datetime
) -> None:
    """Tell everybody; the agent, where the next stage is theirs to open.

    Those who were told today of what ends the stage (every city has signed, the contractor is known) get no
    other mail.
    """
    values = about_stage(project, stage) | {
        "closed_on": paris_day(now).isoformat(),
        "deliverables": list(dict.fromkeys(each.title for each in deliverables_of(session, identity(stage)))),
        "next_stage_title": lifecycle_of(project).stage(following.key).title,
    }
    about, agent = Subject.of("stage", stage.id), agent_of(project)
    left_out = {*agent, *_recipients_of_the_end(session, stage, now)}
    others = [person for person in everybody(session, project, now) if person not in left_out]
    tell(session, others, "stage_closed", about, now, project=project, **values)
    if following.status is StageStatus.planned:
        values["path"] = about_stage(project, following)["path"]
        tell(session, agent, "stage_closed_for_agent", about, now, project=project, **values)


def _recipients_of_the_end(session: Session, stage: Stage, now: datetime) -> set[int]:
    """Those who were owed today the mail about what ends this stage."""
    says_it = is_notice_about(Subject.of("stage", stage.id, round=stage.round), "stage_signed_off")
    if stage.key == "terms_of_reference":
        says_it |= col(Notice.message) == "contractor_appointed"
    query = select(Notice.recipient_id, Notice.created_at).where(
        Notice.project_id == stage.project_id,
        says_it,
        col(Notice.channel_id).is_(None),
    )
    return {person for person, at in session.exec(query) if paris_day(at) == paris_day(now)}


def _enter_follow_up(session: Session, project: SharedProject, now: datetime) -> None:
    """The stages are over: one mail says so, and that the last one is closed."""
    project.status = next_project_status(project, "complete")
    session.flush()
    record(session, "project.in_follow_up", project_id=project.id, actor=SYSTEM, now=now)
    still_open = col(Commitment.status).in_(STILL_OPEN)
    query = select(Commitment.id).where(Commitment.project_id == project.id, still_open)
    values = {"open_commitments": len(session.exec(query).all()), "path": f"/projets/{project.slug}"}
    people = everybody(session, project, now)
    about = Subject.of("project", project.id)
    tell(session, people, "project_in_follow_up", about, now, project=project, **values)

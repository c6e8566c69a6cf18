"""The ANCT moves a stage's deadline, with a reason."""

from datetime import date, datetime

from actions.find import active, find_stage, lock_slug
from actions.journal import record
from actions.rights import require_agency_agent
from actions.schedule_commitments import date_recurring
from actions.still_missing import stage_title
from models.database import Database
from models.paris_time import PARIS
from models.person import Actor
from models.refusal import Refusal
from models.sign_off import ReasonNeeded
from models.stage import Stage, StageMovesOn, StageStatus


class DeadlineNotLater(Refusal):
    """An extension moves a deadline to a later day, still to come."""

    def __init__(self, until: date, current: date | None) -> None:
        now_on = f" (elle est au {current:%d/%m/%Y})" if current else ""
        super().__init__(
            f"La nouvelle échéance, le {until:%d/%m/%Y}, doit être à venir et plus tardive que l’actuelle{now_on} : "
            "choisissez un autre jour."
        )


def extend_deadline(
    db: Database, actor: Actor, slug: str, stage_key: str, *, until: date, reason: str, now: datetime
) -> Stage:
    """Move the stage's deadline, and that of what is due at its end. Commits.

    Raises ``ReasonNeeded``, ``NotAllowed``, ``ProjectNotActive``, ``StageMovesOn``, ``DeadlineNotLater``.
    """
    if not reason.strip():
        raise ReasonNeeded("reporter une échéance")
    with db.write() as session:
        project = active(lock_slug(session, slug))
        require_agency_agent(session, actor, now, "reporter une échéance", project)
        stage = find_stage(session, project, stage_key)
        if stage.status is StageStatus.closed:
            raise StageMovesOn(
                stage_title(project, stage), stage.status, "en reporter l’échéance", "elle n’en a plus"
            )
        if until <= now.astimezone(PARIS).date() or (stage.due_on and until <= stage.due_on):
            raise DeadlineNotLater(until, stage.due_on)
        before, stage.due_on = stage.due_on, until
        session.flush()
        date_recurring(session, project, stage)
        record(
            session,
            "deadline.extended",
            project_id=project.id,
            actor=actor,
            now=now,
            stage=stage.key,
            before=before.isoformat() if before else None,
            until=until.isoformat(),
            reason=reason,
        )
        return stage

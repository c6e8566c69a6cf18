"""The ANCT asks for a stage to open; nobody else can, and nothing overrides the gate (rule 6)."""

from datetime import datetime

from sqlmodel import Session, select

from actions.find import active, find_stage, identity, lock_slug, stages_of
from actions.journal import record
from actions.rights import require_agency_agent
from actions.still_missing import Missing, stage_title, still_missing
from actions.wake import nudge
from models.database import Database
from models.outbox import NudgeKind
from models.person import Actor
from models.refusal import Refusal
from models.shared_project import SharedProject
from models.stage import Stage, StageStatus, StageTransition, check_transition


class StageOutOfOrder(Refusal):
    """The stages open one after the other."""

    def __init__(self, title: str, first: str) -> None:
        super().__init__(
            f"L’étape « {title} » ne peut pas encore s’ouvrir : ouvrez d’abord « {first} », "
            "les étapes se suivent dans l’ordre."
        )


class GateNotReached(Refusal):
    """The stage before still waits for something; there is no override."""

    def __init__(self, title: str, previous: str, awaited: list[Missing]) -> None:
        self.awaited = awaited
        super().__init__(
            f"L’étape « {title} » ne peut pas encore s’ouvrir : « {previous} » attend encore "
            f"{' ; '.join(each.text for each in awaited)}. Relancez les personnes concernées."
        )


def request_transition(db: Database, actor: Actor, slug: str, stage_key: str, *, now: datetime) -> Stage:
    """Record the ANCT's request to open a stage; its flow opens it a moment later. Commits.

    Asked twice, it is one request, whatever became of the project since. Raises ``NotAllowed``,
    ``ProjectNotActive``, ``UnknownStage``, ``StageOutOfOrder``, ``GateNotReached``.
    """
    with db.write() as session:
        project = lock_slug(session, slug)
        require_agency_agent(session, actor, now, "ouvrir une étape", project)
        stage = find_stage(session, project, stage_key)
        known = select(StageTransition.id).where(StageTransition.stage_id == stage.id)
        if session.exec(known).first() is not None:
            return stage
        active(project)
        _check_order(session, project, stage)
        stage.status = check_transition("request", stage.status, StageStatus.opening)
        session.add(
            StageTransition(stage_id=identity(stage), requested_by=actor.person_id or 0, requested_at=now)
        )
        session.flush()
        nudge(session.connection(), NudgeKind.start_stage, stage.id, now)
        record(
            session,
            "stage_transition.requested",
            project_id=project.id,
            actor=actor,
            now=now,
            stage=stage.key,
        )
        return stage


def _check_order(session: Session, project: SharedProject, stage: Stage) -> None:
    if stage.position == 0:
        return
    previous = stages_of(session, project)[stage.position - 1]
    if previous.status is StageStatus.planned:
        first = next(each for each in stages_of(session, project) if each.status is StageStatus.planned)
        raise StageOutOfOrder(stage_title(project, stage), stage_title(project, first))
    awaited = still_missing(session, project, previous)
    if not awaited and previous.status not in (StageStatus.signed_off, StageStatus.closed):
        awaited = [Missing("sign_off", None, None, None, "que ses signataires la valident")]
    if awaited:
        raise GateNotReached(stage_title(project, stage), stage_title(project, previous), awaited)

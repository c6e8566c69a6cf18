"""The ANCT asks for a stage to open; nobody else can, and nothing overrides the gate (rule 6)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import nudge
from database.engine import Database
from models.outbox import NudgeKind
from models.person import Actor
from models.refusal import Refusal
from models.shared_project import SharedProject
from models.stage import Stage, StageStatus, StageTransition, check_transition
from models.stored_row import identity
from models.transition_rules import StageInOrder, transition_refusal
from queries.access.rights import require_agency_agent
from queries.ledger.find import find_stage, stage_title, stages_of
from queries.stages.snapshot import still_missing


@dataclass(frozen=True, slots=True)
class TransitionRequest:
    """Which stage of which project to open."""

    slug: str
    stage_key: str


def request_transition(db: Database, actor: Actor, request: TransitionRequest, *, now: datetime) -> Stage:
    """Record the ANCT's request to open a stage; its flow opens it a moment later. Commits.

    Asked twice, it is one request, whatever became of the project since. Raises ``NotAllowed``,
    ``ProjectNotActive``, ``UnknownStage``, ``StageOutOfOrder``, ``GateNotReached``.
    """
    with db.write() as session:
        project = lock_slug(session, request.slug)
        require_agency_agent(session, actor, now, "ouvrir une étape", project)
        stage = find_stage(session, project, request.stage_key)
        requested = select(StageTransition.id).where(StageTransition.stage_id == stage.id)
        if session.exec(requested).first() is not None:
            return stage
        if refusal := _refusal(session, project, stage, now):
            raise refusal
        stage.status = check_transition("request", stage.status, StageStatus.opening)
        session.add(StageTransition(stage_id=identity(stage), requested_by=actor.person_id, requested_at=now))
        session.flush()
        nudge(session.connection(), NudgeKind.start_stage, stage.id, now)
        event = "stage_transition.requested"
        record(session, event, project_id=project.id, actor=actor, now=now, stage=stage.key)
        return stage


def _refusal(session: Session, project: SharedProject, stage: Stage, now: datetime) -> Refusal | None:
    stages = stages_of(session, project)
    awaited = still_missing(session, stages[stage.position - 1], now) if stage.position else []
    in_order = [StageInOrder(stage_title(project, each), each.status) for each in stages]
    return transition_refusal(project, in_order, stage.position, awaited)

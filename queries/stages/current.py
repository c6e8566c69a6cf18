"""The stage a project is at."""

from sqlmodel import Session

from models.shared_project import SharedProject
from models.stage import Stage, StageStatus
from queries.ledger.find import stages_of


def stage_at_work(session: Session, project: SharedProject) -> Stage | None:
    """The first stage that is not closed; None once all are."""
    return current_stage(stages_of(session, project))


def current_stage(stages: list[Stage]) -> Stage | None:
    """The same among these, given in their order."""
    return next((stage for stage in stages if stage.status is not StageStatus.closed), None)

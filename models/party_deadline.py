"""A deadline of one party's own, later than its stage's; when a deadline can be moved."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from models.columns import DEADLINE, REASON, UtcDateTime, within
from models.refusal import Refusal
from models.shared_project import ProjectWithStatus, project_refusal
from models.stage import StageMovesOn, StageStatus


class PartyDeadline(SQLModel, table=True):
    """Until when one party has for a stage, moved by the ANCT with a reason. ``sequence`` counts the moves."""

    __tablename__ = "party_deadline"

    stage_id: int = Field(foreign_key="stage.id", primary_key=True)
    party_id: int = Field(foreign_key="party.id", primary_key=True)
    due_on: date = Field(sa_type=within(DEADLINE))
    reason: str = Field(sa_type=within(REASON))
    sequence: int = 1
    set_by: int = Field(foreign_key="person.id")
    set_at: datetime = Field(sa_type=UtcDateTime)


def extension_refusal(project: ProjectWithStatus, stage_title: str, status: StageStatus) -> Refusal | None:
    """Why the deadline of this stage cannot be moved now, for whichever party; None until it is closed."""
    if refusal := project_refusal(project):
        return refusal
    if status is StageStatus.closed:
        return StageMovesOn(stage_title, status, "en reporter l’échéance", "elle n’en a plus")
    return None

"""The ANCT's own signature of the charter: it comes last, and never counts in the gate (rule 3)."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime
from models.gate import Cell, gate_holds
from models.refusal import Refusal
from models.shared_project import ProjectWithStatus, project_refusal
from models.stage import LAID_OUT, StageMovesOn, StageStatus


class AgencySignature(SQLModel, table=True):
    """The ANCT has signed this content of the charter, after every city."""

    __tablename__ = "agency_signature"

    id: int | None = Field(default=None, primary_key=True)
    stage_id: int = Field(foreign_key="stage.id", index=True)
    version_id: int = Field(foreign_key="deliverable_version.id", unique=True)
    sha256: str = Field(max_length=64)
    signed_by: int = Field(foreign_key="person.id")
    signed_at: datetime = Field(sa_type=UtcDateTime)


class CitiesSignFirst(Refusal):
    """The ANCT signs the charter last."""

    def __init__(self, waiting_for: list[str]) -> None:
        super().__init__(
            f"L’ANCT signe la charte en dernier, et l’on attend encore : {', '.join(waiting_for)}."
        )


def charter_refusal(
    project: ProjectWithStatus,
    stage_title: str,
    status: StageStatus,
    matrix: Sequence[Cell],
    waiting_for: Sequence[str],
) -> Refusal | None:
    """Why the ANCT cannot sign the charter now, whatever its content.

    ``waiting_for`` names the parties of the cells that the gate of the stage still misses.
    """
    if refusal := project_refusal(project):
        return refusal
    if status not in LAID_OUT:
        advice = "elle se signe quand tous les conseils l’ont approuvée, et avant la clôture de l’étape"
        return StageMovesOn(stage_title, status, "signer la charte", advice)
    return None if gate_holds(matrix) else CitiesSignFirst(list(waiting_for))

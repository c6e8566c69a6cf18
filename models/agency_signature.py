"""The ANCT's own signature of the charter: it comes last, and never counts in the gate (rule 3)."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime
from models.refusal import Refusal


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
        self.waiting_for = waiting_for
        super().__init__(
            f"L’ANCT signe la charte en dernier, et l’on attend encore : {', '.join(waiting_for)}."
        )

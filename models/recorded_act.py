"""A formal act behind a sign-off: a council's deliberation or a mayor's decision, with its data and its file."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.act_kind import ActKind
from models.columns import UtcDateTime, stored
from models.council_deliberation import CouncilDeliberation
from models.refusal import Refusal


class RecordedAct(SQLModel, table=True):
    """The act as recorded. ``data`` holds the fields of a ``CouncilDeliberation``; unknown ones are empty."""

    __tablename__ = "recorded_act"

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id", index=True)
    party_id: int = Field(foreign_key="party.id")
    kind: ActKind = Field(sa_type=stored(ActKind))
    data: dict[str, Any] = Field(sa_type=sa.JSON)
    file_sha256: str = Field(max_length=64)
    file_name: str = Field(max_length=255)
    recorded_by: int = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def deliberation(self) -> CouncilDeliberation:
        """The council's act as typed data."""
        return CouncilDeliberation.model_validate(self.data)


class ActFileMissing(Refusal):
    """A council act is recorded with its file (rule 5)."""

    def __init__(self) -> None:
        super().__init__(
            "Une délibération s’enregistre avec ses données et son fichier : joignez l’extrait signé "
            "(« --proof FICHIER »)."
        )

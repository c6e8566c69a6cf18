"""The three strands of a city's consultation: citizens, professionals, artistic and festive programme."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import LONGEST_LINE, LONGEST_TEXT, UtcDateTime, within
from models.limits import Count, Days, Text, words
from models.refusal import Refusal
from models.shared_project import ProjectWithStatus, project_refusal
from models.stage import StageMovesOn, StageStatus

MOST_PARTICIPANTS = 1_000_000

TITLE = Text("Volet", LONGEST_LINE)
HELD_ON = Days("Date")
PARTICIPANTS = Count("Participants", 0, MOST_PARTICIPANTS)
SUMMARY = words("Bilan", LONGEST_TEXT)


class ConsultationStrand(SQLModel, table=True):
    """One strand asked of one city; held once ``held_on`` is set. ``participants`` counts people."""

    __tablename__ = "consultation_strand"
    __table_args__ = (sa.UniqueConstraint("stage_id", "party_id", "key", name="uq_strand"),)

    id: int | None = Field(default=None, primary_key=True)
    stage_id: int = Field(foreign_key="stage.id")
    party_id: int = Field(foreign_key="party.id")
    key: str = Field(max_length=40)
    title: str = Field(sa_type=within(TITLE))
    held_on: date | None = Field(default=None, sa_type=within(HELD_ON))
    participants: int | None = Field(default=None, sa_type=within(PARTICIPANTS))
    summary: str | None = Field(default=None, sa_type=within(SUMMARY))
    recorded_by: int | None = Field(default=None, foreign_key="person.id")
    recorded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class UnknownStrand(Refusal):
    """The city has no such strand in this stage."""

    def __init__(self, key: str, keys: list[str]) -> None:
        wanted = ", ".join(keys) or "aucun pour l’instant, l’étape n’étant pas ouverte"
        super().__init__(
            f"« {key} » n’est pas un volet de la concertation de cette ville ; les volets : {wanted}."
        )


class InvalidStrand(Refusal):
    """A strand held in the future, or by a negative number of people."""


class StrandsComeFirst(Refusal):
    """The report of a consultation is written once its strands have been held."""

    def __init__(self, titles: list[str]) -> None:
        super().__init__(
            "Le bilan de concertation se dépose quand les trois volets ont eu lieu ; il reste à enregistrer : "
            f"{', '.join(titles)}."
        )


def holding_refusal(project: ProjectWithStatus, stage_title: str, status: StageStatus) -> Refusal | None:
    """Why no strand is recorded, nor corrected, in this consultation now; None until its stage is closed."""
    if refusal := project_refusal(project):
        return refusal
    if status is StageStatus.closed:
        return StageMovesOn(
            stage_title, status, "y enregistrer un volet", "ils s’enregistrent avant sa clôture"
        )
    return None


def strands_refusal(awaited: list[str]) -> StrandsComeFirst | None:
    """Why a city's report is not submitted yet: the titles of its strands that have not been held."""
    return StrandsComeFirst(awaited) if awaited else None

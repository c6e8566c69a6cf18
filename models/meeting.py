"""The meetings of the steering committee: convened, moved or cancelled by the ANCT."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.database import UtcDateTime
from models.refusal import Refusal


class Meeting(SQLModel, table=True):
    """One meeting of a project's steering committee (comité de pilotage).

    ``sequence`` counts the changes, as calendars want it (RFC 5545). What is 21 days late stands on its agenda
    by itself, beside ``agenda``.
    """

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id", index=True)
    title: str = Field(max_length=200)
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    place: str | None = Field(default=None, max_length=300)
    agenda: str | None = Field(default=None, max_length=5000)
    sequence: int = 0
    convened_by: int = Field(foreign_key="person.id")
    convened_at: datetime = Field(sa_type=UtcDateTime)
    told_at: datetime = Field(sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_reason: str | None = Field(default=None, max_length=2000)


class UnknownMeeting(Refusal):
    """No meeting has this number."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(
            f"La réunion n° {number} n’existe pas : « projet-partage meeting list PROJET » les donne."
        )

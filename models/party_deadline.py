"""A deadline of one party's own, later than its stage's."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from models.columns import LONGEST_REASON, UtcDateTime


class PartyDeadline(SQLModel, table=True):
    """Until when one party has for a stage, moved by the ANCT with a reason. ``sequence`` counts the moves."""

    __tablename__ = "party_deadline"

    stage_id: int = Field(foreign_key="stage.id", primary_key=True)
    party_id: int = Field(foreign_key="party.id", primary_key=True)
    due_on: date
    reason: str = Field(max_length=LONGEST_REASON)
    sequence: int = 1
    set_by: int = Field(foreign_key="person.id")
    set_at: datetime = Field(sa_type=UtcDateTime)

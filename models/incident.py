"""A time during which the machinery was not well: reported to the operator once, and once when it is over."""

from datetime import datetime, timedelta

from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime

TOLD_AFTER = timedelta(minutes=2)
"""What recovers sooner is not mailed to anybody."""
OVER_AFTER = timedelta(minutes=2)
"""An incident is over once all has been well for so long: what comes and goes is one incident."""


class Incident(SQLModel, table=True):
    """``not_well`` names the parts that were wrong, separated by spaces; ``seen_at`` is when one last was.

    ``is_open`` is true, then NULL once it is over: unique, so that there is one open incident at a time.
    ``told_at`` and ``end_told_at`` are claims too: who sets one writes to the operator.
    """

    id: int | None = Field(default=None, primary_key=True)
    is_open: bool | None = Field(default=True, unique=True)
    not_well: str = Field(max_length=200)
    began_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

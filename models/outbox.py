"""What Prefect still has to hear: written with the fact, delivered afterwards, as often as it takes."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import LAST_ERROR, UtcDateTime, stored, within


class NudgeKind(StrEnum):
    """Start the flow of a stage, wake it, or send the mail that waits."""

    start_stage = "start_stage"
    wake_stage = "wake_stage"
    send_notices = "send_notices"


class Nudge(SQLModel, table=True):
    """One row of the outbox. ``done_at`` once Prefect has taken it; ``next_try_at`` until then."""

    __table_args__ = (
        sa.Index(
            "ix_nudge_waiting",
            "next_try_at",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: NudgeKind = Field(sa_type=stored(NudgeKind))
    stage_id: int | None = Field(default=None, foreign_key="stage.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    last_error: str | None = Field(default=None, sa_type=within(LAST_ERROR))
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

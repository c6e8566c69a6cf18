"""The system that works on this database, since its last restoration from a backup."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime


class Installation(SQLModel, table=True):
    """One row once the database was restored, none before.

    ``epoch`` is drawn at each restoration and stands in every idempotency key given to Prefect: a Prefect that knew
    the system before would take requests with the numbers of the restored outbox for old ones. Facts after
    ``holds_until`` and before ``restored_at`` are lost.
    """

    id: int | None = Field(default=None, primary_key=True)
    epoch: str = Field(max_length=16)
    holds_until: datetime = Field(sa_type=UtcDateTime)
    restored_at: datetime = Field(sa_type=UtcDateTime)

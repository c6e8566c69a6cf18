"""How many commitments of projects are open, and how many late."""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import DAY, among
from models.commitment import STILL_OPEN
from models.shared_project import ONGOING
from models.tables import COMMITMENT, PROJECT


def is_late(today: date | sa.ColumnElement[date]) -> sa.ColumnElement[bool]:
    """The condition of an open commitment of which ``days_late`` counts some day."""
    ongoing = sa.select(PROJECT.c.id).where(PROJECT.c.status.in_(ONGOING))
    return sa.and_(
        COMMITMENT.c.status.in_(STILL_OPEN),
        COMMITMENT.c.due_on < today,
        COMMITMENT.c.project_id.in_(ongoing),
    )


_PROMISED = (
    sa.select(COMMITMENT.c.project_id, sa.func.count(), sa.func.sum(sa.case((is_late(DAY), 1), else_=0)))
    .where(among(COMMITMENT.c.project_id, "projects"), COMMITMENT.c.status.in_(STILL_OPEN))
    .group_by(COMMITMENT.c.project_id)
)


def promised_by_project(
    connection: Connection, project_ids: Collection[int], today: date
) -> dict[int, tuple[int, int]]:
    """How many commitments of each are open, and how many of these are late."""
    rows = connection.execute(_PROMISED, {"projects": [*project_ids], "day": today})
    return {row[0]: (row[1], row[2]) for row in rows}

"""How many commitments of projects are open, and how many late."""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.among import among
from models.commitment import STILL_OPEN
from models.shared_project import ONGOING
from models.tables import COMMITMENT, PROJECT


def is_late(today: date) -> sa.ColumnElement[bool]:
    """The condition of an open commitment of which ``days_late`` counts some day."""
    ongoing = sa.select(PROJECT.c.id).where(PROJECT.c.status.in_(ONGOING))
    return sa.and_(
        COMMITMENT.c.status.in_(STILL_OPEN),
        COMMITMENT.c.due_on < today,
        COMMITMENT.c.project_id.in_(ongoing),
    )


def promised_by_project(
    connection: Connection, project_ids: Collection[int], today: date
) -> dict[int, tuple[int, int]]:
    """How many commitments of each are open, and how many of these are late."""
    late = sa.func.sum(sa.case((is_late(today), 1), else_=0))
    query = (
        sa.select(COMMITMENT.c.project_id, sa.func.count(), late)
        .where(among(connection, COMMITMENT.c.project_id, project_ids), COMMITMENT.c.status.in_(STILL_OPEN))
        .group_by(COMMITMENT.c.project_id)
    )
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

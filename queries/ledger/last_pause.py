"""When a project was last paused, as its journal keeps it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.tables import AUDIT_ENTRY, JOURNAL


def last_pause(connection: Connection, project_id: int) -> datetime | None:
    """None for a project that never was."""
    query = (
        sa.select(AUDIT_ENTRY.c.at)
        .join(JOURNAL, JOURNAL.c.id == AUDIT_ENTRY.c.journal_id)
        .where(JOURNAL.c.project_id == project_id, AUDIT_ENTRY.c.event == "project.pause")
        .order_by(AUDIT_ENTRY.c.seq.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()

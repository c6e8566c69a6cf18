"""All that a database holds, to see that nothing was written."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from database.engine import Database


def everything(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with db.read() as session:
        return {
            table.name: sorted(
                (tuple(map(repr, row)) for row in session.connection().execute(sa.select(table))),
            )
            for table in SQLModel.metadata.sorted_tables
        }

"""All that a database holds, to see that nothing was written."""

from functools import cache
from typing import Any

from sqlmodel import SQLModel

from database.engine import Database


def everything(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as the driver gives it."""
    with db.read() as session:
        ask = session.connection().exec_driver_sql
        return {
            name: sorted(tuple(map(repr, row)) for row in ask(f'SELECT * FROM "{name}"'))  # noqa: S608
            for name in _tables()
        }


@cache
def _tables() -> list[str]:
    return list(SQLModel.metadata.tables)

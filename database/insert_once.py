"""Insert rows whose key may be there already: those stay as they are, on both databases."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from models.columns import as_kept


def insert_once(
    connection: Connection | Engine, table: sa.Table, *key: str
) -> postgresql.Insert | sqlite.Insert:
    """An insertion into ``table`` that leaves alone what has the same unique ``key`` (its columns)."""
    return _made_once(connection.dialect.name, table, key)


@cache
def _made_once(kind: str, table: sa.Table, key: tuple[str, ...]) -> postgresql.Insert | sqlite.Insert:
    insert = postgresql.insert if kind == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing(index_elements=list(key))


def insert_all_once(
    connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], *key: str
) -> None:
    """``insert_once``, for many ``rows`` of the same columns: PostgreSQL gets them all in one value."""
    once = insert_once(connection, table, *key)
    if connection.dialect.name != "postgresql":
        connection.execute(once, rows)
        return
    columns = list(rows[0])
    kept = [as_kept(table, row) for row in rows]
    whole = sa.cast(sa.literal(json.dumps(kept, default=str), sa.Text), sa.JSON)
    values = sa.func.json_populate_recordset(sa.literal_column(f"NULL::{table.name}"), whole)
    connection.execute(once.from_select(columns, sa.select(*values.table_valued(*columns).c)))

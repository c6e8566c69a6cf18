"""« One of these », as one parameter where the database can: a list of hundreds is then sent, not parsed."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection


def among(connection: Connection, column: sa.Column[Any], values: Collection[Any]) -> sa.ColumnElement[bool]:
    """``column`` is one of ``values``: ``= ANY (array)`` on PostgreSQL, ``IN (…)`` on SQLite."""
    if connection.dialect.name != "postgresql":
        return column.in_(values)
    array: sa.BindParameter[Any] = sa.bindparam(None, list(values), type_=sa.ARRAY(column.type))
    return column == sa.func.any(array)

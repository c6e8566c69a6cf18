"""A connection of the judge's own to the domain database: plain SQL, rows as dictionaries."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]


class Sql:
    """Reads only."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def rows(self, query: str) -> list[Row]:
        return [dict(row) for row in self._connection.execute(query).fetchall()]

    def one(self, query: str) -> Any:
        """The first value of the first row."""
        return next(iter(self.rows(query)[0].values()))


@contextmanager
def open_sql(url: str) -> Iterator[Sql]:
    """``url`` as the system has it: ``sqlite:////file``, ``postgresql+psycopg://…``. One consistent look."""
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)) as file:
            file.row_factory = sqlite3.Row
            file.execute("BEGIN")
            yield Sql(file)
        return
    address = url.replace("+psycopg", "")
    with psycopg.connect(address, row_factory=dict_row, connect_timeout=10) as server:
        server.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        server.read_only = True
        yield Sql(server)


def instant(value: Any) -> datetime:
    """A stored instant: text or naive is UTC."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def decoded(value: Any) -> Any:
    """A stored JSON value."""
    return json.loads(value) if isinstance(value, str) else value

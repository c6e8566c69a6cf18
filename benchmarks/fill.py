"""Fill an empty database straight into its tables (`COPY` on PostgreSQL): what is measured begins afterwards."""

import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import psycopg

from database.engine import Database
from database.upgrade import upgrade_database

Row = tuple[Any, ...]
Table = tuple[str, str, Iterable[Row]]
"""Its name, the names of its columns, its rows; one whose columns begin with ``id`` gets its numbers from them."""


def fill(url: str, tables: Iterable[Table]) -> None:
    """Bring an empty database to the newest schema and fill it. Commits, and leaves it as one at rest is."""
    db = Database(url)
    upgrade_database(db)
    db.close()
    into = _fill_sqlite if url.startswith("sqlite") else _fill_postgresql
    into(url, tables)


def _fill_sqlite(url: str, tables: Iterable[Table]) -> None:
    file = sqlite3.connect(url.removeprefix("sqlite:///"))
    file.execute("PRAGMA synchronous=OFF")
    for table, columns, rows in tables:
        places = ", ".join("?" for _ in columns.split(","))
        file.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", map(_as_sqlite, rows))
    file.commit()
    file.execute("ANALYZE")
    file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.close()


def _as_sqlite(row: Row) -> Row:
    return tuple(
        value.replace(tzinfo=None).isoformat(" ", "microseconds")
        if isinstance(value, datetime)
        else value.isoformat() if isinstance(value, date) else value
        for value in row
    )  # fmt: skip


def _fill_postgresql(url: str, tables: Iterable[Table]) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as server:
        server.execute("SET synchronous_commit = off")
        server.execute("SET session_replication_role = replica")  # rows that name each other, in any order
        for table, columns, rows in tables:
            with server.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            if columns.startswith("id,"):
                server.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                )
        server.execute("VACUUM ANALYZE")

"""A database of its own for each measure, gone afterwards: a temporary file, or one made in PostgreSQL.

PostgreSQL is looked for on loopback; ``PROJET_PARTAGE_BENCH_POSTGRESQL`` says where else
(``postgresql://user@host:port/postgres``, a role that may create databases).
"""

import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg

from database.engine import FairQueue

SQLITE, POSTGRESQL = "sqlite", "postgresql"
POSTGRESQL_SERVER = os.environ.get(
    "PROJET_PARTAGE_BENCH_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"
)


class Absent(Exception):
    """There is no such database to measure on here; the text says why."""


@contextmanager
def temporary_database(kind: str) -> Iterator[str]:
    """An empty database of that kind, as the SQLAlchemy address of one; removed at the end of the block."""
    with _sqlite() if kind == SQLITE else _postgresql() as url:
        yield url


@contextmanager
def copy_of(url: str) -> Iterator[str]:
    """A copy of a database that nobody is using, removed at the end of the block."""
    if not url.startswith("sqlite"):
        with _postgresql(template=url.rpartition("/")[2]) as copy:
            yield copy
        return
    with _sqlite() as copy:
        shutil.copy(url.removeprefix("sqlite:///"), copy.removeprefix("sqlite:///"))
        yield copy


def why_absent(kind: str) -> str | None:
    """One French sentence when that database cannot be measured on here."""
    if kind == SQLITE:
        return None
    try:
        psycopg.connect(POSTGRESQL_SERVER, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        reason = str(error).splitlines()[0]
        return f"PostgreSQL n’est pas mesuré : pas de serveur à {POSTGRESQL_SERVER} ({reason})."
    return None


class Writer:
    """One connection of one client, and how it takes its turn to write."""

    def __init__(self, url: str, queue: FairQueue | None) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._connection: Any = _connect(url)
        self._turn: Callable[[], AbstractContextManager[None]] = queue.turn if queue else nullcontext

    def close(self) -> None:
        self._connection.close()

    def transaction(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        """Run the statements (``?`` stands for a value) in one transaction, on disk when this returns."""
        execute = self._connection.execute
        with self._turn():
            execute("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
            for sql, values in statements:
                execute(sql if self.is_sqlite else sql.replace("?", "%s"), values)
            execute("COMMIT")


@contextmanager
def writers(url: str, count: int) -> Iterator[list[Writer]]:
    """``count`` connections in durable autocommit; on SQLite they share one fair queue, as ours do."""
    queue = FairQueue(places=1) if url.startswith("sqlite") else None
    opened = [Writer(url, queue) for _ in range(count)]
    try:
        yield opened
    finally:
        for writer in opened:
            writer.close()


def _connect(url: str) -> Any:
    if not url.startswith("sqlite"):
        server = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        server.execute("SET synchronous_commit = on")
        return server
    path = url.removeprefix("sqlite:///")
    file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    file.execute("PRAGMA journal_mode=WAL")
    file.execute("PRAGMA synchronous=FULL")
    return file


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="projet-partage-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'bench.db'}"


@contextmanager
def _postgresql(template: str = "template1") -> Iterator[str]:
    reason = why_absent(POSTGRESQL)
    if reason:
        raise Absent(reason)
    name = f"projet_partage_bench_{secrets.token_hex(4)}"
    with psycopg.connect(POSTGRESQL_SERVER, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        try:
            address = POSTGRESQL_SERVER.replace("postgresql://", "postgresql+psycopg://", 1)
            yield f"{address.rpartition('/')[0]}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

"""A copy of the domain database as it is at one instant, made while others write to it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import col

from actions.backup.postgres_tools import check_tool, run_tool
from database.engine import Database
from models.backup import BackupImpossible, Kind
from models.shared_project import SharedProject
from models.tables import JOURNAL
from queries.ledger.named_contents import named_contents
from queries.ledger.verify_journal import REGISTER


@dataclass(frozen=True, slots=True)
class DatabaseCopy:
    """The copy, and what it holds: schema revision, hashes of the contents it names, ends of the journal's chains.

    Every fact acknowledged before ``taken_at`` is in it.
    """

    path: Path
    kind: Kind
    taken_at: datetime
    revision: str
    contents: list[str]
    entries: int
    heads: dict[str, str]


def copy_database(db: Database, path: Path, *, now: datetime) -> DatabaseCopy:
    """Copy the whole database into the new file ``path``, readable by its owner only. Stops no writer.

    Raises ``BackupImpossible``, ``NoTool``, ``ToolFailed``.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    kind: Kind = "sqlite" if db.is_sqlite else "postgresql"
    with _copied_sqlite(db, path) if db.is_sqlite else _copied_postgres(db, path) as connection:
        revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        if revision is None:
            raise BackupImpossible("Sauvegarde impossible : la base de données n’est pas entière.")
        entries, heads = _ends(connection)
        return DatabaseCopy(path, kind, now, revision, sorted(named_contents(connection)), entries, heads)


@contextmanager
def _copied_sqlite(db: Database, path: Path) -> Iterator[Connection]:
    """``VACUUM INTO`` reads one state, the write-ahead log included, and leaves behind what was erased."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("COMMIT")  # VACUUM is not run within a transaction
        connection.exec_driver_sql("VACUUM INTO ?", (str(path),))
        connection.exec_driver_sql("BEGIN")
    copy = sa.create_engine(f"sqlite:///{path}")
    with copy.connect() as connection:
        yield connection
    copy.dispose()


@contextmanager
def _copied_postgres(db: Database, path: Path) -> Iterator[Connection]:
    """``pg_dump`` reads the state that our own transaction sees."""
    check_tool(db, "pg_dump")
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(sa.text("SELECT pg_export_snapshot()"))
        with path.open("wb") as output:
            run_tool(db, "pg_dump", ["--format=custom", f"--snapshot={snapshot}", *_NOT_OURS], output)
        yield connection


_NOT_OURS = ("--no-owner", "--no-privileges", "--exclude-table=alembic_version")
"""Left to the restored system: who owns it; and its revision, written last, without which nothing starts."""


def _ends(connection: Connection) -> tuple[int, dict[str, str]]:
    """How many entries the journal has, and the end of each chain, named as ``verify_journal`` does."""
    query = sa.select(JOURNAL.c.seq, JOURNAL.c.head, col(SharedProject.slug)).outerjoin_from(
        JOURNAL, SharedProject, JOURNAL.c.project_id == col(SharedProject.id)
    )
    rows = connection.execute(query).all()
    return sum(row.seq for row in rows), {row.slug or REGISTER: row.head for row in rows}

"""Load the copy of the database that a backup holds, into a database that was empty.

A database whose table ``alembic_version`` has no row is one that is being restored: nothing starts on it. The row
is written last, by ``actions.backup.restore_backup``, once everything was verified.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from actions.backup.postgres_tools import check_tool, run_tool
from actions.files.store_file import sync_folder
from database.engine import Database
from database.upgrade import is_unfinished
from models.backup import Kind, RestoreImpossible, UnusableBackup

_MARK = "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)"
_RESTORE = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")


class Target(Protocol):
    """The database to restore; ``copy`` is the file in which its content is put, before ``load``."""

    kind: Kind
    copy: Path

    def claim(self) -> None:
        """Mark it as being restored, once it is sure to be empty, or left by a restoration cut short."""

    def load(self) -> Database:
        """Load ``copy``, still marked; gives where it is to be verified."""

    def put_in_place(self) -> None:
        """Have what was verified be the database itself, still marked."""

    def release(self) -> None:
        """Leave it as empty as it was."""


def target_of(db: Database, folder: Path) -> Target:
    """The target for this database; ``folder`` is there for what must be written aside."""
    return _Sqlite(Path(str(db.engine.url.database))) if db.is_sqlite else _Postgres(db, folder)


class _Sqlite:
    """Verified beside the file that it becomes, then renamed."""

    kind: Kind = "sqlite"

    def __init__(self, file: Path) -> None:
        self.file, self.copy = file, file.with_name(f"{file.name}.restoring")

    def claim(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.file.exists() and not self._is_unfinished():
            raise _not_empty(str(self.file))
        self.release()
        os.close(os.open(self.file, os.O_WRONLY | os.O_CREAT, 0o600))
        os.close(os.open(self.copy, os.O_WRONLY | os.O_CREAT, 0o600))
        with closing(sqlite3.connect(self.file)) as marked:
            marked.execute(_MARK)

    def _is_unfinished(self) -> bool:
        with (
            closing(sqlite3.connect(self.file)) as database,
            suppress(sqlite3.DatabaseError),
        ):  # no database at all
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
            return not tables or not database.execute("SELECT * FROM alembic_version").fetchall()
        return False

    def load(self) -> Database:
        with closing(sqlite3.connect(self.copy, isolation_level=None)) as copy:
            copy.execute("PRAGMA trusted_schema=OFF")
            try:
                if copy.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                    raise UnusableBackup(
                        "La base de la sauvegarde est abîmée : rien n’est restauré ; prenez-en une autre."
                    )
                copy.execute("DELETE FROM alembic_version")
            except sqlite3.DatabaseError as error:
                raise UnusableBackup(
                    f"La base de la sauvegarde n’est pas lisible ({error}) : rien n’est restauré ; prenez-en une autre."
                ) from error
        return Database(f"sqlite:///{self.copy}")

    def put_in_place(self) -> None:
        with closing(sqlite3.connect(self.copy)) as copy:
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        for end in ("-wal", "-shm"):
            self.file.with_name(self.file.name + end).unlink(missing_ok=True)
        with self.copy.open("rb") as written:
            os.fsync(written.fileno())
        self.copy.replace(self.file)
        sync_folder(self.file.parent)

    def release(self) -> None:
        for file in (self.file, self.copy):
            for end in ("", "-wal", "-shm", "-journal"):
                file.with_name(file.name + end).unlink(missing_ok=True)


class _Postgres:
    """Loaded where it will be used, in one transaction, and marked until it is verified."""

    kind: Kind = "postgresql"

    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.copy = db, folder / ".restoring.dump"

    def claim(self) -> None:
        check_tool(self.db, "pg_restore")
        with self.db.write_statements() as connection:
            if sa.inspect(connection).get_table_names() and not is_unfinished(connection):
                raise _not_empty(str(self.db.engine.url.database))
            _empty(connection)
            connection.exec_driver_sql(_MARK)
        os.close(os.open(self.copy, os.O_WRONLY | os.O_CREAT, 0o600))

    def load(self) -> Database:
        run_tool(
            self.db, "pg_restore", [*_RESTORE, f"--dbname={self.db.engine.url.database}", str(self.copy)]
        )
        return self.db

    def put_in_place(self) -> None:
        self.copy.unlink()

    def release(self) -> None:
        self.copy.unlink(missing_ok=True)
        with self.db.write_statements() as connection:
            if is_unfinished(connection):
                _empty(connection)


def _empty(connection: Connection) -> None:
    """Drop what a restoration has made: views, tables, then the functions that are no extension's."""
    for view in sa.inspect(connection).get_view_names():
        connection.exec_driver_sql(f'DROP VIEW "{view}" CASCADE')
    for table in sa.inspect(connection).get_table_names():
        connection.exec_driver_sql(f'DROP TABLE "{table}" CASCADE')
    functions = (
        "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace "
        "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )
    for function in connection.exec_driver_sql(functions).scalars().all():
        connection.exec_driver_sql(f"DROP FUNCTION {function} CASCADE")


def _not_empty(name: str) -> RestoreImpossible:
    return RestoreImpossible(
        f"La base de données « {name} » n’est pas vide : rien n’est restauré par-dessus ; donnez une base neuve "
        "(PROJET_PARTAGE_DATABASE_URL) ou un autre dossier (PROJET_PARTAGE_DATA_DIR)."
    )

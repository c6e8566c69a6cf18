"""The schema, on both databases: the migrations are the models, and the journal cannot be rewritten."""

import asyncio
import os
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from database.engine import Database
from database.upgrade import upgrade_database
from flows.prefect_server import tidy


def test_the_migrations_make_the_schema_of_the_models(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrating_twice_changes_nothing(db: Database) -> None:
    upgrade_database(db)
    with db.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM journal")).scalar() == 1


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET event = 'x'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_or_remove_a_line_of_the_journal(db: Database, statement: str) -> None:
    with db.write_statements() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO audit_entry (journal_id, seq, at, event, auth_method, payload, previous_hash, hash) "
                "VALUES (1, 1, '2026-11-22 10:00:00', 'person.added', 'system', '{}', '', 'x')"
            )
        )
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), db.write_statements() as connection:
        connection.execute(sa.text(statement))


# Files


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


@pytest.fixture
def open_to_all(tmp_path: Path) -> Path:
    """A database that was made readable by everybody, with the files that SQLite keeps beside it."""
    before = os.umask(0o022)
    try:
        (tmp_path / "kept.db").touch()
        (tmp_path / "kept.db-wal").touch()
        (tmp_path / "kept.db-shm").touch()
    finally:
        os.umask(before)
    assert set(modes(tmp_path).values()) == {0o644}
    return tmp_path / "kept.db"


def test_an_sqlite_file_is_its_owner_s_only_also_when_it_was_everybody_s(open_to_all: Path) -> None:
    db = Database(f"sqlite:///{open_to_all}")
    upgrade_database(db)
    with db.engine.connect():
        assert modes(open_to_all.parent) == dict.fromkeys(("kept.db", "kept.db-wal", "kept.db-shm"), 0o600)
    db.close()


def test_a_new_sqlite_file_is_its_owner_s_only(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'new.db'}")
    upgrade_database(db)
    with db.engine.connect():
        assert set(modes(tmp_path).values()) == {0o600}
    db.close()


def test_prefect_s_sqlite_file_is_its_owner_s_only_too(open_to_all: Path) -> None:
    async def open_it() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{open_to_all}")
        sa.event.listen(engine.sync_engine, "do_connect", tidy)
        async with engine.connect():
            pass
        await engine.dispose()

    asyncio.run(open_it())
    assert set(modes(open_to_all.parent).values()) == {0o600}

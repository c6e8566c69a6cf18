"""The migrations since two keys, on a database that has lived: its rows come through, and refer to what they did."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from cast import CITIES, NIORT
from shelf import Shelf

from database.engine import Database
from database.upgrade import MIGRATIONS, upgrade_database
from queries.ledger.verify_journal import verify_journal

BEFORE = "0009"


def at_revision(file: Path, revision: str) -> Database:
    """An empty database of this revision."""
    db = Database(f"sqlite:///{file}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with db.write_statements() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return db


def copy_rows(source: Database, file: Path) -> None:
    """All that the story holds, as far as the older schema has a place for it."""
    with source.engine.connect() as read, closing(sqlite3.connect(file)) as write:
        tables = write.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if table in ("alembic_version", "sqlite_sequence"):
                continue
            names = [row[1] for row in write.execute(f"PRAGMA table_info({table})")]
            rows = read.exec_driver_sql(f"SELECT {', '.join(names)} FROM {table}").fetchall()  # noqa: S608
            write.execute(f"DELETE FROM {table}")  # noqa: S608
            marks = ", ".join("?" for _ in names)
            write.executemany(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",  # noqa: S608
                [tuple(row) for row in rows],
            )
        write.commit()


def test_a_database_that_has_lived_is_upgraded_with_all_its_rows(sqlite_shelf: Shelf, tmp_path: Path) -> None:
    cast = sqlite_shelf.take("diagnosis in review")
    cast.delegate(NIORT)
    db = at_revision(tmp_path / "lived.db", BEFORE)
    copy_rows(cast.db, tmp_path / "lived.db")
    upgrade_database(db)
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        evidence = connection.exec_driver_sql(
            "SELECT DISTINCT evidence, proof_sha256 IS NOT NULL FROM sign_off"
        )
        assert set(evidence.fetchall()) == {("act", 1), ("declared", 0)}
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM recorded_act").scalar() == len(CITIES)
        people = "SELECT id, key, email, name FROM person ORDER BY id"
        with cast.db.engine.connect() as newest:
            assert connection.exec_driver_sql(people).all() == newest.exec_driver_sql(people).all()
    assert verify_journal(db).tamperings == []
    db.close()
    sqlite_shelf.give_back(cast)

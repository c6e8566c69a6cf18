"""Bring the domain database to the schema this version of the code expects."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from database.engine import Database
from models.backup import RestoreUnfinished

MIGRATIONS = Path(__file__).parent.parent / "migrations"
ONE_AT_A_TIME = 0x70726F6A
"""Number of the PostgreSQL advisory lock that migrations take."""


def upgrade_database(db: Database) -> None:
    """Apply the migrations that are missing, in one transaction. Commits. Done before, it changes nothing.

    Raises ``RestoreUnfinished``.
    """
    with db.write_statements() as connection:
        if not db.is_sqlite:
            # Two first starts at once: the second waits, then finds the work done.
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
        if is_unfinished(connection):
            raise RestoreUnfinished
        upgrade_schema(connection)


def upgrade_schema(connection: Connection) -> None:
    """As ``upgrade_database``, in the transaction of the caller."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def is_unfinished(connection: Connection) -> bool:
    """Whether the database is being restored: it has a table for its revision, and no revision."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return False
    return not connection.scalar(sa.text("SELECT count(*) FROM alembic_version"))

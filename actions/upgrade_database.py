"""Bring the domain database to the schema this version of the code expects."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from models.database import Database

MIGRATIONS = Path(__file__).parent.parent / "migrations"
ONE_AT_A_TIME = 0x70726F6A
"""Number of the PostgreSQL advisory lock that migrations take."""


def upgrade_database(db: Database) -> None:
    """Apply the migrations that are missing, in one transaction. Commits. Done before, it changes nothing."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with db.write_statements() as connection:
        if not db.is_sqlite:
            # Two first starts at once: the second waits, then finds the work done.
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

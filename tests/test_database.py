"""The schema, on both databases: the migrations are the models, and the journal cannot be rewritten."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from actions.upgrade_database import upgrade_database
from models.database import Database


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

"""Run the migrations on the domain database: the one given by the caller, or the one of the settings."""

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlmodel import SQLModel

import models.every_table  # noqa: F401
from database.engine import Database
from settings import settings

NO_WAY_BACK = (
    "la base ne revient pas à un schéma plus ancien : rien n’a été changé. Pour retrouver une version d’avant, "
    "restaurez la sauvegarde qu’elle a faite (docs/operations.md)."
)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=False,
    )
    if context.get_context().opts["fn"].__name__ == "downgrade":
        raise CommandError(NO_WAY_BACK)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = Database(settings().domain_url)
    with database.write_statements() as connection:
        run(connection)
    database.close()

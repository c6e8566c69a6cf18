"""A schema goes forward only, and says so: nothing is half undone."""

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from database.engine import Database
from database.upgrade import upgrade_database


@pytest.mark.parametrize("target", ["-1", "0005", "base"])
def test_no_migration_goes_down(db: Database, target: str) -> None:
    config = Config("alembic.ini")
    with db.engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        config.attributes["connection"] = connection
        with pytest.raises(CommandError, match="rien n’a été changé"):
            command.downgrade(config, target)
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == before
    upgrade_database(db)

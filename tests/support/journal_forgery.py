"""Change the journal as nobody may: what its guards must find."""

from typing import Any

import sqlalchemy as sa
from cast import Cast


def change(cast: Cast, statement: Any) -> None:
    """Do what nobody may: the triggers that forbid it are dropped first."""
    triggers = ["audit_entry_no_update", "audit_entry_no_delete"]
    drops = [f"DROP TRIGGER IF EXISTS {name}" for name in triggers]
    if not cast.db.is_sqlite:
        drops = ["DROP TRIGGER IF EXISTS audit_entry_append_only ON audit_entry"]
    with cast.db.write_statements() as connection:
        for drop in drops:
            connection.execute(sa.text(drop))
        assert connection.execute(statement).rowcount != 0

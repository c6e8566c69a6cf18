"""A column that refers to another table, added to one that is referred to itself."""

import sqlalchemy as sa
from alembic import op


def add_reference(table: str, column: str, target: str) -> None:
    """Add ``column``, the id of a row of ``target`` or nothing.

    Alembic would make the whole table anew on SQLite, and drop the old one, which others refer to: SQLite refuses that
    once there are rows. It adds a column with its reference by itself.
    """
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER REFERENCES {target} (id)")
        return
    op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
    op.create_foreign_key(f"fk_{table}_{column}", table, target, [column], ["id"])

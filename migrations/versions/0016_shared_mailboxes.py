"""Two people may share a mailbox: a person is unique by their address and their name, no longer by the address alone.

SQLite cannot take a constraint away without making the table anew, and everything refers to this one: the column that is
unique becomes the key of both, and the address has a column of its own.
"""

import sqlalchemy as sa
from alembic import op

from models.person import person_key

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    op.execute("ALTER TABLE person RENAME COLUMN email TO key")
    if connection.dialect.name == "postgresql":  # SQLite counts nothing
        op.alter_column("person", "key", type_=sa.String(455))
    op.add_column("person", sa.Column("email", sa.String(254), nullable=False, server_default=""))
    op.execute("UPDATE person SET email = key")
    people = connection.execute(sa.text("SELECT id, email, name FROM person")).all()
    values = [{"id": each.id, "key": person_key(each.email, each.name)} for each in people]
    if values:
        connection.execute(sa.text("UPDATE person SET key = :key WHERE id = :id"), values)
    op.create_index("ix_person_email", "person", ["email"], unique=False)
    asks_who = sa.Column("asks_who", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("sign_in_link", asks_who)

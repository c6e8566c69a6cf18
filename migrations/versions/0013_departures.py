"""A city that left may come back, and leave again: each departure is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NAMES = {"uq": "uq_%(table_name)s_%(column_0_name)s"}
"""SQLite has no name for the constraint that goes."""


def upgrade() -> None:
    name = next(
        (each["name"] for each in sa.inspect(op.get_bind()).get_unique_constraints("party_departure")), None
    )
    with op.batch_alter_table("party_departure", naming_convention=NAMES) as table:
        table.drop_constraint(name or "uq_party_departure_party_id", type_="unique")
        table.create_index("ix_party_departure_party_id", ["party_id"], unique=False)

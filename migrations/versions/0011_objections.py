"""Until when a minor revision may be objected to, who objected, and when the delay ended."""

import sqlalchemy as sa
from alembic import op

from migrations.references import add_reference

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

def upgrade() -> None:
    with op.batch_alter_table("deliverable_version") as table:
        table.add_column(sa.Column("objections_until", sa.Date(), nullable=True))
        table.add_column(sa.Column("objected_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    add_reference("deliverable_version", "objected_by", "person")
    add_reference("deliverable_version", "objected_for", "party")

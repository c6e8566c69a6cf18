"""Until when a minor revision may be objected to, who objected, and when the delay ended."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

def upgrade() -> None:
    with op.batch_alter_table("deliverable_version") as table:
        table.add_column(sa.Column("objections_until", sa.Date(), nullable=True))
        table.add_column(sa.Column("objected_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("objected_by", sa.Integer(), nullable=True))
        table.add_column(sa.Column("objected_for", sa.Integer(), nullable=True))
        table.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key("fk_version_objected_by", "person", ["objected_by"], ["id"])
        table.create_foreign_key("fk_version_objected_for", "party", ["objected_for"], ["id"])

"""Who carries an action of a plan takes as many characters as in the plan's file."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":  # SQLite counts nothing
        op.alter_column("commitment", "holder", type_=sa.String(500))

"""What ProConnect told of who opened a session: how sure it is, for which organisation, and how to leave it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("web_session") as table:
        table.add_column(sa.Column("acr", sa.String(200), nullable=True))
        table.add_column(sa.Column("siret", sa.String(14), nullable=True))
        table.add_column(sa.Column("id_token", sa.Text(), nullable=True))

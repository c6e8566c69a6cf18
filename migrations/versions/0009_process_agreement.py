"""What all the processes of one system share: the secret's fingerprint, the mark of the files."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "process_agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_fingerprint", sa.String(64), nullable=False),
        sa.Column("files_mark", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )

"""Two keys: what is proposed and waits, the evidence of each authority, the order's file, who confirmed an act.

What was given before rests on the word of one side: it stands, and says so (« declared »). An act on paper rests on its
scan.
"""

import sqlalchemy as sa
from alembic import op

from migrations.references import add_reference

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def declared() -> "sa.Column[str]":
    return sa.Column("evidence", sa.String(40), nullable=False, server_default="declared")



def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("authority_code", sa.String(9), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("party_id", sa.Integer(), nullable=True),
        sa.Column("deliverable_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("side", sa.String(40), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("proposed_with", sa.String(40), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(400), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=True),
        sa.Column("file_name", sa.String(255), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(2000), nullable=True),
        sa.Column("result_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["shared_project.id"]),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"]),
        sa.ForeignKeyConstraint(["deliverable_id"], ["deliverable.id"]),
        sa.ForeignKeyConstraint(["subject_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("proposal") as table:
        table.create_index("ix_proposal_authority", ["authority_code", "state"], unique=False)
        table.create_index("ix_proposal_project_id", ["project_id"], unique=False)
    op.create_index(
        "uq_proposal_one_open",
        "proposal",
        ["subject"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    with op.batch_alter_table("mandate") as table:
        table.add_column(declared())
        table.add_column(sa.Column("taken_over_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("signature_delegation") as table:
        table.add_column(declared())
        table.add_column(sa.Column("file_sha256", sa.String(64), nullable=True))
        table.add_column(sa.Column("file_name", sa.String(255), nullable=True))
    with op.batch_alter_table("sign_off") as table:
        table.add_column(declared())
    with op.batch_alter_table("recorded_act") as table:
        table.add_column(sa.Column("early_reason", sa.String(2000), nullable=True))
    add_reference("recorded_act", "confirmed_by", "person")
    op.execute("UPDATE mandate SET taken_over_at = since WHERE role = 'signatory'")
    op.execute("UPDATE sign_off SET evidence = 'act' WHERE proof_sha256 IS NOT NULL")

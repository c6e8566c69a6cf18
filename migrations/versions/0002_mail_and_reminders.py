"""Mail and reminders: digests, channels, meetings, deadlines of one party, frequency by person."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminder_round",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("address", sa.String(2000), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(person_id IS NULL) <> (project_id IS NULL)", name="ck_channel_whose"),
        sa.ForeignKeyConstraint(
            ["added_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["shared_project.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("channel") as table:
        table.create_index("ix_channel_person_id", ["person_id"], unique=False)
        table.create_index("ix_channel_project_id", ["project_id"], unique=False)

    op.create_table(
        "manual_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["shared_project.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("manual_reminder") as table:
        table.create_index("ix_manual_reminder_project_id", ["project_id"], unique=False)
        table.create_index("ix_manual_reminder_subject", ["subject"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(300), nullable=True),
        sa.Column("agenda", sa.String(5000), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("convened_by", sa.Integer(), nullable=False),
        sa.Column("convened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(2000), nullable=True),
        sa.ForeignKeyConstraint(
            ["convened_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["shared_project.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("meeting") as table:
        table.create_index("ix_meeting_project_id", ["project_id"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("rung", sa.String(10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.String(600), nullable=False),
        sa.Column("path", sa.String(300), nullable=False),
        sa.Column("is_copy", sa.Boolean(), nullable=False),
        sa.Column("party", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["shared_project.id"],
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject", "recipient_id", "due_on", "rung", name="uq_reminder_rung"),
    )
    with op.batch_alter_table("reminder") as table:
        table.create_index("ix_reminder_digest", ["day", "recipient_id"], unique=False)

    op.create_table(
        "party_deadline",
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["set_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"],
            ["stage.id"],
        ),
        sa.PrimaryKeyConstraint("stage_id", "party_id"),
    )
    with op.batch_alter_table("commitment") as table:
        table.add_column(sa.Column("due_set_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("notice") as table:
        table.add_column(sa.Column("channel_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("is_held", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("digest_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        table.create_index("ix_notice_digest_id", ["digest_id"], unique=False)
        table.create_index(
            "ix_notice_held",
            ["recipient_id"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL AND dropped_at IS NULL AND is_held"),
            postgresql_where=sa.text("sent_at IS NULL AND dropped_at IS NULL AND is_held"),
        )
        table.create_foreign_key("fk_notice_channel", "channel", ["channel_id"], ["id"])
        table.create_foreign_key("fk_notice_digest", "notice", ["digest_id"], ["id"])

    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("mail_frequency", sa.String(40), nullable=False, server_default="daily"))
        table.add_column(sa.Column("links_version", sa.Integer(), nullable=False, server_default="0"))

    with op.batch_alter_table("shared_project") as table:
        table.add_column(sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("stage") as table:
        table.add_column(sa.Column("due_set_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("due_sequence", sa.Integer(), nullable=False, server_default="0"))

    op.drop_index("ix_notice_waiting", table_name="notice")
    op.create_index(
        "ix_notice_waiting",
        "notice",
        ["next_try_at"],
        sqlite_where=sa.text("sent_at IS NULL AND failed_at IS NULL AND dropped_at IS NULL AND NOT is_held"),
        postgresql_where=sa.text(
            "sent_at IS NULL AND failed_at IS NULL AND dropped_at IS NULL AND NOT is_held"
        ),
    )
    op.drop_index("ix_commitment_due", table_name="commitment")
    op.create_index("ix_commitment_due", "commitment", ["status", "due_on", "project_id"])
    op.create_index("ix_commitment_of_project", "commitment", ["project_id", "status", "due_on"])

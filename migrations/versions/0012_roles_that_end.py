"""Contracts that were replaced, names and addresses that were corrected, whose name a commitment bears."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAME_THE_HOLDERS = """
UPDATE commitment SET holder_id = (
    SELECT deliverable_version.submitted_by FROM sign_off
    JOIN deliverable_version ON deliverable_version.id = sign_off.version_id
    JOIN person ON person.id = deliverable_version.submitted_by
    WHERE commitment.reference = 'sign_off-' || sign_off.id AND person.name = commitment.holder
) WHERE origin = 'reservation'
"""


def upgrade() -> None:
    op.create_table(
        "former_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_former_name_person_id", "former_name", ["person_id"])
    op.create_table(
        "address_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_address_change_person_id", "address_change", ["person_id"])
    op.create_table(
        "contract_end",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("amount_eur", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("awarded_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["shared_project.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contract_end_project_id", "contract_end", ["project_id"])
    with op.batch_alter_table("contractor") as table:
        table.add_column(sa.Column("contact_until", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("contract_end_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_contractor_contract_end", "contract_end", ["contract_end_id"], ["id"])
        table.drop_constraint("uq_contractor_siret", type_="unique")
    of_contract = sa.text("contract_end_id IS NULL")
    op.create_index(
        "uq_contractor_siret_of_contract",
        "contractor",
        ["award_id", "siret"],
        unique=True,
        sqlite_where=of_contract,
        postgresql_where=of_contract,
    )
    with op.batch_alter_table("commitment") as table:
        table.add_column(sa.Column("holder_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_commitment_holder", "person", ["holder_id"], ["id"])
    op.execute(NAME_THE_HOLDERS)

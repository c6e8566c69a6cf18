"""The decisions of the parties: whose, on which version, given how, and what became of them."""

from typing import Any

import sqlalchemy as sa

from models.former_name import name_at
from models.sign_off import is_live
from models.tables import DELEGATION, PARTY, PERSON, SIGN_OFF, VERSION

RECORDER = PERSON.alias("recorder")


def sign_offs() -> sa.Select[Any]:
    """The query for the attributes of ``SignOffShown``, to be narrowed; names as they were at the decision."""
    return (
        sa.select(
            *(SIGN_OFF.c[name] for name in (
                "id", "deliverable_id", "party_id", "round", "decision", "act_kind", "reason", "at", "acted_on",
                "sha256", "auth_method", "withdrawn_at", "withdrawn_reason", "voided_at", "evidence",
            )),
            PARTY.c.code.label("party"), PARTY.c.name.label("party_name"), VERSION.c.number.label("version"),
            PERSON.c.email.label("signed_by"), name_at(PERSON, SIGN_OFF.c.at).label("signed_by_name"),
            RECORDER.c.email.label("recorded_by"), name_at(RECORDER, SIGN_OFF.c.at).label("recorded_by_name"),
            DELEGATION.c.order_reference.label("delegation"),
            SIGN_OFF.c.proof_sha256.is_not(None).label("has_proof"),
            sa.type_coerce(~is_live(), sa.Boolean).label("voided"),
            SIGN_OFF.c.withdrawn_at.is_not(None).label("withdrawn"),
            SIGN_OFF.c.recorded_by.is_not(None).label("paper"),
            sa.type_coerce(is_live(), sa.Boolean).label("counts"),
        )
        .join(PARTY, PARTY.c.id == SIGN_OFF.c.party_id)
        .join(VERSION, VERSION.c.id == SIGN_OFF.c.version_id)
        .join(PERSON, PERSON.c.id == SIGN_OFF.c.signed_by)
        .outerjoin(RECORDER, RECORDER.c.id == SIGN_OFF.c.recorded_by)
        .outerjoin(DELEGATION, DELEGATION.c.id == SIGN_OFF.c.delegation_id)
    )  # fmt: skip

"""The decisions of the parties as they are shown: whose, on which version, given how, and what became of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from models.act_kind import ActKind
from models.paris_time import paris_day
from models.sign_off import Decision
from models.tables import DELEGATION, PARTY, PERSON, SIGN_OFF, VERSION


@dataclass(frozen=True, slots=True)
class SignOffShown:
    """One decision, live or not. ``acted_on`` is the day on the paper of an act given off-platform, which
    ``recorded_by`` recorded; ``delegation`` names the order under which it was signed."""

    id: int
    party_code: str
    party_name: str
    version: int
    decision: Decision
    act_kind: ActKind
    reason: str | None
    signed_by: str
    delegation: str | None
    recorded_by: str | None
    acted_on: date | None
    has_proof: bool
    authenticated: str
    at: datetime
    sha256: str
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    voided_at: datetime | None

    @property
    def is_live(self) -> bool:
        """Neither withdrawn by its party nor voided by a new version."""
        return self.withdrawn_at is None and self.voided_at is None

    @property
    def path(self) -> str:
        """Its receipt."""
        return f"/recus/{self.id}"


def sign_offs_shown() -> sa.Select[Any]:
    """The query of what ``sign_off_shown`` needs, to be narrowed."""
    recorder = PERSON.alias("recorder")
    return (
        sa.select(
            SIGN_OFF, PARTY.c.code.label("party_code"), PARTY.c.name.label("party_name"), VERSION.c.number,
            PERSON.c.name.label("signer"), recorder.c.name.label("recorder"), DELEGATION.c.order_reference,
        )
        .join(PARTY, PARTY.c.id == SIGN_OFF.c.party_id)
        .join(VERSION, VERSION.c.id == SIGN_OFF.c.version_id)
        .join(PERSON, PERSON.c.id == SIGN_OFF.c.signed_by)
        .outerjoin(recorder, recorder.c.id == SIGN_OFF.c.recorded_by)
        .outerjoin(DELEGATION, DELEGATION.c.id == SIGN_OFF.c.delegation_id)
    )  # fmt: skip


def sign_off_shown(row: Any) -> SignOffShown:
    """From a row of ``sign_offs_shown``."""
    return SignOffShown(
        id=row.id,
        party_code=row.party_code,
        party_name=row.party_name,
        version=row.number,
        decision=row.decision,
        act_kind=row.act_kind,
        reason=row.reason,
        signed_by=row.signer,
        delegation=row.order_reference,
        recorded_by=row.recorder,
        acted_on=paris_day(row.acted_on) if row.acted_on else None,
        has_proof=row.proof_sha256 is not None,
        authenticated=row.auth_method.as_adverb,
        at=row.at,
        sha256=row.sha256,
        withdrawn_at=row.withdrawn_at,
        withdrawn_reason=row.withdrawn_reason,
        voided_at=row.voided_at,
    )

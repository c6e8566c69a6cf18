"""The delegation of signature: who may sign for the mayor or president, on what, and until when."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime
from models.refusal import Refusal

EVERYTHING = "all"


class SignatureDelegation(SQLModel, table=True):
    """An order (arrêté) by which the head of a local authority lets someone sign (CGCT L2122-18, L2122-19).

    ``scope`` is ``all``, or stage and deliverable keys separated by commas. ``valid_from`` and
    ``valid_until`` are both included, in Paris days. ``to_elected`` tells an elected delegate (L2122-18),
    whose signature is an elected person's, from a member of the staff (L2122-19).
    """

    __tablename__ = "signature_delegation"
    __table_args__ = (sa.UniqueConstraint("authority_code", "delegate_id", "order_reference", "scope"),)

    id: int | None = Field(default=None, primary_key=True)
    authority_code: str = Field(max_length=9, index=True)
    delegator_id: int = Field(foreign_key="person.id")
    delegate_id: int = Field(foreign_key="person.id", index=True)
    order_reference: str = Field(max_length=120)
    scope: str = Field(max_length=500)
    to_elected: bool = False
    valid_from: date
    valid_until: date
    recorded_by: int = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def is_covered(scope: str, stage_key: str, deliverable_key: str) -> bool:
    """Does a delegation of this scope reach this deliverable of this stage?"""
    words = {word.strip() for word in scope.split(",")}
    return bool(words & {EVERYTHING, stage_key, deliverable_key})


class InvalidDelegation(Refusal):
    """A delegation that cannot stand: dates the wrong way round, unknown scope, no delegator."""


class UnknownScope(InvalidDelegation):
    """The scope names something the lifecycle does not know."""

    def __init__(self, word: str, known: list[str]) -> None:
        self.word = word
        super().__init__(
            f"« {word} » n’est ni une étape ni un livrable ; une délégation porte sur « {EVERYTHING} » "
            f"(tout) ou sur : {', '.join(known)} (séparés par des virgules)."
        )

"""The delegation of signature: who may sign for the mayor or president, on what, and until when."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import FILE_NAME, LONGEST_CODE, UtcDateTime, core_table, stored, within
from models.contractor import Contractor, is_contact
from models.evidence import Evidence
from models.lifecycle import Lifecycle
from models.limits import Days, Text
from models.person import MANDATE_COLUMNS, NEVER_SIGN, Instant, is_in_force, is_in_office
from models.refusal import Refusal

EVERYTHING = "all"

LONGEST_ORDER, LONGEST_SCOPE = 120, 500

ORDER = Text("Arrêté", LONGEST_ORDER)
SCOPE = Text("Portée", LONGEST_SCOPE)
VALID_FROM, VALID_UNTIL = Days("Du"), Days("Au")


class SignatureDelegation(SQLModel, table=True):
    """An order (arrêté) by which the head of a local authority lets someone sign (CGCT L2122-18, L2122-19).

    ``scope`` is ``all``, or stage and deliverable keys separated by commas. ``valid_from`` and
    ``valid_until`` are both included, in Paris days. ``to_elected`` tells an elected delegate (L2122-18),
    whose signature is an elected person's, from a member of the staff (L2122-19). The file is the order itself.
    """

    __tablename__ = "signature_delegation"
    __table_args__ = (sa.UniqueConstraint("authority_code", "delegate_id", "order_reference", "scope"),)

    id: int | None = Field(default=None, primary_key=True)
    authority_code: str = Field(max_length=LONGEST_CODE, index=True)
    delegator_id: int = Field(foreign_key="person.id")
    delegate_id: int = Field(foreign_key="person.id", index=True)
    order_reference: str = Field(sa_type=within(ORDER))
    scope: str = Field(sa_type=within(SCOPE))
    to_elected: bool = False
    valid_from: date = Field(sa_type=within(VALID_FROM))
    valid_until: date = Field(sa_type=within(VALID_UNTIL))
    recorded_by: int = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    evidence: Evidence = Field(default=Evidence.declared, sa_type=stored(Evidence))
    file_sha256: str | None = Field(default=None, max_length=64)
    file_name: str | None = Field(default=None, sa_type=within(FILE_NAME))
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


_DELEGATION = core_table(SignatureDelegation)
_CONTACTS = core_table(Contractor).c.contact_id


def is_valid(at: Instant) -> sa.ColumnElement[bool]:
    """The condition of a delegation that gives power, on its days, as people stand at an instant.

    It is not revoked; the present office holder gave it, in this office: it ends with it. Its delegate may sign: the
    ANCT and contractors never do, whatever delegation they are given (rule 3).
    """
    columns = _DELEGATION.c
    by_office = sa.exists().where(
        MANDATE_COLUMNS.person_id == columns.delegator_id,
        is_in_office(columns.authority_code, at),
        MANDATE_COLUMNS.since <= columns.recorded_at,  # not a later office of the same person
    )
    never_signs = sa.exists().where(
        MANDATE_COLUMNS.person_id == columns.delegate_id,
        MANDATE_COLUMNS.role.in_(NEVER_SIGN),
        is_in_force(at),
    )
    contractors = sa.select(_CONTACTS).where(is_contact(at))
    return sa.and_(
        columns.revoked_at.is_(None),
        by_office.correlate(_DELEGATION),
        ~never_signs.correlate(_DELEGATION),
        columns.delegate_id.not_in(contractors),
    )


def is_running(day: date | sa.ColumnElement[date], at: Instant) -> sa.ColumnElement[bool]:
    """The condition of a delegation by which its delegate may sign on ``day``, a day of Paris: both ends included."""
    return is_valid(at) & (_DELEGATION.c.valid_from <= day) & (_DELEGATION.c.valid_until >= day)


def is_covered(scope: str, stage_key: str, deliverable_key: str) -> bool:
    """Does a delegation of this scope reach this deliverable of this stage?"""
    words = {word.strip() for word in scope.split(",")}
    return bool(words & {EVERYTHING, stage_key, deliverable_key})


def delegation_scopes(lifecycle: Lifecycle) -> dict[str, str]:
    """What a delegation may be about, with its words in French: everything, a stage, a deliverable that is signed."""
    stages = lifecycle.stages
    return {
        EVERYTHING: "tous les livrables",
        **{each.key: f"étape « {each.title} »" for each in stages},
        **{each.key: f"« {each.title} »" for stage in stages for each in stage.signed_deliverables},
    }


class InvalidDelegation(Refusal):
    """A delegation that cannot stand: dates the wrong way round, unknown scope, no delegator."""


class UnknownScope(InvalidDelegation):
    """The scope names something that is no stage, nor a deliverable that is signed."""

    def __init__(self, word: str, scopes: Collection[str]) -> None:
        keys = ", ".join(each for each in scopes if each != EVERYTHING)
        super().__init__(
            f"« {word} » n’est ni une étape ni un livrable qui se valide ; une délégation porte sur "
            f"« {EVERYTHING} » (tout) ou sur : {keys} (séparés par des virgules)."
        )

"""The contractor, alone or leading a consortium, and the contract the ANCT awarded."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import LONGEST_LINE, UtcDateTime
from models.refusal import Refusal

LONGEST_SIRET = 20
"""Characters of a SIRET as people type it: its fourteen digits, and spaces between them."""


class ContractAward(SQLModel, table=True):
    """The contract of a project: the ANCT is the contracting authority and pays. ``amount_eur`` is before tax.

    Amount and date may be unknown of a contract that was there before the project was.
    """

    __tablename__ = "contract_award"

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id", unique=True)
    amount_eur: Decimal | None = Field(default=None, sa_type=sa.Numeric(12, 2))
    awarded_on: date | None = None
    recorded_by: int = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class Contractor(SQLModel, table=True):
    """A firm of the contract; exactly one is the lead (mandataire of the consortium, or the only one)."""

    __table_args__ = (sa.UniqueConstraint("award_id", "siret", name="uq_contractor_siret"),)

    id: int | None = Field(default=None, primary_key=True)
    award_id: int = Field(foreign_key="contract_award.id")
    name: str = Field(max_length=LONGEST_LINE)
    siret: str = Field(max_length=14)
    is_lead: bool = False
    contact_id: int | None = Field(default=None, foreign_key="person.id")


class InvalidSiret(Refusal):
    """A SIRET has fourteen digits, the last of which checks the others (Luhn)."""

    def __init__(self, siret: str) -> None:
        super().__init__(
            f"« {siret} » n’est pas un SIRET : il en faut quatorze chiffres, clé de contrôle comprise ; "
            "recopiez-le depuis l’avis de situation de l’INSEE."
        )


class ContractAlreadyAwarded(Refusal):
    """A project has one contract."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Le marché de ce projet est déjà attribué à {name}.")


LA_POSTE = "356000000"


def check_siret(siret: str) -> str:
    """``siret`` itself, fourteen digits with a right key; raises ``InvalidSiret``. La Poste has a rule of its own."""
    digits = siret.replace(" ", "").replace("\u202f", "").replace("\u00a0", "")
    if len(digits) != 14 or not digits.isascii() or not digits.isdigit():
        raise InvalidSiret(siret)
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits))
    if total % 10 and not (digits.startswith(LA_POSTE) and sum(map(int, digits)) % 5 == 0):
        raise InvalidSiret(siret)
    return digits

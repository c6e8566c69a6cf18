"""The contractor, alone or leading a consortium, and the contract the ANCT awarded."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import LONGEST_LINE, REASON, UtcDateTime, core_table, within
from models.limits import Days, Euros, Text
from models.person import Instant
from models.refusal import Refusal
from models.sign_off import ReasonNeeded

LONGEST_SIRET = 20
"""Characters of a SIRET as people type it: its fourteen digits, and spaces between them."""

FIRM_NAME = Text("Raison sociale", LONGEST_LINE)
CONTACT_NAME = Text("Nom de l’interlocuteur", LONGEST_LINE)
AMOUNT = Euros("Montant")
AWARDED_ON = Days("Date d’attribution")
ENDED_ON = Days("Fin du marché")


class ContractAward(SQLModel, table=True):
    """The contract of a project: the ANCT is the contracting authority and pays. ``amount_eur`` is before tax.

    It is the present one: a contract that was replaced is a ``ContractEnd``.

    Amount and date may be unknown of a contract that was there before the project was.
    """

    __tablename__ = "contract_award"

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id", unique=True)
    amount_eur: Decimal | None = Field(default=None, sa_type=within(AMOUNT))
    awarded_on: date | None = Field(default=None, sa_type=within(AWARDED_ON))
    recorded_by: int = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class ContractEnd(SQLModel, table=True):
    """A contract that another replaced: what it was, its last day, and why it ended."""

    __tablename__ = "contract_end"

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id", index=True)
    amount_eur: Decimal | None = Field(default=None, sa_type=within(AMOUNT))
    awarded_on: date | None = Field(default=None, sa_type=within(AWARDED_ON))
    ended_on: date = Field(sa_type=within(ENDED_ON))
    reason: str = Field(sa_type=within(REASON))
    recorded_by: int = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class Contractor(SQLModel, table=True):
    """A firm of the contract; exactly one is the lead (mandataire of the consortium, or the only one).

    A firm of a contract that was replaced names its ``ContractEnd``. ``contact_until`` is the first instant at which
    ``contact_id`` is no longer its contact.
    """

    __table_args__ = (
        sa.Index(
            "uq_contractor_siret_of_contract",
            "award_id",
            "siret",
            unique=True,
            sqlite_where=sa.text("contract_end_id IS NULL"),
            postgresql_where=sa.text("contract_end_id IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    award_id: int = Field(foreign_key="contract_award.id")
    name: str = Field(sa_type=within(FIRM_NAME))
    siret: str = Field(max_length=14)
    is_lead: bool = False
    contact_id: int | None = Field(default=None, foreign_key="person.id")
    contact_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    contract_end_id: int | None = Field(default=None, foreign_key="contract_end.id")


_FIRM = core_table(Contractor).c


def is_of_contract() -> sa.ColumnElement[bool]:
    """The condition of a firm of the present contract: none has replaced it."""
    return _FIRM.contract_end_id.is_(None)


def is_contact(at: Instant) -> sa.ColumnElement[bool]:
    """The condition of a firm whose contact acts for the contractor at an instant."""
    lasts = _FIRM.contact_until.is_(None) | (_FIRM.contact_until > at)
    return is_of_contract() & _FIRM.contact_id.is_not(None) & lasts


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


class NoContract(Refusal):
    """There is no contractor to replace."""

    sentence = "Ce projet n’a pas encore de prestataire : désignez-le, en enregistrant son marché."


class InvalidEndOfContract(Refusal):
    """A day on which the contract cannot have ended."""


def contract_end_refusal(award: ContractAward, ended_on: date, reason: str, today: date) -> Refusal | None:
    """Why the present contract did not end on this day, for this reason."""
    if not reason:
        return ReasonNeeded("remplacer le prestataire")
    if ended_on > today:
        return InvalidEndOfContract(
            f"Le marché finirait le {ended_on:%d/%m/%Y}, dans l’avenir : enregistrez le remplacement ce jour-là."
        )
    if award.awarded_on is not None and ended_on < award.awarded_on:
        return InvalidEndOfContract(
            f"Le marché finirait le {ended_on:%d/%m/%Y}, avant d’être attribué le {award.awarded_on:%d/%m/%Y} : "
            "corrigez la date."
        )
    return None


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

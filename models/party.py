"""A local authority in a project."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.act_kind import ActKind, act_expected
from models.columns import (
    FILE_NAME,
    LONGEST_CODE,
    LONGEST_LINE,
    REASON,
    UtcDateTime,
    core_table,
    stored,
    within,
)
from models.labelled_enum import LabelledEnum
from models.limits import Text
from models.refusal import Refusal

AUTHORITY_NAME = Text("Nom de la collectivité", LONGEST_LINE)
LOCAL_PROJECT = Text("Projet local", LONGEST_LINE)


class PartyRole(LabelledEnum):
    """Signatories count in the gates; observers read and comment."""

    signatory = "signatory", "signataire"
    observer = "observer", "observatrice"


class Party(SQLModel, table=True):
    """A commune (INSEE code), an EPCI (SIREN) or a département in a project; codes are text.

    ``acts`` tells, by deliverable key, a kind of act more solemn than the lifecycle's that this party asks for.
    """

    __table_args__ = (sa.UniqueConstraint("project_id", "code", name="uq_party_project_code"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id")
    code: str = Field(max_length=LONGEST_CODE, index=True)
    name: str = Field(sa_type=within(AUTHORITY_NAME))
    kind: str = Field(max_length=20)
    siren: str | None = Field(default=None, max_length=LONGEST_CODE)
    departement: str = Field(max_length=3)
    role: PartyRole = Field(sa_type=stored(PartyRole))
    local_project: str | None = Field(default=None, sa_type=within(LOCAL_PROJECT))
    acts: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    joined_at: datetime = Field(sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def act_expected(self, key: str, default: ActKind) -> ActKind:
        """The kind of act this party gives on a deliverable: the lifecycle's default, or more if it wishes."""
        return act_expected(self.acts, key, default)

    @property
    def address(self) -> str:
        """How the party is named to people: « Niort (79191) »."""
        return f"{self.name} ({self.code})"


def is_present() -> sa.ColumnElement[bool]:
    """The condition of a party that has not left its project."""
    return core_table(Party).c.left_at.is_(None)


class PartyDeparture(SQLModel, table=True):
    """The recorded decision by which a city left a project (rule 6: a reason and a file); one each time it left."""

    __tablename__ = "party_departure"

    id: int | None = Field(default=None, primary_key=True)
    party_id: int = Field(foreign_key="party.id", index=True)
    reason: str = Field(sa_type=within(REASON))
    file_sha256: str = Field(max_length=64)
    file_name: str = Field(sa_type=within(FILE_NAME))
    recorded_by: int = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class UnknownParty(Refusal):
    """This code is not one of the project's parties."""

    def __init__(self, code: str, parties: list[Party]) -> None:
        codes = ", ".join(f"{party.code} ({party.name})" for party in parties)
        super().__init__(f"« {code} » n’est pas une partie de ce projet ; ses parties sont : {codes}.")


class WrongNumberOfSignatories(Refusal):
    """A shared project brings three to five signatories together."""

    def __init__(self, count: int, minimum: int, maximum: int) -> None:
        super().__init__(
            f"Un projet partagé réunit de {minimum} à {maximum} collectivités signataires, "
            f"et celui-ci en compte {count} : ajoutez-en ou retirez-en."
        )

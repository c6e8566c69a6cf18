"""The file a project is created from."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.act_kind import ActKind
from models.columns import LONGEST_LINE
from models.contractor import FIRM_NAME
from models.field_error import located_errors
from models.iso_date import DueDate, IsoDate
from models.limits import Text
from models.mailbox import MailAddress
from models.model_parts import Loc
from models.party import AUTHORITY_NAME, LOCAL_PROJECT, PartyRole
from models.person import NAME, QUALITY
from models.shared_project import THEME, TITLE

CODE = Text("Code de la collectivité", LONGEST_LINE)
"""As long as a name: one in its place is answered with the code."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class PersonEntry(_Part):
    """Somebody to write to; ``quality`` is the office of a signatory (Maire, Présidente…).

    ``shares_mailbox`` says that somebody else has this address too.
    """

    name: Annotated[str, NAME.needed]
    email: MailAddress
    quality: Annotated[str, QUALITY.needed] | None = None
    shares_mailbox: bool = False


class PartyEntry(_Part):
    """A local authority of the project. A signatory names its local contact and its signatory."""

    code: Annotated[str, CODE.needed]
    role: PartyRole
    name: Annotated[str, AUTHORITY_NAME.needed] | None = None
    local_project: Annotated[str, LOCAL_PROJECT.needed] | None = None
    local_contact: PersonEntry | None = None
    signatory: PersonEntry | None = None
    acts: dict[str, ActKind] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _signatory_has_people(self) -> "PartyEntry":
        if self.role is PartyRole.signatory:
            people = {"local_contact": "son interlocuteur privilégié", "signatory": "son signataire"}
            if missing := [field for field in people if getattr(self, field) is None]:
                who = f"la collectivité signataire {self.code} doit nommer"
                raise located_errors(
                    "party",
                    [
                        ((field,), f"{who} {people[field]} ; ajoutez « {field}: {{name: …, email: …}} »")
                        for field in missing
                    ],
                )
        return self


class PeopleEntry(_Part):
    """Who acts and who signs for a city that comes back, or becomes a signatory; empty, those whom it has."""

    local_contact: PersonEntry | None = None
    signatory: PersonEntry | None = None


class ContractorEntry(_Part):
    """The contractor, when it is already known; the amount (euros before tax) and the date may not be."""

    name: Annotated[str, FIRM_NAME.needed]
    siret: str
    contact: PersonEntry
    amount_eur: Decimal | None = Field(default=None, gt=0, max_digits=12, decimal_places=2)
    awarded_on: IsoDate | None = None


class Period(_Part):
    """First and last day of the project, both included."""

    from_: DueDate = Field(alias="from")
    until: DueDate

    @model_validator(mode="after")
    def _in_order(self) -> "Period":
        if self.until <= self.from_:
            text = (
                f"la fin ({self.until:%d/%m/%Y}) doit venir après le début ({self.from_:%d/%m/%Y}) ; "
                "corrigez « until » ou « from »"
            )
            raise located_errors("period", [(("until",), text)])
        return self


class ProjectFile(_Part):
    """A whole project as written by hand. ``calendar`` gives the deadline of stages, by stage key."""

    title: Annotated[str, TITLE.needed]
    theme: Annotated[str, THEME.needed]
    period: Period
    agency_agent: PersonEntry
    parties: list[PartyEntry]
    contractor: ContractorEntry | None = None
    calendar: dict[str, DueDate] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _deadlines_within_period(self) -> "ProjectFile":
        begins = self.period.from_
        problems: list[tuple[Loc, str]] = [
            (
                ("calendar", key),
                f"l’échéance ({due_on:%d/%m/%Y}) tombe avant le début du projet ({begins:%d/%m/%Y}) ; corrigez l’une "
                "ou l’autre",
            )
            for key, due_on in self.calendar.items()
            if due_on < begins
        ]
        if problems:
            raise located_errors("project", problems)
        return self

    @model_validator(mode="after")
    def _one_code_per_party(self) -> "ProjectFile":
        codes = [party.code for party in self.parties]
        first = {code: rank for rank, code in reversed(list(enumerate(codes)))}
        problems: list[tuple[Loc, str]] = [
            (
                ("parties", rank, "code"),
                f"deux parties portent le code {code} ; chaque collectivité figure une seule "
                "fois, retirez l’une des deux",
            )
            for rank, code in enumerate(codes)
            if first[code] != rank
        ]
        if problems:
            raise located_errors("project", problems)
        return self


def moved_to(file: ProjectFile, start: date) -> ProjectFile:
    """The same project, its whole calendar moved so that it begins on ``start``."""
    shift = start - file.period.from_
    return file.model_copy(
        update={
            "period": Period(from_=start, until=file.period.until + shift),
            "calendar": {key: due_on + shift for key, due_on in file.calendar.items()},
        }
    )

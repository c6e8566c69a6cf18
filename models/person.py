"""Who acts: people, the roles they hold, and how one who acts was recognised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import LONGEST_CODE, LONGEST_LINE, UtcDateTime, core_table, stored, within
from models.evidence import Evidence
from models.labelled_enum import LabelledEnum
from models.limits import Days, Text
from models.person_name import name_key
from models.refusal import Refusal

LONGEST_EMAIL, LONGEST_QUALITY = 254, 80

EMAIL = Text("Adresse", LONGEST_EMAIL)
NAME = Text("Nom", LONGEST_LINE)
KEY = Text("Adresse et nom", LONGEST_EMAIL + 1 + LONGEST_LINE)
FIRST_DAY = Days("Premier jour")
QUALITY = Text("Qualité", LONGEST_QUALITY)


class Role(LabelledEnum):
    """The roles of a shared project (docs/rules.md, « Who acts »)."""

    agency_agent = "agency_agent", "agent de l’ANCT"
    local_contact = "local_contact", "interlocuteur privilégié"
    signatory = "signatory", "signataire"
    contractor = "contractor", "prestataire"
    observer = "observer", "collectivité observatrice"


NEVER_SIGN = (Role.agency_agent, Role.contractor)
"""Roles that nothing makes a signer (rule 3); an observer has no seat to sign from."""


ROLES_OF_A_PARTY = (Role.local_contact, Role.signatory, Role.observer)
"""Roles held for a local authority, in the order in which their holders are written to.

Only people of these roles are invited: the operator registers agents of the ANCT, a contract its contractor.
"""


class AuthMethod(LabelledEnum):
    """How a person was recognised; stands on each fact of the journal."""

    command_line = "command_line", "ligne de commande"
    email_link = "email_link", "lien reçu par courriel"
    shared_mailbox = "shared_mailbox", "lien reçu dans une boîte partagée"
    proconnect = "proconnect", "ProConnect"
    token = "token", "jeton"
    demonstration = "demonstration", "démonstration"
    system = "system", "moteur"

    @property
    def as_adverb(self) -> str:
        """As it follows « reconnu » (« par un lien reçu par courriel »)."""
        return RECOGNISED[self]


RECOGNISED = {
    AuthMethod.command_line: "en ligne de commande",
    AuthMethod.email_link: "par un lien reçu par courriel",
    AuthMethod.shared_mailbox: "par un lien reçu dans une boîte partagée, en disant qui elle est",
    AuthMethod.proconnect: "par ProConnect",
    AuthMethod.token: "par un jeton de l’API",
    AuthMethod.demonstration: "en démonstration, sans être reconnu",
    AuthMethod.system: "par le système",
}


class MailFrequency(LabelledEnum):
    """How often a person wants what is not an invitation or a legal notice (docs/rules.md, « Reminders »)."""

    daily = "daily", "chaque jour"
    weekly = "weekly", "une fois par semaine"
    never = "never", "jamais"


class Person(SQLModel, table=True):
    """Somebody the product writes to: an address, kept in lower case, and a name. Two people may share a mailbox.

    ``key`` is both, as they are compared: it is written with them, and is unique.
    ``links_version`` stands in the secret addresses we give them (calendar, mail frequency): when it changes,
    the old addresses answer no more.
    """

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(default="", unique=True, sa_type=within(KEY))
    email: str = Field(index=True, sa_type=within(EMAIL))
    name: str = Field(sa_type=within(NAME))
    mail_frequency: MailFrequency = Field(default=MailFrequency.daily, sa_type=stored(MailFrequency))
    links_version: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)


@sa.event.listens_for(Person, "before_insert")
@sa.event.listens_for(Person, "before_update")
def _write_key(_mapper: object, _connection: object, person: Person) -> None:
    person.key = person_key(person.email, person.name)


def person_key(email: str, name: str) -> str:
    """What makes one person: an address and the words of a name, as they are compared."""
    return f"{email} {name_key(name)}"


class Mandate(SQLModel, table=True):
    """A role held by a person, from ``since`` to ``until`` (open when empty).

    ``authority_code`` is set for those who act for a local authority; ``project_id`` limits the role to one
    project. A ``signatory`` mandate is the office itself (mayor, president): one holder at a time, on ``evidence``.
    ``taken_over_at`` tells when what was pending was handed over to its holder: an office is planned until then.
    """

    __table_args__ = (
        sa.Index("ix_mandate_person", "person_id", "role"),
        sa.Index("ix_mandate_authority", "authority_code", "role"),
        sa.Index(
            "uq_mandate_one_signatory",
            "authority_code",
            unique=True,
            sqlite_where=sa.text("role = 'signatory' AND until IS NULL"),
            postgresql_where=sa.text("role = 'signatory' AND until IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    role: Role = Field(sa_type=stored(Role))
    authority_code: str | None = Field(default=None, max_length=LONGEST_CODE)
    project_id: int | None = Field(default=None, foreign_key="shared_project.id", index=True)
    quality: str | None = Field(default=None, sa_type=within(QUALITY))
    evidence: Evidence = Field(default=Evidence.declared, sa_type=stored(Evidence))
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    taken_over_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


MANDATE_COLUMNS = core_table(Mandate).c
"""Columns of the Core table, so that the conditions below serve Core and ORM statements alike."""

Columns = sa.sql.base.ReadOnlyColumnCollection[str, sa.ColumnElement[Any]]
Instant = datetime | sa.ColumnElement[datetime]
"""A datetime, or a bound parameter of that type in a prepared statement."""


def has_not_ended(at: Instant, columns: Columns = MANDATE_COLUMNS) -> sa.ColumnElement[bool]:
    """The condition of a mandate that runs at an instant, or will. ``until`` is the first instant without it: one that
    was planned and never began ends as it begins.

    ``columns`` are those of an alias of the table, here and below, where a statement reads it twice.
    """
    return columns.until.is_(None) | ((columns.until > at) & (columns.until > columns.since))


def is_in_force(at: Instant, columns: Columns = MANDATE_COLUMNS) -> sa.ColumnElement[bool]:
    """The condition of a mandate in force at an instant: what anybody may do or is asked for follows from it."""
    return (columns.since <= at) & has_not_ended(at, columns)


def is_in_office(
    authority_code: str | sa.ColumnElement[str], at: Instant, columns: Columns = MANDATE_COLUMNS
) -> sa.ColumnElement[bool]:
    """The condition of the mandate of the mayor or president of a local authority at an instant (rule 3)."""
    signs = columns.role == sa.literal_column(f"'{Role.signatory}'")
    return signs & (columns.authority_code == authority_code) & is_in_force(at, columns)


def reaches(project_id: int | sa.ColumnElement[int] | None) -> sa.ColumnElement[bool]:
    """The condition of a mandate held in every project, or in this one."""
    only_in = MANDATE_COLUMNS.project_id
    return only_in.is_(None) | (only_in == project_id)


def is_held_in(mandate_project: int | None, project_id: int | None) -> bool:
    """As ``reaches``, of a mandate that is read: it is held in every project, or in this one."""
    return mandate_project in (None, project_id)


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who does something now, and how they were recognised.

    ProConnect also says how sure it is of them (``acr``), and for which organisation they came.
    """

    person_id: int
    name: str
    auth_method: AuthMethod
    acr: str | None = None
    organisation_siren: str | None = None


@dataclass(frozen=True, slots=True)
class System:
    """The engine itself, for what no person does; its entries of the journal name nobody."""

    auth_method: AuthMethod = AuthMethod.system


SYSTEM = System()
ActorOrSystem = Actor | System
"""Whom the journal accepts."""


class UnknownPerson(Refusal):
    """Nobody is registered under this address."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"Personne n’est enregistré sous l’adresse « {email} » : vérifiez-la, "
            "ou ajoutez la personne avec « projet-partage person add »."
        )


class SharedMailbox(Refusal):
    """Several people have this address: which one is to be said. ``names`` are theirs, for whom may know them."""

    def __init__(self, email: str, names: Sequence[str] = ()) -> None:
        who = f" ({', '.join(names)})" if names else ""
        one = names[0] if names else "Prénom Nom"
        super().__init__(
            f"Plusieurs personnes partagent l’adresse « {email} »{who} : dites laquelle, en l’écrivant "
            f"« {one} <{email}> »."
        )


class NotAllowed(Refusal):
    """The person may not do this (docs/rules.md, « Who acts »)."""

    def __init__(self, actor: Actor, act: str, who_may: str) -> None:
        super().__init__(f"{actor.name} ne peut pas {act} : seul {who_may} le peut.")

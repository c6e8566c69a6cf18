"""Register people and the roles they hold."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from sqlmodel import Session

from actions.authority.mandates import ensure_mandate
from actions.authority.office import Office, propose_office
from actions.authority.pass_duties import passing_duties
from actions.authority.wake_projects import wake_projects_of
from actions.ledger.journal import lock_register, record
from actions.mail.notify import tell
from database.engine import Database
from models.local_authority import find_authority
from models.person import (
    NAME,
    QUALITY,
    ROLES_OF_A_PARTY,
    SYSTEM,
    ActorOrSystem,
    AuthMethod,
    Mandate,
    Person,
    Role,
    System,
)
from models.person_name import OtherName, chosen_by_name
from models.proposal import Side
from models.refusal import Refusal
from models.request import Request
from models.stored_row import identity
from models.subject import Subject
from queries.authority.keys import living_projects
from queries.ledger.find import people_at
from queries.people.reach import may_know


class InvalidEmail(Refusal):
    """Nobody can be written to at this address."""

    def __init__(self, email: str) -> None:
        shown = " ".join(email.split())[:100]
        super().__init__(
            f"« {shown} » n’est pas une adresse électronique où l’on puisse écrire : écrivez-la en entier, "
            "sans accent avant l’arobase, par exemple nom@ville.fr."
        )


class ContractorIsAppointed(Refusal):
    """A contractor is one of a project, by its contract."""

    sentence = "Un prestataire se désigne dans un projet, en enregistrant son marché."


class RoleNeedsParty(Refusal):
    """The role is held for a local authority, or is not, and the request says otherwise."""

    def __init__(self, role: Role, needs: bool) -> None:
        advice = (
            "s’exerce pour une collectivité : donnez son code (« --party CODE »)"
            if needs
            else "ne s’exerce pas pour une collectivité : retirez « --party »"
        )
        super().__init__(f"Le rôle « {role.label} » {advice}.")


@dataclass(frozen=True, slots=True)
class Registration(Request):
    """Who is registered, and the role they hold: for the local authority of ``authority_code`` or for none.

    ``quality`` is the office of a signatory (« Maire »).
    """

    email: str
    name: Annotated[str, NAME.needed]
    role: Role
    authority_code: str | None
    quality: Annotated[str | None, QUALITY] = None
    shares_mailbox: bool = False


def add_person(db: Database, registration: Registration, *, now: datetime) -> Person:
    """Register a person, or give one more role to one already registered (twice is once). Commits.

    The office of a ``signatory`` is only proposed, for the ANCT: it waits for the city (``propose_office``). Raises
    ``RoleNeedsParty``, ``ContractorIsAppointed``, ``UnknownAuthority``, ``InvalidEmail``, ``OtherName``,
    ``IncompatibleRoles``, ``OtherProposal``.
    """
    role, code = registration.role, registration.authority_code
    if role is Role.contractor:
        raise ContractorIsAppointed
    if (role in ROLES_OF_A_PARTY) != (code is not None):
        raise RoleNeedsParty(role, role in ROLES_OF_A_PARTY)
    authority = find_authority(code) if code is not None else None
    with db.write() as session:
        lock_register(session)
        person = _registered(session, registration, now)
        if role is Role.signatory and authority is not None:
            propose_office(
                session, Office(authority, person, registration.quality or None), SYSTEM, Side.agency, now
            )
            return person
        mandate = Mandate(person_id=identity(person), role=role, authority_code=code, since=now)
        with passing_duties(session, living_projects(session, code) if code else (), now):
            ensure_mandate(session, mandate, SYSTEM)
        if code is not None:
            wake_projects_of(session, code, now)
        return person


def _registered(session: Session, asked: Registration, now: datetime) -> Person:
    return ensure_person(session, asked.email, asked.name, now, SYSTEM, shares_mailbox=asked.shares_mailbox)


def ensure_person(
    session: Session,
    email: str,
    name: str,
    now: datetime,
    actor: ActorOrSystem,
    *,
    shares_mailbox: bool = False,
) -> Person:
    """The person of this address and this name, registered if need be. Does not commit.

    Raises ``OtherName`` when the address is registered under another name, unless ``shares_mailbox`` says that two
    people share the mailbox; the others at that address are then told. Raises ``InvalidEmail``.
    """
    address = check_email(email)
    others = people_at(session, address)
    person = chosen_by_name(others, name)
    if person is not None:
        return person
    if others and not shares_mailbox:
        are_known = all(may_know(session, actor, identity(each), now) for each in others)
        known = " et de ".join(each.name for each in others) if are_known else None
        raise OtherName(address, name.strip(), known)
    person = Person(email=address, name=name.strip(), created_at=now)
    session.add(person)
    session.flush()
    shared: dict[str, Any] = {"shares_mailbox_with": [each.id for each in others]} if others else {}
    record(session, "person.added", project_id=None, actor=actor, now=now, person=person.id, **shared)
    if others:
        _tell_shared(session, person, others, actor, now)
    return person


def _tell_shared(
    session: Session, person: Person, others: list[Person], actor: ActorOrSystem, now: datetime
) -> None:
    by = None if isinstance(actor, System) or actor.auth_method is AuthMethod.command_line else actor.name
    tell(session, [identity(each) for each in others], "mailbox_shared_for_person",
         Subject.of("person", person.id, "mailbox"), now, project=None, path="/mon-compte",
         new_name=person.name, mailbox=person.email, shared_by=by)  # fmt: skip


def check_email(email: str) -> str:
    """``email`` in lower case; raises ``InvalidEmail``."""
    try:
        checked = validate_email(email.strip(), check_deliverability=False, allow_smtputf8=False, strict=True)
        return checked.normalized.lower()
    except EmailNotValidError:
        raise InvalidEmail(email) from None

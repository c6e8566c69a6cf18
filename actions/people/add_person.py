"""Register people and the roles they hold."""

from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlmodel import Session, select

from actions.ledger.journal import lock_register, record
from actions.ledger.wake import wake_all
from database.engine import Database
from models.local_authority import find_authority
from models.party import Party, is_present
from models.person import (
    NEVER_SIGN,
    ROLES_OF_A_PARTY,
    SYSTEM,
    ActorOrSystem,
    Mandate,
    Person,
    Role,
    has_not_ended,
)
from models.refusal import Refusal
from models.role_rules import EndIsPlanned
from models.stored_row import identity
from queries.signing.authority import role_without_signature


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


class IncompatibleRoles(Refusal):
    """The ANCT and the contractors never sign (rule 3): nobody is one of them and a signatory."""

    def __init__(self, person: Person, role: Role, held: Role) -> None:
        super().__init__(
            f"{person.name} est {held.label} et ne peut pas être aussi {role.label} : l’ANCT et les prestataires "
            "ne signent jamais pour une collectivité. Nommez quelqu’un d’autre."
        )


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
class Registration:
    """Who is registered, and the role they hold: for the local authority of ``authority_code`` or for none."""

    email: str
    name: str
    role: Role
    authority_code: str | None


def add_person(db: Database, registration: Registration, *, now: datetime) -> Person:
    """Register a person, or give one more role to one already registered (twice is once). Commits.

    A new ``signatory`` takes the office over: the former holder's mandate ends at ``now``.
    """
    role, code = registration.role, registration.authority_code
    if role is Role.contractor:
        raise ContractorIsAppointed
    if (role in ROLES_OF_A_PARTY) != (code is not None):
        raise RoleNeedsParty(role, role in ROLES_OF_A_PARTY)
    if code is not None:
        find_authority(code)
    with db.write() as session:
        lock_register(session)
        person = ensure_person(session, registration.email, registration.name, now, SYSTEM)
        mandate = Mandate(person_id=identity(person), role=role, authority_code=code, since=now)
        ensure_mandate(session, mandate, SYSTEM)
        if code is not None:
            wake_projects_of(session, code, now)
        return person


def wake_projects_of(session: Session, authority_code: str, now: datetime) -> None:
    """Wake the stages of this authority's projects, which may wait for somebody to be named. Does not commit."""
    projects = select(Party.project_id).where(Party.code == authority_code, is_present())
    for project_id in session.exec(projects).all():
        wake_all(session, project_id, now)


def ensure_person(session: Session, email: str, name: str, now: datetime, actor: ActorOrSystem) -> Person:
    """The person of this address, registered if need be. Does not commit. Raises ``InvalidEmail``."""
    address = check_email(email)
    person = session.exec(select(Person).where(Person.email == address)).one_or_none()
    if person is None:
        person = Person(email=address, name=name.strip(), created_at=now)
        session.add(person)
        session.flush()
        record(session, "person.added", project_id=None, actor=actor, now=now, person=person.id)
    return person


def check_email(email: str) -> str:
    """``email`` in lower case; raises ``InvalidEmail``."""
    try:
        checked = validate_email(email.strip(), check_deliverability=False, allow_smtputf8=False, strict=True)
        return checked.normalized.lower()
    except EmailNotValidError:
        raise InvalidEmail(email) from None


def ensure_mandate(session: Session, mandate: Mandate, actor: ActorOrSystem) -> None:
    """Write a new mandate, unless its person holds the role already; an office passes to them at once.

    Does not commit. Raises ``IncompatibleRoles``, ``EndIsPlanned``.
    """
    now = mandate.since
    same_role = select(Mandate).where(
        Mandate.role == mandate.role,
        Mandate.authority_code == mandate.authority_code,
        Mandate.project_id == mandate.project_id,
        has_not_ended(now),
    )
    holders = session.exec(same_role).all()
    for each in holders:
        if each.person_id == mandate.person_id and each.since <= now:
            if each.until is not None:
                raise EndIsPlanned(session.get_one(Person, mandate.person_id).name, mandate.role, each.until)
            return
    _check_compatible(session, mandate)
    if mandate.role is Role.signatory:
        for former in holders:
            former.until = now
            _record(session, "mandate.ended", former, actor, now)
    session.add(mandate)
    _record(session, "mandate.given", mandate, actor, now)


def _check_compatible(session: Session, mandate: Mandate) -> None:
    """Nobody signs and is of the ANCT, or a contractor (rule 3), whichever they became first."""
    held: Role | None = None
    if mandate.role is Role.signatory:
        held = role_without_signature(session.connection(), mandate.person_id, mandate.since)
    elif mandate.role in NEVER_SIGN:
        query = select(Mandate.id).where(
            Mandate.person_id == mandate.person_id,
            Mandate.role == Role.signatory,
            has_not_ended(mandate.since),
        )
        held = Role.signatory if session.exec(query.limit(1)).first() else None
    if held is not None:
        raise IncompatibleRoles(session.get_one(Person, mandate.person_id), mandate.role, held)


def _record(session: Session, event: str, mandate: Mandate, actor: ActorOrSystem, now: datetime) -> None:
    session.flush()
    record(
        session,
        event,
        project_id=mandate.project_id,
        actor=actor,
        now=now,
        party_code=mandate.authority_code,
        person=mandate.person_id,
        role=mandate.role,
    )

"""The ANCT invites somebody into a project, to act for one of its parties."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlmodel import Session

from actions.authority.authority_mails import tell_contact_named
from actions.authority.mandates import ensure_mandate
from actions.authority.office import Office, propose_office
from actions.authority.pass_duties import passing_duties
from actions.ledger.journal import lock_register
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake_all
from actions.mail.notify import tell
from actions.people.add_person import ensure_person
from database.engine import Database
from models.local_authority import find_authority
from models.party import Party, PartyRole
from models.person import NAME, QUALITY, ROLES_OF_A_PARTY, Actor, Mandate, Person, Role
from models.proposal import Side
from models.refusal import Refusal
from models.request import Request
from models.shared_project import SharedProject, refusal_if_cancelled
from models.stored_row import identity
from models.subject import Subject
from queries.access.rights import require_agency_agent
from queries.ledger.find import find_party
from queries.signing.authority import office_holder


@dataclass(frozen=True, slots=True)
class Invitation(Request):
    """Whom, to do what, for which party of the project ``slug``; ``quality`` is the office of a signatory
    (« Maire »), who ``takes_over`` from the office holder, or is the first."""

    slug: str
    email: str
    name: Annotated[str, NAME.needed]
    role: Role
    party_code: str
    quality: Annotated[str | None, QUALITY] = None
    takes_over: bool = False
    shares_mailbox: bool = False


class NotInvitedAs(Refusal):
    """Nobody is invited in this role, or not by this party."""

    def __init__(self, role: Role, party: Party) -> None:
        super().__init__(
            f"{party.name} est {party.role.label} dans ce projet : personne n’y est invité comme {role.label}. "
            f"Choisissez « {(Role.local_contact if party.role is PartyRole.signatory else Role.observer).label} »."
        )


class OfficeHeld(Refusal):
    """Somebody else signs for the city: that they are replaced is to be meant."""

    def __init__(self, party: Party, holder: Person, name: str) -> None:
        super().__init__(
            f"{holder.name} signe aujourd’hui pour {party.name}, dans tous ses projets : si {name} prend sa place, "
            "dites-le en cochant la case ; sinon, invitez cette personne comme interlocuteur, ou faites enregistrer "
            "une délégation de signature."
        )


def invite_person(db: Database, actor: Actor, invitation: Invitation, *, now: datetime) -> Person:
    """Register the person if need be, give them the role, welcome them by mail; twice is once. Commits.

    The role is held in this project only, save the office of a signatory, which is the city's in all its
    projects: it is proposed, and waits for the city (``propose_office``). Raises ``NotAllowed``, ``ProjectNotActive``,
    ``UnknownParty``, ``NotInvitedAs``, ``OfficeHeld``, ``IncompatibleRoles``, ``InvalidEmail``.
    """
    with db.write() as session:
        project = lock_slug(session, invitation.slug)
        require_agency_agent(session, actor, now, "inviter quelqu’un", project)
        if refusal := refusal_if_cancelled(project):
            raise refusal
        party = find_party(session, project, invitation.party_code)
        _check_role(party, invitation.role)
        person = ensure_person(
            session,
            invitation.email,
            invitation.name,
            now,
            actor,
            shares_mailbox=invitation.shares_mailbox,
        )
        if invitation.role is Role.signatory:
            _check_office(session, party, person, invitation, now)
            lock_register(session)
            office = Office(find_authority(party.code), person, invitation.quality)
            if propose_office(session, office, actor, Side.agency, now):
                return person
        else:
            mandate = Mandate(
                person_id=identity(person), role=invitation.role, authority_code=party.code, since=now
            )
            mandate.project_id = project.id
            if invitation.role is Role.local_contact:
                tell_contact_named(session, party.code, project, person, actor, now)
            with passing_duties(session, [identity(project)], now):
                ensure_mandate(session, mandate, actor)
            wake_all(session, identity(project), now)
        about = Subject.of("party", party.id, invitation.role.value)
        role_label = invitation.quality or invitation.role.label
        welcome(session, project, party, person, role_label, about, now)
        return person


def _check_role(party: Party, role: Role) -> None:
    observes = party.role is PartyRole.observer
    if role not in ROLES_OF_A_PARTY or (role is Role.observer) != observes:
        raise NotInvitedAs(role, party)


def _check_office(
    session: Session, party: Party, person: Person, invitation: Invitation, now: datetime
) -> None:
    holder = office_holder(session.connection(), party.code, now)
    if holder not in (None, person.id) and not invitation.takes_over:
        raise OfficeHeld(party, session.get_one(Person, holder), person.name)


def welcome(
    session: Session,
    project: SharedProject,
    party: Party,
    person: Person,
    role_label: str,
    about: Subject,
    now: datetime,
) -> None:
    """Owe somebody new the welcome mail, which is never part of a digest (docs/reminders.md). Does not commit."""
    tell(session, [identity(person)], "welcome", about, now, project=project, role_label=role_label.lower(),
         party_name=party.name, path=f"/projets/{project.slug}")  # fmt: skip

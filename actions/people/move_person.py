"""Another address for somebody whose old mailbox answers no more: by two keys, never by one person (rule 11)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from actions.authority.lock_authority import lock_authority
from actions.authority.put_forward import Draft, put_forward
from actions.people.add_person import check_email
from actions.people.change_address import require_free, set_address
from database.engine import Database
from models.local_authority import find_authority
from models.mailbox import same_mailbox
from models.person import Actor, Person
from models.proposal import Capacity, Proposal, ProposalKind, Side
from models.proposal_rules import proposal_refusal
from models.refusal import Refusal
from models.stored_row import identity
from queries.authority.keys import key_holder
from queries.ledger.find import find_person
from queries.people.held_roles import roles_of_person
from queries.people.reach import projects_of_concern


@dataclass(frozen=True, slots=True)
class Move:
    """Whose address changes, and what it becomes."""

    email: str
    new_email: str


class MovesThemselves(Refusal):
    """The person acts for no city, whose other side could confirm it; or is who asks, or would share their mailbox."""

    def __init__(self, person: Person) -> None:
        super().__init__(
            f"L’adresse de {person.name} se change par la personne elle-même, depuis « Mon compte » : un lien part à "
            "la nouvelle adresse, et l’ancienne en est prévenue."
        )


def move_person(db: Database, actor: Actor, move: Move, *, now: datetime) -> Proposal:
    """Propose it: by the ANCT, to be confirmed by the person's city; or by the city, to be confirmed by the ANCT.

    The old mailbox is told at once, and nothing changes before. Commits. Raises ``UnknownPerson``,
    ``InvalidEmail``, ``AddressTaken``, ``MovesThemselves``, ``NotYourKey``, ``OtherProposal``.
    """
    address = check_email(move.new_email)
    with db.write() as session:
        person = find_person(session, move.email)
        code, side = _city(session, actor, person, now)
        lock_authority(session, code)
        require_free(session, address)
        if same_mailbox(session.get_one(Person, actor.person_id).email, address):
            raise MovesThemselves(person)
        draft = Draft(
            ProposalKind.address,
            f"address:{person.id}",
            code,
            side,
            f"Nouvelle adresse d’une personne de {find_authority(code).name}",
            {"email": address},
            subject_id=identity(person),
        )
        return put_forward(session, draft, actor, now)


def refusal_to_move(session: Session, actor: Actor, person: Person, now: datetime) -> Refusal | None:
    """Why the actor may not propose another address for this person; the page that offers it asks this too."""
    try:
        _city(session, actor, person, now)
    except Refusal as refusal:
        return refusal
    return None


def _city(session: Session, actor: Actor, person: Person, now: datetime) -> tuple[str, Side]:
    """The city for which the person acts, in which the actor may propose it; from which side."""
    held = roles_of_person(session, identity(person), now)
    codes = list(dict.fromkeys(each.authority_code for each in held if each.authority_code))
    if not codes or person.id == actor.person_id:
        raise MovesThemselves(person)
    refusal: Refusal | None = None
    for code in codes:
        who = key_holder(session, actor, code, None, now)
        refusal = proposal_refusal(ProposalKind.address, who, find_authority(code).name)
        if refusal is None:
            return code, Side.agency if Capacity.agent in who.capacities else Side.party
    raise refusal or MovesThemselves(person)


def carry_out_move(session: Session, proposal: Proposal, actor: Actor, now: datetime) -> int:
    """Write the address, close what the old one opens; returns the number of the person. Does not commit.

    Raises ``AddressTaken``.
    """
    person = session.get_one(Person, proposal.subject_id)
    touched = projects_of_concern(session, identity(person), now)
    set_address(session, actor, person, proposal.request["email"], touched, now)
    return identity(person)

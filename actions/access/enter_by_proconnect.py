"""Somebody whom ProConnect proved enters, if the ANCT has invited them."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from actions.access.sign_in import SignedIn, open_session
from database.engine import Database
from models.person import AuthMethod, Person
from models.person_name import chosen_by_name
from models.proconnect import ProvenPerson, UnknownToUs
from models.stored_row import identity
from models.web_session import LINK_LIFE, SignInLink, WebSession, hash_of, new_secret
from queries.ledger.find import people_at


@dataclass(frozen=True, slots=True)
class Entrance:
    """The secret of a new session; or of a link that asks who they are, where nobody of a shared mailbox has the name
    that ProConnect gave."""

    secret: str
    asks_who: bool = False


def enter_by_proconnect(
    db: Database, proven: ProvenPerson, *, next_path: str = "/", now: datetime
) -> Entrance:
    """Let in the person registered under the proven address. Commits.

    The session keeps what was proven: it decides whose sign-offs may be given in it. Of those who share a mailbox
    it is the one whose name ProConnect gives; when it gives none of theirs, what it proved is of somebody else, and
    they are asked who they are, as by a link received by mail. Nobody is registered this way. Raises ``UnknownToUs``.
    """
    with db.write() as session:
        people = people_at(session, proven.email)
        if not people:
            raise UnknownToUs(proven.name, proven.email)
        person = people[0] if len(people) == 1 else chosen_by_name(people, proven.name)
        if person is None:
            return Entrance(_ask_who(session, people[0], next_path, now), asks_who=True)
        return Entrance(open_session(session, identity(person), AuthMethod.proconnect, now, proven))


def _ask_who(session: Session, person: Person, next_path: str, now: datetime) -> str:
    token = new_secret()
    link = SignInLink(
        person_id=identity(person),
        token_hash=hash_of(token),
        next_path=next_path,
        asks_who=True,
        created_at=now,
        expires_at=now + LINK_LIFE,
    )
    session.add(link)
    return token


def id_token_of(db: Database, signed_in: SignedIn) -> str | None:
    """The ID token of this session, which ProConnect asks for when it ends; None for the other sessions."""
    with db.read() as session:
        return session.exec(select(WebSession.id_token).where(WebSession.id == signed_in.session_id)).one()

"""Somebody whom ProConnect proved enters, if the ANCT has invited them."""

from datetime import datetime

from sqlmodel import select

from actions.access.sign_in import SignedIn, open_session
from database.engine import Database
from models.person import AuthMethod, Person
from models.proconnect import ProvenPerson, UnknownToUs
from models.stored_row import identity
from models.web_session import WebSession


def enter_by_proconnect(db: Database, proven: ProvenPerson, *, now: datetime) -> str:
    """The secret of a new session of the person registered under the proven address. Commits.

    The session keeps what was proven: it decides whose sign-offs may be given in it. Nobody is registered
    this way. Raises ``UnknownToUs``.
    """
    with db.write() as session:
        person = session.exec(select(Person).where(Person.email == proven.email)).one_or_none()
        if person is None:
            raise UnknownToUs(proven.name, proven.email)
        return open_session(session, identity(person), AuthMethod.proconnect, now, proven)


def id_token_of(db: Database, signed_in: SignedIn) -> str | None:
    """The ID token of this session, which ProConnect asks for when it ends; None for the other sessions."""
    with db.read() as session:
        return session.exec(select(WebSession.id_token).where(WebSession.id == signed_in.session_id)).one()

"""Sessions: opened for somebody who proved who they are, recognised at each request, ended, forgotten."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from database.engine import Database
from models.person import Actor, AuthMethod, Person
from models.proconnect import ProvenPerson
from models.stored_row import identity
from models.web_session import (
    IDLE_LIFE,
    LONGEST_LIFE,
    SignInLink,
    WebSession,
    hash_of,
    is_open,
    new_secret,
)

SEEN_EVERY = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(days=30)
"""So long after their end, links and sessions are removed."""
SIREN_LENGTH = 9
"""A SIRET begins with the SIREN of its organisation."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is behind a session."""

    session_id: int
    actor: Actor
    email: str

    @property
    def person_id(self) -> int:
        """The id of the person."""
        return self.actor.person_id


def open_session(
    session: Session,
    person_id: int,
    auth_method: AuthMethod,
    now: datetime,
    proven: ProvenPerson | None = None,
) -> str:
    """Open a session, with what ProConnect proved if it did. Returns its secret, which is not stored.

    Does not commit.
    """
    token = new_secret()
    session.add(
        WebSession(
            person_id=person_id,
            token_hash=hash_of(token),
            auth_method=auth_method,
            created_at=now,
            seen_at=now,
            acr=proven.acr if proven else None,
            siret=proven.siret if proven else None,
            id_token=proven.id_token if proven else None,
        )
    )
    return token


def who_is_signed_in(db: Database, token: str, *, now: datetime) -> SignedIn | None:
    """The person of this session, while it lasts. Commits, now and then, that it was used."""
    with db.read() as session:
        query = (
            select(WebSession, Person)
            .join(Person, col(Person.id) == WebSession.person_id)
            .where(WebSession.token_hash == hash_of(token), is_open(now))
        )
        row = session.exec(query).first()
    if row is None:
        return None
    opened, person = row
    if now - opened.seen_at > SEEN_EVERY:
        db.note(sa.update(WebSession).where(col(WebSession.id) == opened.id).values(seen_at=now))
    siren = opened.siret[:SIREN_LENGTH] if opened.siret else None
    actor = Actor(identity(person), person.name, opened.auth_method, opened.acr, siren)
    return SignedIn(identity(opened), actor, person.email)


def sign_out(db: Database, signed_in: SignedIn, *, everywhere: bool = False, now: datetime) -> int:
    """End this session, or all those of its person; how many ended. Commits."""
    theirs = col(WebSession.person_id) == signed_in.person_id
    which = theirs if everywhere else col(WebSession.id) == signed_in.session_id
    with db.write() as session:
        ended = (
            sa.update(WebSession)
            .where(which, col(WebSession.ended_at).is_(None))
            .values(ended_at=now, id_token=None)
        )
        return session.connection().execute(ended).rowcount


def forget_old_sessions(db: Database, *, now: datetime) -> None:
    """Remove links and sessions that ended a month ago: they are no longer needed (GDPR). Commits.

    What ProConnect signed goes as soon as its session can serve no more.
    """
    over = sa.or_(
        col(WebSession.seen_at) <= now - IDLE_LIFE, col(WebSession.created_at) <= now - LONGEST_LIFE
    )
    long_ago = now - FORGOTTEN_AFTER
    with db.write() as session:
        connection = session.connection()
        connection.execute(
            sa.update(WebSession).where(col(WebSession.id_token).is_not(None), over).values(id_token=None)
        )
        connection.execute(sa.delete(SignInLink).where(col(SignInLink.expires_at) < long_ago))
        connection.execute(sa.delete(WebSession).where(col(WebSession.seen_at) < long_ago - LONGEST_LIFE))

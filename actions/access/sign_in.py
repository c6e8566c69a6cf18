"""Sign in by a link sent by mail: asked for, used once, a session opened; no password to keep."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from database.engine import Database
from models.person import Actor, AuthMethod, Person
from models.proconnect import ProvenPerson
from models.stored_row import identity
from models.web_session import (
    ATTEMPTS_KEPT,
    IDLE_LIFE,
    LINK_LIFE,
    LONGEST_LIFE,
    MOST_BY_ADDRESS,
    MOST_BY_ORIGIN,
    LinkGone,
    SignInAttempt,
    SignInLink,
    TooManyLinks,
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
class LinkToSend:
    """A link that was asked for, with the address of the person: to be mailed at once, and kept nowhere."""

    token: str
    person_id: int
    name: str
    email: str


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


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Who asks for a link, from which network address (``origin``), and the page they were going to."""

    email: str
    origin: str
    next_path: str


def ask_for_link(db: Database, request: LinkRequest, *, secret: str, now: datetime) -> LinkToSend | None:
    """Make a link for the person registered under this address; None when there is none. Commits.

    The caller answers the same in both cases. The address and the origin are counted through ``secret`` and
    cannot be read back. Raises ``TooManyLinks``.
    """
    email = request.email.strip().lower()
    with db.write() as session:
        attempt = SignInAttempt(
            address_hash=_counted(email, secret), origin_hash=_counted(request.origin, secret), at=now
        )
        session.connection().execute(
            sa.delete(SignInAttempt).where(col(SignInAttempt.at) < now - ATTEMPTS_KEPT)
        )
        _check_limits(session, attempt)
        session.add(attempt)
        person = session.exec(select(Person).where(Person.email == email)).one_or_none()
        if person is None:
            return None
        token = new_secret()
        link = SignInLink(
            person_id=identity(person),
            token_hash=hash_of(token),
            next_path=request.next_path,
            created_at=now,
            expires_at=now + LINK_LIFE,
        )
        session.add(link)
        return LinkToSend(token, identity(person), person.name, person.email)


def _counted(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), sha256).hexdigest()


def _check_limits(session: Session, attempt: SignInAttempt) -> None:
    since = col(SignInAttempt.at) > attempt.at - timedelta(hours=1)
    for column, value, most in (
        (col(SignInAttempt.address_hash), attempt.address_hash, MOST_BY_ADDRESS),
        (col(SignInAttempt.origin_hash), attempt.origin_hash, MOST_BY_ORIGIN),
    ):
        query = select(func.count()).select_from(SignInAttempt).where(column == value, since)
        if session.exec(query).one() >= most:
            raise TooManyLinks


def link_recipient_name(db: Database, token: str, *, now: datetime) -> str:
    """The name of the person a link is for; does not use it up (mail scanners follow links). Raises ``LinkGone``."""
    with db.read() as session:
        query = select(Person.name).join(SignInLink, col(SignInLink.person_id) == Person.id)
        name = session.exec(query.where(*_usable(token, now))).first()
    if name is None:
        raise LinkGone
    return name


def use_link(db: Database, token: str, *, now: datetime) -> tuple[str, str]:
    """The secret of a new session, and where its person was going. The link is used up. Commits.

    Of two who press at once, one gets in. Raises ``LinkGone``.
    """
    with db.write() as session:
        used = sa.update(SignInLink).where(*_usable(token, now)).values(used_at=now)
        if not session.connection().execute(used).rowcount:
            raise LinkGone
        link = session.exec(select(SignInLink).where(SignInLink.token_hash == hash_of(token))).one()
        return open_session(session, link.person_id, AuthMethod.email_link, now), link.next_path


def _usable(token: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(SignInLink.token_hash) == hash_of(token),
        col(SignInLink.used_at).is_(None),
        col(SignInLink.expires_at) > now,
    )


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

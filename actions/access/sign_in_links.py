"""Sign in by a link sent by mail: asked for, made, used once; no password to keep.

A request has two parts. ``count_request`` is all that its answer waits for: it counts, and never looks at who is
registered. ``make_link`` comes after the answer, and does as much for a stranger's address as for a person's.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from actions.access.sign_in import open_session
from database.engine import Database
from models.person import AuthMethod, Person
from models.stored_row import identity
from models.web_session import (
    ATTEMPTS_KEPT,
    LEAST_LEFT,
    LINK_LIFE,
    NO_ADDRESS,
    LinkGone,
    SignInAttempt,
    SignInLink,
    hash_of,
    is_within_limits,
    new_secret,
)

NOBODY = 0


@dataclass(frozen=True, slots=True)
class LinkToSend:
    """A link that was asked for, with the address of the person: to be mailed at once, and kept nowhere."""

    token: str
    person_id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Who asks for a link, from which network (``origin``), and the page they were going to."""

    email: str
    origin: str
    next_path: str

    @property
    def address(self) -> str:
        """The address as people are registered under it."""
        return self.email.strip().lower()


def count_request(db: Database, request: LinkRequest, *, secret: str, now: datetime) -> bool:
    """Count one request for a link; is it within the limits (``is_within_limits``)? Commits.

    The address and the origin are counted through ``secret`` and cannot be read back. Nobody is looked up: the
    result, and the time it takes, do not say whether the address is registered. Beyond the limits nothing is written.
    """
    attempt = SignInAttempt(
        address_hash=_counted(request.address, secret), origin_hash=_counted(request.origin, secret), at=now
    )
    with db.write() as session:
        session.connection().execute(
            sa.delete(SignInAttempt).where(col(SignInAttempt.at) < now - ATTEMPTS_KEPT)
        )
        by_address = _within_an_hour(session, now, col(SignInAttempt.address_hash) == attempt.address_hash)
        by_origin = _within_an_hour(session, now, col(SignInAttempt.origin_hash) == attempt.origin_hash)
        is_within = is_within_limits(by_address, by_origin)
        if is_within:
            session.add(attempt)
    return is_within


def _counted(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), sha256).hexdigest()


def _within_an_hour(session: Session, now: datetime, which: sa.ColumnElement[bool]) -> int:
    since = col(SignInAttempt.at) > now - timedelta(hours=1)
    return session.exec(select(func.count()).select_from(SignInAttempt).where(which, since)).one()


def make_link(db: Database, request: LinkRequest, *, is_within: bool, now: datetime) -> LinkToSend | None:
    """The link to mail to the person registered under this address. Commits.

    None when there is nobody, or when the request is beyond the limits (``is_within`` is false) and a link sent
    before still serves for ``LEAST_LEFT``: links end by being used, which only the owner of the mailbox can do, and
    never because somebody asks for another. In each case the same statements are executed and one row is written.
    """
    token = new_secret()
    with db.write() as session:
        person = session.exec(select(Person).where(Person.email == request.address)).one_or_none()
        person_id = identity(person) if person else NOBODY
        has_link = _has_link(session, person_id, now)
        link = LinkToSend(token, person_id, person.name, person.email) if person else None
        if has_link and not is_within:
            link = None
        session.add(_link_row(link, request, now) if link else _row_of_nobody(now))
        session.flush()
        session.connection().execute(
            sa.delete(SignInAttempt).where(col(SignInAttempt.address_hash) == NO_ADDRESS)
        )
    return link


def _has_link(session: Session, person_id: int, now: datetime) -> bool:
    """Does a link of theirs serve for long enough to be found in the mailbox?"""
    serves = (
        col(SignInLink.person_id) == person_id,
        col(SignInLink.used_at).is_(None),
        col(SignInLink.expires_at) >= now + LEAST_LEFT,
    )
    return bool(session.exec(select(func.count()).select_from(SignInLink).where(*serves)).one())


def _link_row(link: LinkToSend, request: LinkRequest, now: datetime) -> SignInLink:
    return SignInLink(
        person_id=link.person_id,
        token_hash=hash_of(link.token),
        next_path=request.next_path,
        created_at=now,
        expires_at=now + LINK_LIFE,
    )


def _row_of_nobody(now: datetime) -> SignInAttempt:
    return SignInAttempt(address_hash=NO_ADDRESS, origin_hash=NO_ADDRESS, at=now)


def drop_link(db: Database, link: LinkToSend) -> None:
    """Forget a link whose mail did not leave: it must not stand for one that the mailbox holds. Commits."""
    with db.write() as session:
        session.connection().execute(
            sa.delete(SignInLink).where(col(SignInLink.token_hash) == hash_of(link.token))
        )


def link_recipient(db: Database, token: str, *, now: datetime) -> tuple[int, str]:
    """The id and the name of the person a link is for; does not use it up (mail scanners follow links).

    Raises ``LinkGone``.
    """
    with db.read() as session:
        query = select(Person).join(SignInLink, col(SignInLink.person_id) == Person.id)
        person = session.exec(query.where(*_usable(token, now))).first()
    if person is None:
        raise LinkGone
    return identity(person), person.name


@dataclass(frozen=True, slots=True)
class DeadLink:
    """Whom a link was for, that serves no more, and where they were going."""

    person_id: int
    email: str
    next_path: str


def dead_link(db: Database, token: str) -> DeadLink | None:
    """What a link that was used, or is too old, still says, as long as it is kept; nothing of it is for show."""
    with db.read() as session:
        query = (
            select(SignInLink, Person)
            .join(Person, col(Person.id) == SignInLink.person_id)
            .where(SignInLink.token_hash == hash_of(token))
        )
        row = session.exec(query).first()
    if row is None:
        return None
    link, person = row
    return DeadLink(identity(person), person.email, link.next_path)


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

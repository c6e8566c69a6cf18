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
    WhoAreYou,
    hash_of,
    is_within_limits,
    new_secret,
)
from queries.ledger.find import people_at

NOBODY = 0


@dataclass(frozen=True, slots=True)
class LinkToSend:
    """A link that was asked for, with the address of the person: to be mailed at once, and kept nowhere.

    ``name`` is whom the mail speaks to: all those of a shared mailbox, when the link asks who they are.
    """

    token: str
    person_id: int
    name: str
    email: str
    asks_who: bool = False


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Who asks for a link, from which network (``origin``), and the page they were going to.

    ``reader_id`` is the person to whom the mail that led here was written: among those of a shared mailbox, it is them.
    """

    email: str
    origin: str
    next_path: str
    reader_id: int | None = None

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
        people = people_at(session, request.address)
        has_link = _has_link(session, [identity(each) for each in people], now)
        link = _link_to(people, request.reader_id, token) if people else None
        if has_link and not is_within:
            link = None
        session.add(_link_row(link, request, now) if link else _row_of_nobody(now))
        session.flush()
        session.connection().execute(
            sa.delete(SignInAttempt).where(col(SignInAttempt.address_hash) == NO_ADDRESS)
        )
    return link


def _link_to(people: list[Person], reader_id: int | None, token: str) -> LinkToSend:
    """For the one whose mail led here, or for whoever of the mailbox will say so."""
    person = next((each for each in people if each.id == reader_id), people[0])
    asks_who = len(people) > 1 and person.id != reader_id
    name = " ou ".join(each.name for each in people) if asks_who else person.name
    return LinkToSend(token, identity(person), name, person.email, asks_who)


def _has_link(session: Session, people: list[int], now: datetime) -> bool:
    """Does a link of theirs serve for long enough to be found in the mailbox?"""
    serves = (
        col(SignInLink.person_id).in_(people or [NOBODY]),
        col(SignInLink.used_at).is_(None),
        col(SignInLink.expires_at) >= now + LEAST_LEFT,
    )
    return bool(session.exec(select(func.count()).select_from(SignInLink).where(*serves)).one())


def _link_row(link: LinkToSend, request: LinkRequest, now: datetime) -> SignInLink:
    return SignInLink(
        person_id=link.person_id,
        token_hash=hash_of(link.token),
        next_path=request.next_path,
        asks_who=link.asks_who,
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


def link_recipients(db: Database, token: str, *, now: datetime) -> list[tuple[int, str]]:
    """The id and the name of each person a link may be for: several, when the mailbox is shared and the link asks who
    they are. Does not use it up (mail scanners follow links).

    Raises ``LinkGone``.
    """
    with db.read() as session:
        link = session.exec(select(SignInLink).where(*_usable(token, now))).first()
        if link is None:
            raise LinkGone
        return [(identity(each), each.name) for each in _people_of(session, link)]


@dataclass(frozen=True, slots=True)
class DeadLink:
    """Whom a link was for, that serves no more, and where they were going; whoever of the mailbox, if it asked who."""

    person_id: int
    asks_who: bool
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
    return DeadLink(identity(person), link.asks_who, person.email, link.next_path)


def _people_of(session: Session, link: SignInLink) -> list[Person]:
    person = session.get_one(Person, link.person_id)
    return people_at(session, person.email) if link.asks_who else [person]


def use_link(db: Database, token: str, *, person_id: int | None = None, now: datetime) -> tuple[str, str]:
    """The secret of a new session, and where its person was going. The link is used up. Commits.

    ``person_id`` is who they say they are, where the link asks. The session keeps that the mailbox is shared: whoever
    reads it could have said the same. Of two who press at once, one gets in. Raises ``LinkGone``, ``WhoAreYou``.
    """
    with db.write() as session:
        used = sa.update(SignInLink).where(*_usable(token, now)).values(used_at=now)
        if not session.connection().execute(used).rowcount:
            raise LinkGone
        link = session.exec(select(SignInLink).where(SignInLink.token_hash == hash_of(token))).one()
        people = _people_of(session, link)
        if len(people) == 1:
            person_id = people[0].id
        person = next((each for each in people if each.id == person_id), None)
        if person is None:
            raise WhoAreYou
        is_shared = len(people_at(session, person.email)) > 1
        method = AuthMethod.shared_mailbox if is_shared else AuthMethod.email_link
        return open_session(session, identity(person), method, now), link.next_path


def _usable(token: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(SignInLink.token_hash) == hash_of(token),
        col(SignInLink.used_at).is_(None),
        col(SignInLink.expires_at) > now,
    )

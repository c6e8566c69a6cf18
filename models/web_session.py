"""Who is signed in: links by mail, used once, and sessions kept on the server; only hashes of their secrets."""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col

from models.columns import UtcDateTime, stored
from models.person import AuthMethod
from models.refusal import Refusal

LINK_LIFE = timedelta(minutes=15)
IDLE_LIFE = timedelta(hours=12)
LONGEST_LIFE = timedelta(days=7)
"""A session ends when nobody has used it for twelve hours, and after a week whatever happens."""
ATTEMPTS_KEPT = timedelta(hours=24)
MOST_BY_ADDRESS, MOST_BY_ORIGIN = 5, 30
"""Requests for a link in an hour that are each answered by a mail: for one address, and from one origin."""
LEAST_LEFT = timedelta(minutes=5)
"""Beyond the limits, no mail leaves while a link sent before still serves for this long: the time to find it."""
NO_ADDRESS = "0" * 64
"""The ``address_hash`` of no address: such a row only takes the time that a link takes, and is removed at once."""

LONGEST_PATH, LONGEST_ACR = 500, 200


class SignInLink(SQLModel, table=True):
    """A link that signs its person in, once, for ``LINK_LIFE``; ``next_path`` is where they were going.

    ``asks_who``: it was asked for by an address that several people share; one of them says who they are.
    """

    __tablename__ = "sign_in_link"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    next_path: str = Field(default="/", max_length=LONGEST_PATH)
    asks_who: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInAttempt(SQLModel, table=True):
    """Somebody asked for a link: what the limits count. Neither the address nor the origin can be read in it."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        sa.Index("ix_sign_in_attempt_address", "address_hash", "at"),
        sa.Index("ix_sign_in_attempt_origin", "origin_hash", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    address_hash: str = Field(max_length=64)
    origin_hash: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)


class WebSession(SQLModel, table=True):
    """Somebody signed in, on one browser; ``token_hash`` is of the secret in its cookie.

    Of one opened by ProConnect: ``acr`` is how sure it was of the person, ``siret`` the organisation they came
    for, and ``id_token`` what it asks for to end its own session, erased with this one.
    """

    __tablename__ = "web_session"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    auth_method: AuthMethod = Field(sa_type=stored(AuthMethod))
    acr: str | None = Field(default=None, max_length=LONGEST_ACR)
    siret: str | None = Field(default=None, max_length=14)
    id_token: str | None = Field(default=None, sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def is_open(now: datetime) -> sa.ColumnElement[bool]:
    """The condition of a session that lets its person in at this instant."""
    return sa.and_(
        col(WebSession.ended_at).is_(None),
        col(WebSession.seen_at) > now - IDLE_LIFE,
        col(WebSession.created_at) > now - LONGEST_LIFE,
    )


class LinkGone(Refusal):
    """The link was used, is too old, or never was: the same answer for the three."""

    sentence = (
        "Ce lien de connexion ne sert plus : il a déjà servi, ou ses quinze minutes sont passées. "
        "Demandez-en un nouveau, il arrive aussitôt."
    )


class WhoAreYou(Refusal):
    """The mailbox is shared, and nobody of it was chosen."""

    sentence = "Plusieurs personnes partagent cette adresse : dites laquelle vous êtes, puis entrez."


def is_within_limits(by_address: int, by_origin: int) -> bool:
    """May one more mail leave, after so many requests counted in an hour for this address and from this origin?

    Nobody is refused: a request beyond the limits is answered too, by a link that was sent before and still
    serves, or by a new one when none does. So whatever others ask, the mailbox holds a link that opens.
    """
    return by_address < MOST_BY_ADDRESS and by_origin < MOST_BY_ORIGIN


def new_secret() -> str:
    """A secret that nobody guesses: 256 bits, as text for an address or a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is kept of a secret: its SHA-256 (it is drawn at random: nothing slower is needed)."""
    return hashlib.sha256(secret.encode()).hexdigest()

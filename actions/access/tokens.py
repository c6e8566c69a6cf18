"""Personal tokens: a person creates them, looks at them, revokes them; what they open is asked elsewhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from actions.ledger.journal import lock_register, record
from database.engine import Database
from models.api_token import (
    DEFAULT_DAYS,
    LONGEST_DAYS,
    MOST_LIVE,
    TOKEN_NAME,
    UNNAMED,
    ApiToken,
    InvalidToken,
    TooManyTokens,
    UnknownToken,
    hash_of_token,
    new_token,
)
from models.person import Actor
from models.request import Request
from queries.access.rights import require_agency_agent

KEPT_AFTER = timedelta(days=365)
"""How long an ended token is still shown to its person: what it was for may be asked about."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; ``secret`` is shown once, and kept nowhere."""

    token: ApiToken
    secret: str


@dataclass(frozen=True, slots=True)
class TokenRequest(Request):
    """What a token is for, how many days it lasts, and whether it may write."""

    name: Annotated[str, TOKEN_NAME]
    days: int = DEFAULT_DAYS
    is_read_only: bool = False


def create_token(db: Database, actor: Actor, request: TokenRequest, *, now: datetime) -> NewToken:
    """Make a token of the actor. Commits; the register keeps the fact, without the name.

    Raises ``InvalidToken``, ``TooManyTokens``.
    """
    if not request.name:
        raise InvalidToken(UNNAMED)
    if not 1 <= request.days <= LONGEST_DAYS:
        raise InvalidToken("Un jeton dure d’un jour à un an : choisissez une durée entre les deux.")
    person_id, secret = actor.person_id, new_token()
    with db.write() as session:
        lock_register(session)
        live = select(func.count()).select_from(ApiToken).where(*_live(person_id, now))
        if session.exec(live).one() >= MOST_LIVE:
            raise TooManyTokens
        token = ApiToken(
            person_id=person_id,
            name=request.name,
            token_hash=hash_of_token(secret),
            is_read_only=request.is_read_only,
            created_at=now,
            expires_at=now + timedelta(days=request.days),
        )
        session.add(token)
        session.flush()
        record(session, "token.created", project_id=None, actor=actor, now=now, token=token.id,
               person=person_id, is_read_only=token.is_read_only, expires_at=token.expires_at.isoformat())  # fmt: skip
        return NewToken(token, secret)


def _live(person_id: int, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(ApiToken.person_id) == person_id,
        col(ApiToken.revoked_at).is_(None),
        col(ApiToken.expires_at) > now,
    )


@dataclass(frozen=True, slots=True)
class Revocation:
    """Whose token ends, and which one."""

    person_id: int
    token_id: int


def revoke_token(db: Database, actor: Actor, revocation: Revocation, *, now: datetime) -> ApiToken:
    """End a token of this person at once, theirs or by the ANCT; twice is once. Commits.

    Raises ``NotAllowed``, ``UnknownToken``.
    """
    with db.write() as session:
        lock_register(session)
        if actor.person_id != revocation.person_id:
            require_agency_agent(session, actor, now, "révoquer le jeton de quelqu’un d’autre")
        query = select(ApiToken).where(
            ApiToken.id == revocation.token_id, ApiToken.person_id == revocation.person_id
        )
        token = session.exec(query).one_or_none()
        if token is None:
            raise UnknownToken(revocation.token_id)
        if token.revoked_at is None:
            _revoke(session, actor, token, now)
        return token


def revoke_all_tokens(db: Database, actor: Actor, *, person_id: int, now: datetime) -> int:
    """End every live token of this person; how many. Commits."""
    with db.write() as session:
        lock_register(session)
        tokens = list(session.exec(select(ApiToken).where(*_live(person_id, now))))
        for token in tokens:
            _revoke(session, actor, token, now)
        return len(tokens)


def _revoke(session: Session, actor: Actor, token: ApiToken, now: datetime) -> None:
    token.revoked_at = now
    session.flush()
    record(session, "token.revoked", project_id=None, actor=actor, now=now, token=token.id,
           person=token.person_id)  # fmt: skip


def forget_old_tokens(db: Database, *, now: datetime) -> None:
    """Remove the tokens that ended ``KEPT_AFTER`` ago; the register keeps that they were. Commits."""
    ended = sa.func.coalesce(col(ApiToken.revoked_at), col(ApiToken.expires_at))
    with db.write() as session:
        session.connection().execute(sa.delete(ApiToken).where(ended < now - KEPT_AFTER))

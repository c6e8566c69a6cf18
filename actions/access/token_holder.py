"""Who is behind a personal token: the person it acts as, as long as it lives."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from database.engine import Database
from models.api_token import PREFIX, SEEN_EVERY, ApiToken, ReadOnlyToken, hash_of_token
from models.person import Actor, AuthMethod, Person
from models.stored_row import identity


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """The person, recognised by a token, and what that token is."""

    token_id: int
    token_name: str
    actor: Actor
    email: str
    is_read_only: bool
    expires_at: datetime

    @property
    def person_id(self) -> int:
        """The id of the person."""
        return self.actor.person_id

    def check_may_write(self) -> None:
        """Raises ``ReadOnlyToken``."""
        if self.is_read_only:
            raise ReadOnlyToken


def who_holds_token(db: Database, secret: str, *, now: datetime) -> TokenHolder | None:
    """The holder of a live token; None otherwise, whatever the reason. Commits, now and then, that it was used."""
    if not secret.startswith(PREFIX):
        return None
    with db.read() as session:
        query = (
            select(ApiToken, Person)
            .join(Person, col(Person.id) == ApiToken.person_id)
            .where(ApiToken.token_hash == hash_of_token(secret))
        )
        row = session.exec(query).one_or_none()
    if row is None or not row[0].is_live(now):
        return None
    token, person = row
    if token.last_used_at is None or now - token.last_used_at > SEEN_EVERY:
        db.note(sa.update(ApiToken).where(col(ApiToken.id) == token.id).values(last_used_at=now))
    actor = Actor(identity(person), person.name, AuthMethod.token)
    return TokenHolder(identity(token), token.name, actor, person.email, token.is_read_only, token.expires_at)

"""Personal tokens of the JSON API: what a program shows to act as the person who made it; only hashes of them."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, within
from models.limits import BeyondLimits, Text
from models.refusal import Refusal
from models.web_session import hash_of, new_secret

PREFIX = "pp_"
"""What every token begins with: a program that looks for secrets left in files finds ours."""
MOST_LIVE = 10
DEFAULT_DAYS, LONGEST_DAYS = 90, 366
LONGEST_NAME = 80
UNNAMED = f"Donnez à ce jeton un nom de {LONGEST_NAME} caractères au plus, qui dise à quoi il sert."
TOKEN_NAME = Text("Nom du jeton", LONGEST_NAME, too_long=lambda _length: InvalidToken(UNNAMED))
SEEN_EVERY = timedelta(hours=1)
"""« Last used » is no finer: it tells a token that serves from a forgotten one, not what its person does all day."""


class ApiToken(SQLModel, table=True):
    """A token that a person named. Live until ``expires_at``, unless ``revoked_at``; ``last_used_at`` is coarse."""

    __tablename__ = "api_token"
    __table_args__ = (sa.Index("ix_api_token_person", "person_id", "expires_at"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    name: str = Field(sa_type=within(TOKEN_NAME))
    token_hash: str = Field(unique=True, max_length=64)
    is_read_only: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def is_live(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and now < self.expires_at


def new_token() -> str:
    """A token that nobody guesses: 256 bits after its prefix."""
    return PREFIX + new_secret()


def hash_of_token(secret: str) -> str:
    """What is kept of it: its SHA-256."""
    return hash_of(secret)


class InvalidToken(BeyondLimits):
    """A token cannot be made as it is asked for: its name, or its life."""


class TooManyTokens(Refusal):
    """The person has as many live tokens as one may have."""

    sentence = f"Vous avez déjà {MOST_LIVE} jetons en service : révoquez-en un qui ne sert plus, puis créez celui-ci."


class UnknownToken(Refusal):
    """The person has no such token."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Le jeton n° {number} n’existe pas, ou n’est pas à cette personne : vérifiez la liste."
        )


class ReadOnlyToken(Refusal):
    """The token only reads."""

    sentence = (
        "Ce jeton ne sert qu’à lire : pour écrire, créez-en un autre, qui écrive aussi, à la page "
        "« Mes jetons »."
    )

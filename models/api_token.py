"""Personal tokens of the JSON API: shown once, kept hashed, ended when their person says so."""

from datetime import datetime, timedelta

from sqlmodel import Field, SQLModel

from models.database import UtcDateTime

LONGEST_LIFE = timedelta(days=365)


class ApiToken(SQLModel, table=True):
    """A program that acts in somebody's name, with their rights and no more. ``label`` is what they called it."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    label: str = Field(max_length=120)
    token_hash: str = Field(unique=True, max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

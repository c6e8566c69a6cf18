"""The names a person had before they were corrected: what was signed keeps the name it was signed under."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, core_table, within
from models.person import NAME
from models.person_name import is_same_name
from models.refusal import Refusal


class FormerName(SQLModel, table=True):
    """The name that a person had until an instant, at which another took its place."""

    __tablename__ = "former_name"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    name: str = Field(sa_type=within(NAME))
    until: datetime = Field(sa_type=UtcDateTime)


def name_at(person: sa.FromClause, at: sa.ColumnElement[datetime]) -> sa.ColumnElement[str]:
    """The name that somebody of ``person`` (the table, or an alias of it) had at an instant, as a column."""
    former = core_table(FormerName).alias()
    then = (
        sa.select(former.c.name)
        .where(former.c.person_id == person.c.id, former.c.until > at)
        .order_by(former.c.until, former.c.id)
        .limit(1)
    )
    return sa.func.coalesce(then.correlate_except(former).scalar_subquery(), person.c.name)


class InvalidName(Refusal):
    """A name that is empty, or the same."""


def name_refusal(name: str, present: str, sharers: Sequence[str] = ()) -> InvalidName | None:
    """Why ``name`` does not take the place of the ``present`` one; ``sharers`` have the same mailbox."""
    if not name:
        return InvalidName("Le nom est vide : écrivez le prénom et le nom.")
    if name == present:
        return InvalidName(f"« {name} » est déjà le nom enregistré : il n’y a rien à corriger.")
    if any(is_same_name(name, each) for each in sharers):
        return InvalidName(
            f"« {name} » est le nom de quelqu’un d’autre à la même adresse : écrivez ce qui les distingue."
        )
    return None

"""Types of columns that both kinds of database keep alike: aware instants, enums as their text; common lengths."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import cast

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlmodel import SQLModel

LONGEST_LINE = 200
"""Characters of a name or a title."""
LONGEST_REASON = 2000
"""Characters of the reason of an act, which is told and kept in the journal."""
LONGEST_TEXT = 5000
"""Characters of what people write at length: a comment, a summary, an agenda, the reason of a sign-off."""
LONGEST_CODE = 9
"""Characters of the code of a local authority."""
LONGEST_FILE_NAME = 255
"""Characters of the name of a file, as its sender had it."""
LONGEST_LINK = 1000
"""Characters of the address of a page, as a form takes it."""
LONGEST_ERROR = 500
"""Characters that are kept of why something did not leave."""


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware datetime, stored as UTC; a naive one is a mistake and is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: the database keeps aware ones only")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def stored(enum: type[StrEnum]) -> sa.Enum:
    """Column type of an enum kept as its text value, so that a new state needs no change of type."""
    return sa.Enum(
        enum,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def core_table(model: type[SQLModel]) -> sa.Table:
    """The Core table of a model, whose columns serve Core statements and ORM ones alike."""
    return cast("sa.Table", model.__table__)  # type: ignore[attr-defined]

"""Types of columns that both kinds of database keep alike, and refuse alike: texts, days, numbers, instants, enums."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlmodel import SQLModel

from models.limits import Count, Days, Euros, Limits, Text, words
from models.typed_text import shown

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

REASON = words("Motif", LONGEST_REASON)
FILE_NAME = Text("Nom du fichier", LONGEST_FILE_NAME)
LAST_ERROR = words("Erreur", LONGEST_ERROR, is_cut=True)
DAY = Days("Date")
DEADLINE = Days("Échéance")
DUE = Days("Échéance", 2000, 2099)
"""A day that a project works towards: what is counted from it, years later, is within the limits of its column."""
INSTANTS = Days("Date")
"""Of an instant, whichever it is."""


class _Limited(sa.types.TypeDecorator[Any]):
    """A column that takes what its ``limits`` take, as they read it; anything else is ``OutOfLimits``."""

    impl: Any = sa.String
    cache_ok = True

    def __init__(self, limits: Limits[Any], *arguments: Any) -> None:
        super().__init__(*arguments)
        self.limits = limits

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.limits.read(value)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self.impl_instance  # what is looked for may be anything


class _LimitedText(_Limited):
    cache_ok = True

    def __init__(self, limits: Text) -> None:
        super().__init__(limits, limits.most)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return LookedFor()


class _LimitedDay(_Limited):
    impl = sa.Date
    cache_ok = True


class _LimitedCount(_Limited):
    impl = sa.Integer
    cache_ok = True


class _LimitedEuros(_Limited):
    impl = sa.Numeric(12, 2)
    cache_ok = True


class LookedFor(sa.types.TypeDecorator[str]):
    """A text that is compared with a column: of any length, without what PostgreSQL cannot even read."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or value.isprintable():
            return value
        return shown(value)


_TYPES: dict[type[Limits[Any]], type[_Limited]] = {
    Text: _LimitedText,
    Days: _LimitedDay,
    Count: _LimitedCount,
    Euros: _LimitedEuros,
}


def within(limits: Limits[Any]) -> Any:
    """Column type of values within these limits, on both kinds of database."""
    return _TYPES[type(limits)](limits)


class _AnyInstant(sa.types.TypeDecorator[datetime]):
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


class UtcDateTime(_AnyInstant):
    """As such, and within the years of ``INSTANTS``: any other is ``OutOfLimits``."""

    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return super().process_bind_param(value and INSTANTS.read(value), dialect)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return _AnyInstant()  # what is looked for may be anything


def stored(enum: type[StrEnum]) -> sa.Enum:
    """Column type of an enum kept as its text value, so that a new state needs no change of type."""
    return sa.Enum(
        enum,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def limits_of(column: sa.Column[Any]) -> Limits[Any] | None:
    """What the values of a column are within, where it is said."""
    return column.type.limits if isinstance(column.type, _Limited) else None


def as_kept(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for a statement that takes its values whole: each as its column keeps it. Raises ``OutOfLimits``."""
    limits = ((name, value, limits_of(table.c[name])) for name, value in row.items())
    return {name: value if value is None or of is None else of.read(value) for name, value, of in limits}


def core_table(model: type[SQLModel]) -> sa.Table:
    """The Core table of a model, whose columns serve Core statements and ORM ones alike."""
    return cast("sa.Table", model.__table__)  # type: ignore[attr-defined]

"""What a value may be, stated once beside its column; columns, requests, files and forms all ask it here.

A value is read first (a text is cleaned), then measured. The sentence of what is refused names the field and the limit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Generic, Self, TypeVar

import sqlalchemy as sa
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, PydanticKnownError, core_schema

from models.refusal import Refusal
from models.typed_text import line, paragraph

T = TypeVar("T")
Day = TypeVar("Day", bound=date)

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Days and instants are within these years: far from the ends of the calendar, so that weeks may be added to them."""


class BeyondLimits(Refusal, sa.exc.DontWrapMixin):
    """A value that its column does not take, on either kind of database."""


class OutOfLimits(BeyondLimits):
    """One that is told by the name of its field."""

    def __init__(self, label: str, fault: str) -> None:
        self.label = label
        super().__init__(f"{label} : {fault}.")


class Limits(Generic[T]):
    """The base of what follows. ``label`` is the name of the field, as people read it."""

    label: str

    def read(self, value: T) -> T:
        """The value as it is kept; raises ``OutOfLimits``."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Text(Limits[str]):
    """``most`` characters at most, once it is cleaned (``models.typed_text``).

    ``is_needed``: it cannot be empty. ``is_cut``: we compose it of other texts, and what is too long ends with « … ».
    ``too_long`` makes the refusal of so many characters, where another than ours is known by its code.
    """

    label: str
    most: int
    clean: Callable[[str], str] = line
    is_needed: bool = False
    is_cut: bool = False
    too_long: Callable[[int], BeyondLimits] | None = None

    @property
    def needed(self) -> Self:
        """The same, that cannot be empty."""
        return replace(self, is_needed=True)

    def read(self, value: str) -> str:
        """The text as it is kept."""
        text = self.clean(value)
        if not text and self.is_needed:
            raise OutOfLimits(self.label, "ce champ est vide ; remplissez-le")
        return text if len(text) <= self.most else self._shortened(text)

    def _shortened(self, text: str) -> str:
        if self.is_cut:
            return text[: self.most - 1].rstrip() + "…"
        if self.too_long is not None:
            raise self.too_long(len(text))
        raise OutOfLimits(self.label, f"{len(text)} caractères ; raccourcissez à {self.most} au plus")

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._of_field, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        least = {"minLength": 1} if self.is_needed else {}
        return handler(schema) | {"maxLength": self.most} | least

    def _of_field(self, value: str | None) -> str | None:
        """The text of a field of a file or of a body, whose error says itself which one it is."""
        if value is None:
            return None
        text = self.clean(value)
        if not text and self.is_needed:
            raise PydanticKnownError("string_too_short", {"min_length": 1})
        if len(text) > self.most:
            raise PydanticKnownError("string_too_long", {"max_length": self.most})
        return text


def words(label: str, most: int, **options: Any) -> Text:
    """A text of several lines."""
    return Text(label, most, paragraph, **options)


@dataclass(frozen=True, slots=True)
class Days(Limits[date]):
    """A day, or an instant, from one year to another, both included."""

    label: str
    first: int = FIRST_YEAR
    last: int = LAST_YEAR

    def read(self, value: Day) -> Day:
        """The day itself."""
        if fault := self.fault(value):
            raise OutOfLimits(self.label, fault)
        return value

    def fault(self, day: date) -> str | None:
        """What is wrong with a day, and what to do."""
        if self.first <= day.year <= self.last:
            return None
        return f"le {french_day(day)} est hors limites ; donnez une date de {self.first} à {self.last}"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._of_field, handler(source))

    def _of_field(self, value: date | None) -> date | None:
        if value is not None and (fault := self.fault(value)):
            raise PydanticCustomError("rule", "{text}", {"text": fault})
        return value


def french_day(day: date) -> str:
    """« 03/03/2027 », the year always on four digits."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


@dataclass(frozen=True, slots=True)
class Count(Limits[int]):
    """A whole number from ``least`` to ``most``, both included."""

    label: str
    least: int
    most: int

    def read(self, value: int) -> int:
        """The number itself."""
        if not self.least <= value <= self.most:
            raise OutOfLimits(self.label, f"écrivez un nombre de {self.least} à {self.most}")
        return value


MOST_EUROS = 10**10 - 1
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Euros(Limits[Decimal]):
    """An amount, to the cent."""

    label: str

    def read(self, value: Decimal) -> Decimal:
        """The amount, with its cents."""
        is_amount = value.is_finite() and 0 <= value <= MOST_EUROS
        if not is_amount or value != value.quantize(_CENT):
            raise OutOfLimits(self.label, "écrivez un montant positif, au centime près, dix chiffres au plus")
        return value.quantize(_CENT)

"""The id of a stored row: optional in the tables' classes, as the database gives it."""

from typing import Protocol


class Row(Protocol):
    """A row of a table with an id; it is ``None`` until the row is written."""

    @property
    def id(self) -> int | None: ...


def identity(row: Row) -> int:
    """The id of a row that is in the database; raises ``LookupError`` for one that is not."""
    if row.id is None:
        raise LookupError(f"{row!r} is not in the database yet")
    return row.id

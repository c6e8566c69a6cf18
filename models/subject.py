"""What a reminder or a notice is about, named by its identifiers: one writer, one reader."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing and what of it: ``kind`` is its table (« deliverable », « stage », « commitment »…), ``id`` its row.

    ``parts`` narrow it down: « version-3 », « party-2 » and « round-1 », « agency ».
    """

    kind: str
    id: int
    parts: tuple[str, ...] = ()

    @classmethod
    def of(cls, kind: str, row_id: int | None, *steps: str, **numbers: int | None) -> Self:
        """``Subject.of("deliverable", 12, party=2, round=1)``; a row that is not in the database has none:
        raises ``LookupError``."""
        if row_id is None or None in numbers.values():
            raise LookupError(f"this {kind} is not in the database yet")
        return cls(kind, row_id, (*steps, *(f"{name}-{number}" for name, number in numbers.items())))

    @classmethod
    def parse(cls, text: str) -> Self:
        """From what ``str`` wrote; raises ``ValueError`` for anything else."""
        head, *parts = text.split("/")
        kind, _, number = head.rpartition("-")
        return cls(kind, int(number), tuple(parts))

    def __str__(self) -> str:
        """« deliverable-12/party-2/round-1 », as reminders are stored."""
        return "/".join((f"{self.kind}-{self.id}", *self.parts))

    @property
    def key(self) -> str:
        """« deliverable-12-round-1 », as it stands in the key of a notice."""
        return "-".join((f"{self.kind}-{self.id}", *self.parts))

"""What was handed over, to whom, as its one mail says it."""

from dataclasses import dataclass
from typing import Any

from cast import Cast

from models.notice import DUTIES
from models.person import Person


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One mail: its reader's address, and its lines with their deadlines."""

    reader: str
    lines: tuple[tuple[str, str], ...]


def handed_over(cast: Cast) -> list[HandedOver]:
    """The mails that hand something over, in the order in which they were owed."""
    emails = _addresses(cast)
    return [HandedOver(emails[each.recipient_id], _lines(each.payload)) for each in cast.notices(DUTIES)]


def told_since(cast: Cast, before: int) -> dict[str, HandedOver]:
    """Those since so many, by reader; nobody has two of them."""
    found = handed_over(cast)[before:]
    readers = [each.reader for each in found]
    assert len(set(readers)) == len(readers), f"two mails for one change: {readers}"
    return {each.reader: each for each in found}


def _lines(payload: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (item["text"], item["due_on"]) for project in payload["projects"] for item in project["items"]
    )


def _addresses(cast: Cast) -> dict[int, str]:
    return {each.id: each.email for each in cast.all(Person)}  # type: ignore[attr-defined]

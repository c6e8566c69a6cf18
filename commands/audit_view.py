"""The journal of a project, or the register, as a person reads it."""

from collections.abc import Sequence
from typing import Any

from commands.printing import moment, print_table
from models.journal_event import EVENT_LABELS
from models.person import AuthMethod
from models.sign_off import Decision
from queries.ledger.verify_journal import EntryShown

SHOWN = (
    "stage",
    "deliverable",
    "version",
    "decision",
    "role",
    "strand",
    "until",
    "commitment",
    "title",
    "reason",
)
"""What of a fact's content is shown beside it."""


def print_entries(entries: Sequence[EntryShown], sentences: Sequence[str] | None = None) -> None:
    """Print the facts, oldest first; ``sentences`` tell the content of each, in the register."""
    said = sentences or [_content(entry) for entry in entries]
    rows = [
        (
            str(entry.seq),
            moment(entry.at),
            EVENT_LABELS.get(entry.event, entry.event),
            entry.actor or AuthMethod.system.label,
            entry.party or "–",
            entry.auth_method.label,
            content,
        )
        for entry, content in zip(entries, said, strict=True)
    ]
    print_table(("N°", "Quand", "Fait", "Qui", "Pour", "Reconnu par", "Quoi"), rows, empty="Journal vide.")


def _content(entry: EntryShown) -> str:
    return ", ".join(_word(name, entry.payload[name]) for name in SHOWN if entry.payload.get(name))


def _word(name: str, value: Any) -> str:
    if name == "decision":
        return Decision(value).label
    return f"v{value}" if name == "version" else str(value)

"""The audit journal: append-only, one hash chain per project, so that no line changes without being seen."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import LONGEST_CODE, UtcDateTime, stored
from models.person import AuthMethod


class Journal(SQLModel, table=True):
    """The end of a chain: the journal of a project, or the register (no project) of what concerns them all.

    Its row is locked by whoever writes a fact of the project, which makes the chain one line.
    ``mirrored_seq`` is the last entry already told to Prefect as an event.
    """

    id: int | None = Field(default=None, primary_key=True)
    project_id: int | None = Field(default=None, foreign_key="shared_project.id", unique=True)
    seq: int = 0
    head: str = Field(default="", max_length=64)
    mirrored_seq: int = 0


class AuditEntry(SQLModel, table=True):
    """One fact: who (``actor_id``, empty for the engine), when, on behalf of which party, how authenticated.

    ``hash`` is the SHA-256 of the entry's canonical JSON with the hash of the entry before it. People stand
    in it by their number only, so that a name can be erased without breaking the chain (GDPR).
    """

    __tablename__ = "audit_entry"
    __table_args__ = (sa.UniqueConstraint("journal_id", "seq", name="uq_audit_journal_seq"),)

    id: int | None = Field(default=None, primary_key=True)
    journal_id: int = Field(foreign_key="journal.id")
    seq: int
    at: datetime = Field(sa_type=UtcDateTime)
    event: str = Field(max_length=60)
    actor_id: int | None = Field(default=None, foreign_key="person.id")
    auth_method: AuthMethod = Field(sa_type=stored(AuthMethod))
    party_code: str | None = Field(default=None, max_length=LONGEST_CODE)
    payload: dict[str, Any] = Field(sa_type=sa.JSON)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


PROTECTION = {
    "sqlite": {"audit_entry_no_update", "audit_entry_no_delete"},
    "postgresql": {"audit_entry_append_only", "audit_entry_no_truncate"},
}
"""The triggers that keep the journal append-only, by kind of database: a domain database has no other."""
HASHED = ("journal_id", "seq", "event", "actor_id", "auth_method", "party_code", "payload", "previous_hash")


def entry_hash(entry: Mapping[str, Any]) -> str:
    """SHA-256 (hexadecimal) of an entry's fields, in JSON with sorted keys and the instant in UTC."""
    content = {name: entry[name] for name in HASHED}
    content["at"] = entry["at"].astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


JournalEnd = tuple[int, int, str]
"""The end of a chain, its row locked: number of the journal, of its last entry, and that entry's hash."""

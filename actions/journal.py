"""Write a fact into the audit journal, in the transaction of the fact."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from models.audit_entry import HASHED, AuditEntry, Journal, entry_hash
from models.person import Actor
from models.prepared import Prepared

JOURNAL = Journal.__table__  # type: ignore[attr-defined]
ENTRY = AuditEntry.__table__  # type: ignore[attr-defined]

JournalEnd = tuple[int, int, str]
"""The end of a chain, its row locked: number of the journal, of its last entry, and that entry's hash."""

_END = sa.select(JOURNAL.c.id, JOURNAL.c.seq, JOURNAL.c.head)
_END_OF_PROJECT = _END.where(JOURNAL.c.project_id == sa.bindparam("project")).with_for_update()
_END_OF_REGISTER = _END.where(JOURNAL.c.project_id.is_(None)).with_for_update()


def lock_register(session: Session) -> None:
    """Take the register's lock before reading what concerns all projects (people, mandates, titles)."""
    session.connection().execute(_END_OF_REGISTER).one()


def record(
    session: Session,
    event: str,
    *,
    project_id: int | None,
    actor: Actor,
    now: datetime,
    party_code: str | None = None,
    **payload: Any,
) -> None:
    """Add one entry to the project's journal (or, without project, to the register). Does not commit.

    ``payload`` holds JSON values: identifiers, hashes, states, reasons; no name, no address.
    """
    connection = session.connection()
    end = _END_OF_REGISTER if project_id is None else _END_OF_PROJECT
    line = connection.execute(end, {} if project_id is None else {"project": project_id}).one()
    append(connection, tuple(line), event, actor=actor, now=now, party_code=party_code, payload=payload)


def append(
    connection: Connection,
    end: JournalEnd,
    event: str,
    *,
    actor: Actor,
    now: datetime,
    party_code: str | None,
    payload: Mapping[str, Any],
) -> None:
    """As ``record``, when the caller already holds the lock and the end of the journal."""
    journal_id, seq, head = end
    entry = {
        "journal_id": journal_id,
        "seq": seq + 1,
        "at": now,
        "event": event,
        "actor_id": actor.person_id,
        "auth_method": actor.auth_method,
        "party_code": party_code,
        "payload": dict(payload),
        "previous_hash": head,
    }
    entry["hash"] = entry_hash(entry)
    _INSERT.run(connection, **entry)
    _MOVE_END.run(connection, journal=journal_id, new_seq=seq + 1, new_head=entry["hash"])


_INSERT = Prepared(sa.insert(ENTRY).inline(), *HASHED, "at", "hash")
_MOVE_END = Prepared(
    sa.update(JOURNAL)
    .where(JOURNAL.c.id == sa.bindparam("journal"))
    .values(seq=sa.bindparam("new_seq"), head=sa.bindparam("new_head"))
)

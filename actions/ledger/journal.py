"""Write a fact into the audit journal, in the transaction of the fact."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from database.prepared import Prepared
from models.audit_entry import HASHED, JournalEnd, entry_hash
from models.person import Actor, ActorOrSystem, AuthMethod
from models.tables import AUDIT_ENTRY, JOURNAL

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
    actor: ActorOrSystem,
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
    actor: ActorOrSystem,
    now: datetime,
    party_code: str | None,
    payload: Mapping[str, Any],
) -> None:
    """As ``record``, when the caller already holds the lock and the end of the journal."""
    entry = _chained(end, event, actor, now, party_code, payload)
    _INSERT.run(connection, **entry)
    _MOVE_END.run(connection, **_moved(entry))


def _chained(
    end: JournalEnd,
    event: str,
    actor: ActorOrSystem,
    now: datetime,
    party_code: str | None,
    payload: Mapping[str, Any],
) -> dict[str, Any]:
    """The entry that comes after this end."""
    journal_id, seq, head = end
    entry = {
        "journal_id": journal_id,
        "seq": seq + 1,
        "at": now,
        "event": event,
        "actor_id": actor.person_id if isinstance(actor, Actor) else None,
        "auth_method": actor.auth_method,
        "party_code": party_code,
        "payload": dict(payload),
        "previous_hash": head,
    }
    return entry | {"hash": entry_hash(entry)}


def _moved(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The journal's new end, as parameters of ``_MOVE``."""
    return {"journal": entry["journal_id"], "new_seq": entry["seq"], "new_head": entry["hash"]}


def by_proconnect(actor: ActorOrSystem) -> dict[str, str | None]:
    """What the journal keeps of an entry by ProConnect: how sure it was, and the SIREN of the organisation."""
    if not isinstance(actor, Actor) or actor.auth_method is not AuthMethod.proconnect:
        return {}
    return {"acr": actor.acr, "organisation": actor.organisation_siren}


def record_on_each(
    connection: Connection,
    event: str,
    payloads: Mapping[int, Mapping[str, Any]],
    *,
    actor: ActorOrSystem,
    now: datetime,
    party_code: str | None = None,
) -> None:
    """As ``record``, one entry in the journal of each project of ``payloads``. Does not commit.

    The journals are locked in one order, so that two who do it never wait for each other.
    """
    ends = (
        sa.select(JOURNAL.c.project_id, JOURNAL.c.id, JOURNAL.c.seq, JOURNAL.c.head)
        .where(JOURNAL.c.project_id.in_(list(payloads)))
        .order_by(JOURNAL.c.id)
        .with_for_update()
    )
    entries = [
        _chained((journal_id, seq, head), event, actor, now, party_code, payloads[project_id])
        for project_id, journal_id, seq, head in connection.execute(ends)
    ]
    if entries:
        connection.execute(sa.insert(AUDIT_ENTRY), entries)
        connection.execute(_MOVE, [_moved(entry) for entry in entries])


_INSERT = Prepared(sa.insert(AUDIT_ENTRY).inline(), *HASHED, "at", "hash")
_MOVE = (
    sa.update(JOURNAL)
    .where(JOURNAL.c.id == sa.bindparam("journal"))
    .values(seq=sa.bindparam("new_seq"), head=sa.bindparam("new_head"))
)
_MOVE_END = Prepared(_MOVE)

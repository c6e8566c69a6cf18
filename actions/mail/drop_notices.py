"""Drop what has no reason to leave any more: a digest with nothing left to say, a message whose hour has passed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.engine import Database
from models.columns import LONGEST_ERROR
from models.notice import DIGESTS, WAITING, is_owed, is_unclaimed
from models.tables import NOTICE, REMINDER

AT_A_TIME = 500
TOO_LATE = "son heure est passée avant que le message n’ait pu partir"


def drop_digest(db: Database, notice_id: int, reason: str, *, now: datetime) -> None:
    """Drop the digest for good, and free its lines for the next one. Commits, in one transaction.

    ``reason`` is a French sentence for the readers of the list of notices.
    """
    with db.write_statements() as connection:
        _drop(connection, _rows(connection, NOTICE.c.id == notice_id), reason, now)


def drop_notice(db: Database, notice_id: int, reason: str, *, now: datetime) -> None:
    """Give up a notice that is no digest, with the reason. Commits."""
    with db.write_statements() as connection:
        _mark_dropped(connection, [notice_id], reason, now)


def drop_expired(db: Database, *, now: datetime) -> int:
    """Drop all that could not leave before it expired; returns how many. Commits, ``AT_A_TIME`` per transaction.

    What a deliverer holds at that moment is left to it, until its claim ends.
    """
    dropped = 0
    while _is_there_any(db, now):
        with db.write_statements() as connection:
            rows = _rows(connection, _expired(now))
            _drop(connection, rows, TOO_LATE, now)
        dropped += len(rows)
        if len(rows) < AT_A_TIME:
            break
    return dropped


def _expired(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(sa.text(WAITING), NOTICE.c.expires_at <= now, is_unclaimed(now))


def _is_there_any(db: Database, now: datetime) -> bool:
    with db.read() as session:
        return bool(session.connection().scalar(sa.select(sa.exists().where(_expired(now)))))


def _rows(connection: Connection, which: sa.ColumnElement[bool]) -> Sequence[Any]:
    names = ("id", "message", "recipient_id", "payload", "channel_id")
    columns = [NOTICE.c[name] for name in names]
    query = sa.select(*columns).where(which, is_owed())
    return connection.execute(query.limit(AT_A_TIME).with_for_update(skip_locked=True)).all()


def _drop(connection: Connection, rows: Sequence[Any], reason: str, now: datetime) -> None:
    _mark_dropped(connection, [row.id for row in rows], reason, now)
    # A copy by a channel carries neither: only the mail does.
    digests = [row for row in rows if row.message in DIGESTS and row.channel_id is None]
    free_news(connection, [row.id for row in digests])
    people: dict[date, list[int]] = {}
    for row in digests:
        if day := row.payload.get("day"):
            people.setdefault(date.fromisoformat(day), []).append(row.recipient_id)
    for day, recipients in people.items():
        lines = sa.delete(REMINDER).where(REMINDER.c.day == day, REMINDER.c.recipient_id.in_(recipients))
        connection.execute(lines)


def _mark_dropped(connection: Connection, numbers: list[int], reason: str, now: datetime) -> None:
    which = sa.update(NOTICE).where(NOTICE.c.id.in_(numbers), NOTICE.c.sent_at.is_(None))
    connection.execute(which.values(dropped_at=now, claimed_until=None, last_error=reason[:LONGEST_ERROR]))


def free_news(connection: Connection, digest_ids: Iterable[int]) -> None:
    """The news these digests were to carry wait for the next ones. Does not commit."""
    carried = sa.update(NOTICE).where(NOTICE.c.digest_id.in_(list(digest_ids)), NOTICE.c.sent_at.is_(None))
    connection.execute(carried.values(digest_id=None))

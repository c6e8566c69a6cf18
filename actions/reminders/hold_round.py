"""The round of a day is one process's at a time: it takes it, keeps it while it works, and says when it is over."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.engine import Database
from database.insert_once import insert_once
from models.reminder import digest_key
from models.tables import NOTICE, REMINDER, REMINDER_ROUND

LEASE = timedelta(minutes=2)
"""A process that is lost leaves its round to another after this time."""


class RoundLost(Exception):
    """Another process has taken the round over: what this one was about to write is undone."""


@dataclass(frozen=True, slots=True)
class HeldRound:
    """A round that this process holds."""

    day: date
    token: str

    @classmethod
    def take(cls, db: Database, day: date, now: datetime) -> Self | None:
        """The round of ``day``, unless it is over or another process works on it. Commits."""
        held = cls(day, str(uuid4()))
        with db.write_statements() as connection:
            row = {"day": day, "token": held.token, "held_until": now + LEASE}
            # Without this option PostgreSQL's driver says -1, whether the row was there or not.
            once = insert_once(connection, REMINDER_ROUND, "day").execution_options(preserve_rowcount=True)
            if connection.execute(once, row).rowcount == 1:
                return held
            mine = (
                sa.update(REMINDER_ROUND)
                .where(REMINDER_ROUND.c.day == day, REMINDER_ROUND.c.written_at.is_(None), _is_free(now))
                .values(token=held.token, held_until=now + LEASE)
            )
            return held if connection.execute(mine).rowcount else None

    def keep(self, connection: Connection, now: datetime, **values: datetime) -> None:
        """Hold it a little longer, in the transaction of what is written; raises ``RoundLost``."""
        held = sa.update(REMINDER_ROUND).where(
            REMINDER_ROUND.c.day == self.day, REMINDER_ROUND.c.token == self.token
        )
        if not connection.execute(held.values(held_until=now + LEASE, **values)).rowcount:
            raise RoundLost(self.day.isoformat())

    def end(self, connection: Connection, now: datetime) -> None:
        """Every digest of the day is in the outbox. Does not commit."""
        self.keep(connection, now, written_at=now)


def _is_free(now: datetime) -> sa.ColumnElement[bool]:
    """Nobody holds it now; one held for longer than ``LEASE`` was taken under a clock that ran ahead."""
    return sa.or_(REMINDER_ROUND.c.held_until < now, REMINDER_ROUND.c.held_until > now + LEASE)


def give_back_unfinished(connection: Connection, day: date) -> None:
    """Take away the lines of earlier rounds that no digest ever carried. Does not commit."""
    unfinished = sa.select(REMINDER_ROUND.c.day).where(
        REMINDER_ROUND.c.day < day, REMINDER_ROUND.c.written_at.is_(None)
    )
    for earlier in connection.execute(unfinished).scalars().all():
        recipients = sa.select(REMINDER.c.recipient_id).where(REMINDER.c.day == earlier).distinct()
        for person_id in connection.execute(recipients).scalars().all():
            written = sa.select(NOTICE.c.id).where(NOTICE.c.key == digest_key(earlier, person_id))
            if connection.execute(written).first() is None:
                forget_lines(connection, earlier, person_id)
        connection.execute(sa.delete(REMINDER_ROUND).where(REMINDER_ROUND.c.day == earlier))


def forget_lines(connection: Connection, day: date, person_id: int) -> None:
    """The digest of that day did not leave: its lines are to be reminded again. Does not commit."""
    connection.execute(sa.delete(REMINDER).where(REMINDER.c.day == day, REMINDER.c.recipient_id == person_id))

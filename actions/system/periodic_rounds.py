"""Keep the trace of each periodic round, and have one process at a time run the one that asks for it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.engine import Database
from database.insert_once import insert_once
from models.periodic_round import CLOCK_MARGIN, RELAY, SILENT_AFTER, RoundRunner
from models.tables import PERIODIC_ROUND

LEASE = timedelta(minutes=3)
"""A process that died leaves its round to another after this time."""


def begin_round(db: Database, name: str, by: RoundRunner, *, now: datetime) -> None:
    """Note that a round of ``name`` begins. Commits."""
    with db.write_statements() as connection:
        _ensure(connection, name)
        _update(connection, name, started_at=now, started_by=by)


def take_round(db: Database, name: str, by: RoundRunner, *, now: datetime) -> str | None:
    """As ``begin_round``, for one process at a time: the token of the claim, None when another holds it. Commits.

    The claim lasts for ``LEASE``; one that ends later than that was written by a clock that was wrong.
    """
    free = (
        PERIODIC_ROUND.c.held_until.is_(None)
        | (PERIODIC_ROUND.c.held_until < now)
        | (PERIODIC_ROUND.c.held_until > now + LEASE)
    )
    token = str(uuid4())
    with db.write_statements() as connection:
        _ensure(connection, name)
        taken = sa.update(PERIODIC_ROUND).where(PERIODIC_ROUND.c.name == name, free)
        values = {"token": token, "held_until": now + LEASE, "started_at": now, "started_by": by}
        return token if connection.execute(taken.values(values)).rowcount else None


def give_up_round(db: Database, name: str, token: str) -> None:
    """The round did not complete: another may take it at once. Commits."""
    with db.write_statements() as connection:
        _let_go(connection, name, token)


def complete_round(
    db: Database, name: str, by: RoundRunner, *, now: datetime, repairs: int = 0, token: str | None = None
) -> None:
    """Note that a round of ``name`` completed, and let go of the claim of ``token``. Commits."""
    with db.write_statements() as connection:
        _ensure(connection, name)
        _update(connection, name, completed_at=now, completed_by=by, repairs=repairs)
        if token is not None:
            _let_go(connection, name, token)


def beat(db: Database, *, now: datetime) -> None:
    """The relay is alive, and has been since ``started_at`` when its last sign of life is recent. Commits."""
    last = PERIODIC_ROUND.c.completed_at
    is_recent = sa.and_(
        last > now - SILENT_AFTER, last < now + CLOCK_MARGIN, PERIODIC_ROUND.c.started_at.is_not(None)
    )
    with db.write_statements() as connection:
        _ensure(connection, RELAY)
        since = sa.case(
            (is_recent, PERIODIC_ROUND.c.started_at), else_=sa.literal(now, PERIODIC_ROUND.c.started_at.type)
        )
        _update(connection, RELAY, started_at=since, completed_at=now)


def _ensure(connection: Connection, name: str) -> None:
    connection.execute(insert_once(connection, PERIODIC_ROUND, "name"), {"name": name, "repairs": 0})


def _let_go(connection: Connection, name: str, token: str) -> None:
    mine = sa.update(PERIODIC_ROUND).where(PERIODIC_ROUND.c.name == name, PERIODIC_ROUND.c.token == token)
    connection.execute(mine.values(held_until=None, token=None))


def _update(connection: Connection, name: str, **values: Any) -> None:
    connection.execute(sa.update(PERIODIC_ROUND).where(PERIODIC_ROUND.c.name == name).values(**values))

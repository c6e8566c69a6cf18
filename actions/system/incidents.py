"""Keep what was not well and until when, so that the operator is written to once for each incident."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.engine import Database
from database.insert_once import insert_once
from models.incident import OVER_AFTER, TOLD_AFTER, Incident
from models.tables import INCIDENT

_OPEN = INCIDENT.c.is_open.is_(True)


def note_state(
    db: Database, not_well: Sequence[str], *, now: datetime, told_at: datetime | None = None
) -> None:
    """Open an incident, or keep it open, while something is not well; end it once all has been well for
    ``OVER_AFTER``. ``told_at``: when the operator was mailed already (while the database was away). Commits."""
    with db.read() as session:
        seen_at = session.connection().scalar(sa.select(INCIDENT.c.seen_at).where(_OPEN))
    if not not_well and (seen_at is None or abs(now - seen_at) < OVER_AFTER):
        return
    with db.write_statements() as connection:
        if not_well:
            _keep_open(connection, not_well, now, told_at)
        else:
            connection.execute(sa.update(INCIDENT).where(_OPEN).values(is_open=None, ended_at=now))


def _keep_open(
    connection: Connection, not_well: Sequence[str], now: datetime, told_at: datetime | None
) -> None:
    row = {"is_open": True, "not_well": "", "began_at": now, "seen_at": now, "told_at": told_at}
    connection.execute(insert_once(connection, INCIDENT, "is_open"), row)
    before = connection.execute(sa.select(INCIDENT.c.not_well).where(_OPEN)).scalar_one().split()
    names = " ".join(dict.fromkeys([*before, *not_well]))
    connection.execute(sa.update(INCIDENT).where(_OPEN).values(not_well=names, seen_at=now))


def claim_report(db: Database, *, now: datetime) -> Incident | None:
    """The open incident, if it is time to report it and nobody has: the caller has to report it. Commits."""
    untold = sa.and_(_OPEN, INCIDENT.c.told_at.is_(None), INCIDENT.c.began_at <= now - TOLD_AFTER)
    return _claim(db, untold, INCIDENT.c.told_at, now)


def claim_report_end(db: Database, *, now: datetime) -> Incident | None:
    """A reported incident that is over, unless its end was reported: the caller has to report it. Commits."""
    untold = sa.and_(
        INCIDENT.c.ended_at.is_not(None), INCIDENT.c.told_at.is_not(None), INCIDENT.c.end_told_at.is_(None)
    )
    return _claim(db, untold, INCIDENT.c.end_told_at, now)


def _claim(
    db: Database, which: sa.ColumnElement[bool], column: sa.Column[Any], now: datetime
) -> Incident | None:
    query = sa.select(INCIDENT).where(which).order_by(INCIDENT.c.id).limit(1)
    with db.read() as session:
        row = session.connection().execute(query).mappings().first()
    if row is None:
        return None
    with db.write_statements() as connection:
        mine = sa.update(INCIDENT).where(INCIDENT.c.id == row["id"], column.is_(None))
        if not connection.execute(mine.values({column.name: now})).rowcount:
            return None
    return Incident(**row)


def release_report(db: Database, incident: Incident, *, is_end: bool) -> None:
    """Release the claim when the mail did not leave, so that the next process sends it. Commits."""
    column = "end_told_at" if is_end else "told_at"
    with db.write_statements() as connection:
        connection.execute(sa.update(INCIDENT).where(INCIDENT.c.id == incident.id).values({column: None}))

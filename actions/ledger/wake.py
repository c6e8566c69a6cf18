"""Write the outbox rows for Prefect, in the transaction of the fact."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from database.engine import Database
from database.prepared import Prepared
from models.outbox import NudgeKind
from models.stage import AT_WORK
from models.tables import NUDGE, STAGE


def nudge(
    connection: Connection,
    kind: NudgeKind,
    stage_id: int | None,
    now: datetime,
    pause: timedelta = timedelta(0),
) -> None:
    """Add one row to the outbox, to be delivered after ``pause``. Does not commit."""
    _INSERT.run(connection, kind=kind, stage_id=stage_id, created_at=now, next_try_at=now + pause, attempts=0)


_INSERT = Prepared(sa.insert(NUDGE).inline(), "kind", "stage_id", "created_at", "next_try_at", "attempts")


_COUNT = sa.update(STAGE).where(STAGE.c.id == sa.bindparam("stage")).values(fact_seq=STAGE.c.fact_seq + 1)


def wake(session: Session, stage_id: int, now: datetime) -> None:
    """Count a fact that concerns this stage, and wake its flow run. Does not commit."""
    session.connection().execute(_COUNT, {"stage": stage_id})
    nudge(session.connection(), NudgeKind.wake_stage, stage_id, now)


def wake_all(session: Session, project_id: int, now: datetime) -> None:
    """Wake the flow run of every stage at work, after a change to the project itself. Does not commit."""
    at_work = sa.select(STAGE.c.id).where(STAGE.c.project_id == project_id, STAGE.c.status.in_(AT_WORK))
    for stage_id in session.connection().execute(at_work).scalars().all():
        wake(session, stage_id, now)


def mark_seen(db: Database, stage_id: int, fact_seq: int) -> None:
    """Note the last fact that a run of the stage has seen. Commits."""
    with db.write_statements() as connection:
        seen = sa.update(STAGE).where(STAGE.c.id == stage_id, STAGE.c.seen_seq < fact_seq)
        connection.execute(seen.values(seen_seq=fact_seq))

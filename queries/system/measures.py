"""What the system has to do and has done, in figures, for ``/metrics``: a few statements, each by an index or short."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import col

from database.engine import Database
from models.audit_entry import Journal
from models.notice import NOTICE_STATE, WAITING, Notice, NoticeState
from models.outbox import Nudge
from models.periodic_round import RECONCILE, overdue
from models.shared_project import ProjectStatus, SharedProject
from models.sign_off import SignOff
from models.stage import UNDER_REVIEW, Stage
from queries.system.rounds import rounds_by_name

OUTCOMES = {
    NoticeState.sent: "sent",
    NoticeState.failed: "given_up",
    NoticeState.dropped: "dropped",
    NoticeState.held: "held",
    NoticeState.waiting: "waiting",
}
"""What ``/metrics`` calls the states of a notice."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done now. Ages in seconds, 0 when nothing waits; of a round, since it last completed."""

    projects: dict[str, int]
    stages: dict[str, int]
    gates_waiting: int
    wake_ups_waiting: int
    oldest_wake_up: float
    notices_waiting: int
    oldest_notice: float
    rounds: dict[str, float]
    overdue: dict[str, bool]
    repairs: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What was ever done: whole tables are counted."""

    notices: dict[str, int]
    sign_offs: dict[str, int]
    facts: int


def measure_work(db: Database, *, now: datetime) -> Work:
    """What waits. A notice's age counts from when it should have left."""
    with db.read() as session:
        connection = session.connection()
        wake_ups, first_wake_up = _waiting(connection, col(Nudge.created_at), col(Nudge.done_at).is_(None))
        notices, first_notice = _waiting(connection, col(Notice.next_try_at), sa.text(WAITING))
        rounds = rounds_by_name(session)
        return Work(
            projects=_by(connection, col(SharedProject.status)),
            stages=_by(connection, col(Stage.status)),
            gates_waiting=_gates_waiting(connection),
            wake_ups_waiting=wake_ups,
            oldest_wake_up=_age(first_wake_up, now),
            notices_waiting=notices,
            oldest_notice=_age(first_notice, now),
            rounds={name: _age(row.completed_at, now) for name, row in rounds.items() if row.completed_at},
            overdue={name: name in overdue(rounds, now) for name in rounds},
            repairs=rounds[RECONCILE].repairs if RECONCILE in rounds else 0,
        )


def measure_totals(db: Database) -> Totals:
    """What was done since the system began."""
    with db.read() as session:
        connection = session.connection()
        return Totals(
            notices=_notices_by_outcome(connection),
            sign_offs=_by(connection, col(SignOff.decision)),
            facts=int(connection.scalar(sa.select(sa.func.sum(Journal.seq))) or 0),
        )


def _by(connection: Connection, column: Any) -> dict[str, int]:
    rows = connection.execute(sa.select(column, sa.func.count()).group_by(column))
    return {str(value): int(number) for value, number in rows}


def _waiting(
    connection: Connection,
    instant: Any,
    condition: sa.ColumnElement[bool] | sa.TextClause,
) -> tuple[int, datetime | None]:
    count, first = connection.execute(sa.select(sa.func.count(), sa.func.min(instant)).where(condition)).one()
    return int(count), first


def _age(instant: datetime | None, now: datetime) -> float:
    return max(0.0, (now - instant).total_seconds()) if instant else 0.0


def _gates_waiting(connection: Connection) -> int:
    waiting = (
        sa.select(sa.func.count())
        .select_from(Stage)
        .join(SharedProject)
        .where(col(Stage.status).in_(UNDER_REVIEW), col(SharedProject.status) == ProjectStatus.active)
    )
    return connection.execute(waiting).scalar_one()


def _notices_by_outcome(connection: Connection) -> dict[str, int]:
    """In one reading of the table; every outcome is named, so that each has its curve from the beginning."""
    counts = _by(connection, NOTICE_STATE)
    return {outcome: counts.get(state, 0) for state, outcome in OUTCOMES.items()}

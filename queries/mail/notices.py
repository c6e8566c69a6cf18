"""What became of the mails: those that wait, those that were given up, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from models.notice import NOT_GONE, NOTICE_STATE, NoticeState
from models.tables import NOTICE, PROJECT
from queries.mail.claimed import AS_CLAIMED, ClaimedNotice, as_claimed


@dataclass(frozen=True, slots=True)
class ListedNotice:
    """A notice, where it stands, and its last dates."""

    notice: ClaimedNotice
    state: NoticeState
    created_at: datetime
    next_try_at: datetime
    sent_at: datetime | None
    failed_at: datetime | None
    dropped_at: datetime | None
    expires_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class NoticeList:
    """The newest of those that were asked for, and how many there are in all."""

    notices: list[ListedNotice]
    total: int


_DATES = ("created_at", "next_try_at", "sent_at", "failed_at", "dropped_at", "expires_at")


def list_notices(
    session: Session,
    states: tuple[NoticeState, ...] = NOT_GONE,
    *,
    project_id: int | None = None,
    limit: int = 50,
) -> NoticeList:
    """The notices in one of these states (all of them for none), the newest first."""
    conditions: list[sa.ColumnElement[bool]] = []
    if states:
        conditions.append(NOTICE_STATE.in_([state.value for state in states]))
    if project_id is not None:
        conditions.append(PROJECT.c.id == project_id)
    columns = (*(NOTICE.c[name] for name in _DATES), NOTICE.c.last_error, NOTICE_STATE.label("state"))
    query = AS_CLAIMED.add_columns(*columns).where(*conditions)
    connection = session.connection()
    rows = connection.execute(query.order_by(NOTICE.c.id.desc()).limit(limit)).all()
    return NoticeList([_listed(row) for row in rows], _count(session, conditions))


def _count(session: Session, conditions: list[sa.ColumnElement[bool]]) -> int:
    every = sa.select(sa.func.count()).select_from(
        NOTICE.outerjoin(PROJECT, PROJECT.c.id == NOTICE.c.project_id)
    )
    return session.connection().execute(every.where(*conditions)).scalar_one()


def _listed(row: Any) -> ListedNotice:
    dates = {name: row._mapping[name] for name in _DATES}
    return ListedNotice(as_claimed(row), NoticeState(row.state), last_error=row.last_error, **dates)

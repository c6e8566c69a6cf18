"""Take the mails that are owed, one deliverer at a time, and mark what became of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm
from sqlmodel import col, select

from actions.notify import NOTICE
from models.database import Database
from models.notice import Notice
from models.person import Person
from models.shared_project import SharedProject

LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
MOST_ATTEMPTS = 30
"""With these pauses a mail is tried for about a week before it is given up."""


@dataclass(frozen=True, slots=True)
class ClaimedNotice:
    """A mail this process has to send before its claim expires, with all that its message needs."""

    id: int
    key: str
    message: str
    payload: dict[str, Any]
    attempts: int
    recipient_name: str
    recipient_email: str
    project_title: str
    project_slug: str
    agent_name: str
    agent_email: str


def claim_notices(db: Database, *, now: datetime, most: int = 10) -> list[ClaimedNotice]:
    """Claim up to ``most`` mails that are due, oldest first, for ``LEASE``. Commits.

    The conditional update decides between two deliverers: a row that another has claimed is passed over.
    """
    free = (
        sa.select(NOTICE.c.id)
        .where(
            NOTICE.c.sent_at.is_(None),
            NOTICE.c.failed_at.is_(None),
            NOTICE.c.next_try_at <= now,
            NOTICE.c.claimed_until.is_(None) | (NOTICE.c.claimed_until < now),
        )
        .order_by(NOTICE.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    with db.write() as session:
        ids = list(session.connection().execute(free).scalars())
        session.connection().execute(
            sa.update(NOTICE).where(NOTICE.c.id.in_(ids)).values(claimed_until=now + LEASE)
        )
        agent = sa.orm.aliased(Person)
        query = (
            select(Notice, Person, SharedProject, agent)
            .join(Person, col(Person.id) == Notice.recipient_id)
            .outerjoin(SharedProject, col(SharedProject.id) == Notice.project_id)
            .outerjoin(agent, col(agent.id) == col(SharedProject.agency_agent_id))
            .where(col(Notice.id).in_(ids))
            .order_by(col(Notice.id))
        )
        return [_claimed(*row) for row in session.exec(query)]


def _claimed(
    notice: Notice, person: Person, project: SharedProject | None, agent: Person | None
) -> ClaimedNotice:
    return ClaimedNotice(
        id=notice.id or 0,
        key=notice.key,
        message=notice.message,
        payload=notice.payload,
        attempts=notice.attempts,
        recipient_name=person.name,
        recipient_email=person.email,
        project_title=project.title if project else "Projets partagés",
        project_slug=project.slug if project else "",
        agent_name=agent.name if agent else "L’équipe des projets partagés",
        agent_email=agent.email if agent else "",
    )


def mark_sent(db: Database, notice_id: int, *, now: datetime) -> None:
    """The other side has accepted the mail. Commits."""
    _mark(db, notice_id, sent_at=now, claimed_until=None, last_error=None)


def mark_failed(db: Database, notice: ClaimedNotice, error: str, permanent: bool, *, now: datetime) -> None:
    """Try again later, with growing pauses; or give up, and keep the reason. Commits."""
    attempts = notice.attempts + 1
    pause = min(FIRST_PAUSE * 2 ** min(notice.attempts, 12), LONGEST_PAUSE)
    gives_up = permanent or attempts >= MOST_ATTEMPTS
    _mark(
        db,
        notice.id,
        attempts=attempts,
        last_error=error[:500],
        claimed_until=None,
        next_try_at=now + pause,
        failed_at=now if gives_up else None,
    )


def _mark(db: Database, notice_id: int, **values: Any) -> None:
    with db.write_statements() as connection:
        connection.execute(sa.update(NOTICE).where(NOTICE.c.id == notice_id).values(**values))

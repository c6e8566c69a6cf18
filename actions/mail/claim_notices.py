"""Take the mails that are owed, one deliverer at a time, and mark what became of them."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.mail.drop_notices import drop_expired
from actions.mail.tell_failure import tell_failure
from database.engine import Database
from database.prepared import Prepared
from models.columns import LONGEST_ERROR
from models.notice import WAITING, has_not_expired, is_owed, is_unclaimed
from models.tables import NOTICE
from queries.mail.claimed import AS_CLAIMED, ClaimedNotice, as_claimed

LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
MOST_ATTEMPTS = 30
"""With these pauses a mail is tried for about a week before it is given up."""


def claim_notices(
    db: Database, *, now: datetime, most: int = 10, by_channel_only: bool = False
) -> list[ClaimedNotice]:
    """Claim up to ``most`` mails that are due, oldest first, for ``LEASE``. Commits.

    What has expired is dropped first. The conditional update decides between two deliverers: a row that
    another has claimed is passed over. ``by_channel_only`` leaves the mails, when they cannot leave anyway.
    """
    drop_expired(db, now=now)
    with db.write_statements() as connection:
        ids = list(connection.execute(_free(now, most, by_channel_only)).scalars())
        connection.execute(sa.update(NOTICE).where(NOTICE.c.id.in_(ids)).values(claimed_until=now + LEASE))
        query = AS_CLAIMED.where(NOTICE.c.id.in_(ids)).order_by(NOTICE.c.next_try_at, NOTICE.c.id)
        return [as_claimed(row) for row in connection.execute(query)]


def _free(now: datetime, most: int, by_channel_only: bool) -> sa.Select[int]:
    free = sa.select(NOTICE.c.id).where(
        sa.text(WAITING),
        NOTICE.c.next_try_at <= now,
        is_unclaimed(now),
        has_not_expired(now),
    )
    if by_channel_only:
        free = free.where(NOTICE.c.channel_id.is_not(None))
    oldest_first = free.order_by(NOTICE.c.next_try_at, NOTICE.c.id)
    return oldest_first.limit(most).with_for_update(skip_locked=True)


def is_still_owed(session: Session, notice_id: int) -> bool:
    """Whether it was neither sent nor dropped (its reader wants no more of them) since it was claimed."""
    owed = sa.select(NOTICE.c.id).where(NOTICE.c.id == notice_id, is_owed())
    return session.connection().scalar(owed) is not None


_SENT = Prepared(
    sa.update(NOTICE)
    .where((NOTICE.c.id == sa.bindparam("number")) | (NOTICE.c.digest_id == sa.bindparam("number")))
    .values(sent_at=sa.bindparam("now"), claimed_until=sa.null(), last_error=sa.null())
)


def mark_sent(db: Database, notice_id: int, *, now: datetime) -> None:
    """The other side has accepted the mail, and the news it carries if it is a digest. Commits."""
    with db.write_statements() as connection:
        _SENT.run(connection, number=notice_id, now=now)


def mark_failed(
    db: Database,
    notice: ClaimedNotice,
    error: str,
    permanent: bool,
    *,
    now: datetime,
    subject: str | None = None,
) -> None:
    """Try again later, with growing pauses; or give up, keep the reason, and tell the agent in charge. Commits.

    ``subject`` is that of the mail, as the agent will read it. The news of a digest that is given up wait for
    the one of another day (until then it may be tried again by hand); its lines do not: a dead address would
    otherwise be tried, and reported, every day.
    """
    attempts = notice.attempts + 1
    pause = min(FIRST_PAUSE * 2 ** min(notice.attempts, 12), LONGEST_PAUSE)
    gives_up = permanent or attempts >= MOST_ATTEMPTS
    with db.write() as session:
        is_marked = _mark_unsent(
            session.connection(),
            notice.id,
            attempts=attempts,
            last_error=error[:LONGEST_ERROR],
            claimed_until=None,
            next_try_at=now + pause,
            failed_at=now if gives_up else None,
        )
        if is_marked and gives_up:
            tell_failure(session, notice.id, subject or notice.message, error, now)


def put_back(db: Database, notice: ClaimedNotice, reason: str) -> None:
    """Nothing could leave, whatever the mail: it waits as before, with the reason, the try does not count. Commits."""
    with db.write_statements() as connection:
        _mark_unsent(connection, notice.id, claimed_until=None, last_error=reason[:LONGEST_ERROR])


def hold_all(db: Database, reason: str, *, now: datetime) -> None:
    """Give every mail that is due, and that nobody has claimed, the reason why none leaves. Commits."""
    kept = reason[:LONGEST_ERROR]
    due = sa.update(NOTICE).where(
        sa.text(WAITING), NOTICE.c.channel_id.is_(None), NOTICE.c.next_try_at <= now
    )
    told = due.where(is_unclaimed(now), NOTICE.c.last_error.is_distinct_from(kept))
    with db.write_statements() as connection:
        connection.execute(told.values(last_error=kept))


def _mark_unsent(connection: Connection, notice_id: int, **values: Any) -> bool:
    """Change the row, unless another deliverer, slower or quicker, has sent or dropped it in the meantime."""
    unsent = sa.update(NOTICE).where(NOTICE.c.id == notice_id, is_owed())
    return bool(connection.execute(unsent.values(**values)).rowcount)

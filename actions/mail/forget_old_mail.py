"""Empty the mails that nobody needs any more of what they said (GDPR, article 5: storage limitation)."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from database.engine import Database
from models.tables import NOTICE

KEPT = timedelta(days=365)
"""A year: the time of the yearly balance of a project, and of an answer to a person who says they got no mail. The
journal keeps the facts themselves; the row stays, so that no mail leaves twice."""
AT_A_TIME = 500
SAYS_SOMETHING = sa.cast(NOTICE.c.payload, sa.Text) != "{}"


def forget_old_mail(db: Database, now: datetime) -> int:
    """Empty the payload and the last error of what was sent, dropped or given up more than ``KEPT`` ago.

    Returns how many. Commits, ``AT_A_TIME`` per transaction; calling it again finds nothing.
    """
    forgotten = 0
    while numbers := _old(db, now - KEPT):
        with db.write_statements() as connection:
            old = sa.update(NOTICE).where(NOTICE.c.id.in_(numbers))
            connection.execute(old.values(payload={}, last_error=None))
        forgotten += len(numbers)
    return forgotten


def _old(db: Database, before: datetime) -> list[int]:
    over = sa.func.coalesce(NOTICE.c.sent_at, NOTICE.c.dropped_at, NOTICE.c.failed_at)
    still_says = SAYS_SOMETHING | NOTICE.c.last_error.is_not(None)
    with db.read() as session:
        query = sa.select(NOTICE.c.id).where(over < before, NOTICE.c.created_at < before, still_says)
        return list(session.connection().execute(query.limit(AT_A_TIME)).scalars())

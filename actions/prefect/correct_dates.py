"""What was put off by a clock that ran ahead is due now that the clock is right."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from actions.mail import claim_notices
from actions.prefect import deliver_nudges
from actions.prefect.repair import Repair
from database.engine import Database
from models.notice import DIGESTS, WAITING
from models.periodic_round import CLOCK_MARGIN
from models.tables import NOTICE, NUDGE, SIGN_IN_ATTEMPT, SIGN_IN_LINK
from models.web_session import LINK_LIFE


def correct_dates(db: Database, *, now: datetime) -> list[Repair]:
    """Make due what waits for longer than anything is ever made to wait; commits.

    Outbox rows and mails leave, claims end, sign-in links that would live too long end too, and attempts to come
    no longer count against the limits. A digest stays: it is for its own day. Facts keep their date.
    """
    with db.read() as session:
        connection = session.connection()
        wrong = [
            change
            for where, change in _corrections(now)
            if connection.scalar(sa.select(sa.exists().where(where)))
        ]
    if not wrong:
        return []
    with db.write_statements() as writing:
        corrected = sum(writing.execute(change).rowcount for change in wrong)
    return [Repair("clock", "dates", f"{corrected} date(s) d’une horloge en avance, corrigées")]


def _corrections(now: datetime) -> Iterator[tuple[sa.ColumnElement[bool], sa.Update | sa.Delete]]:
    """What is wrong, and what corrects it."""
    later = now + CLOCK_MARGIN
    where = sa.and_(NUDGE.c.done_at.is_(None), NUDGE.c.next_try_at > later + deliver_nudges.LONGEST_PAUSE)
    yield where, sa.update(NUDGE).where(where).values(next_try_at=now)

    put_off = sa.or_(NOTICE.c.created_at > later, NOTICE.c.next_try_at > now + claim_notices.LONGEST_PAUSE)
    waits = sa.and_(sa.text(WAITING), NOTICE.c.next_try_at > later, NOTICE.c.message.not_in(DIGESTS))
    where = sa.and_(waits, put_off)
    yield where, sa.update(NOTICE).where(where).values(next_try_at=now)

    where = sa.and_(sa.text(WAITING), NOTICE.c.claimed_until > later + claim_notices.LEASE)
    yield where, sa.update(NOTICE).where(where).values(claimed_until=None)

    where = sa.and_(SIGN_IN_LINK.c.used_at.is_(None), SIGN_IN_LINK.c.expires_at > later + LINK_LIFE)
    yield where, sa.update(SIGN_IN_LINK).where(where).values(expires_at=now)

    where = SIGN_IN_ATTEMPT.c.at > later
    yield where, sa.delete(SIGN_IN_ATTEMPT).where(where)

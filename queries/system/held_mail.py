"""The mails that wait because none leaves: how many, and why."""

import sqlalchemy as sa

from database.engine import Database
from models.notice import WAITING
from models.refusal import typeset
from models.tables import NOTICE

_HELD = (
    sa.text(WAITING),
    NOTICE.c.channel_id.is_(None),
    NOTICE.c.attempts == 0,
    NOTICE.c.last_error.is_not(None),
)
"""A try that counts is about one mail; what holds them all up leaves ``attempts`` as it was."""


def held_mail(db: Database) -> str:
    """A French sentence with their number and the reason of the last; an empty text while mail leaves."""
    with db.read() as session:
        connection = session.connection()
        number = connection.scalar(sa.select(sa.func.count()).select_from(NOTICE).where(*_HELD)) or 0
        if not number:
            return ""
        last = sa.select(NOTICE.c.last_error).where(*_HELD).order_by(NOTICE.c.id.desc()).limit(1)
        reason = connection.scalar(last)
    waits = "Un message attend" if number == 1 else f"{number} messages attendent"
    return typeset(f"{waits} de partir : {reason}")

"""Where a person is signed in, by what means, since when."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.tables import WEB_SESSION
from models.web_session import LONGEST_LIFE, is_open


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Somebody is signed in, on one browser; ``is_this_one`` is the one that asks."""

    id: int
    means: str
    opened_at: datetime
    seen_at: datetime
    ends_by: datetime
    is_this_one: bool


def sessions_of(
    connection: Connection, person_id: int, now: datetime, this_one: int = 0
) -> list[OpenSession]:
    """The open sessions of a person, the last used first. Writes nothing."""
    query = sa.select(WEB_SESSION).where(WEB_SESSION.c.person_id == person_id, is_open(now))
    return [
        OpenSession(
            row.id,
            row.auth_method.as_adverb,
            row.created_at,
            row.seen_at,
            row.created_at + LONGEST_LIFE,
            row.id == this_one,
        )
        for row in connection.execute(query.order_by(WEB_SESSION.c.seen_at.desc(), WEB_SESSION.c.id.desc()))
    ]

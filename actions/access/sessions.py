"""The sessions of a person: where they are signed in, by what means, since when; and ending one of them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from database.engine import Database
from models.person import Actor
from models.refusal import Refusal
from models.web_session import WebSession, is_open


class SessionOver(Refusal):
    """The person has no open session of this number."""

    def __init__(self, number: int) -> None:
        super().__init__("Cette connexion est déjà fermée : il n’y a rien à faire.")


def end_session(db: Database, actor: Actor, session_id: int, *, now: datetime) -> None:
    """End one session of the actor. Commits. Raises ``SessionOver``, also for that of somebody else."""
    with db.write() as session:
        ended = sa.update(WebSession).where(
            col(WebSession.id) == session_id, col(WebSession.person_id) == actor.person_id, is_open(now)
        )
        if not session.connection().execute(ended.values(ended_at=now, id_token=None)).rowcount:
            raise SessionOver(session_id)

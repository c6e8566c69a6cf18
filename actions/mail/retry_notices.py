"""Queue again the notices that were given up, once the cause is fixed."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from actions.ledger.wake import nudge
from actions.mail.forget_old_mail import SAYS_SOMETHING
from database.engine import Database
from models.notice import NOT_GONE, NOTICE_STATE, NoticeState, has_not_expired, is_owed
from models.outbox import NudgeKind
from models.refusal import Refusal
from models.tables import NOTICE


class UnknownNotice(Refusal):
    """No notice has this number."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Le message n° {number} n’existe pas : « projet-partage notices list » donne les numéros."
        )


class NotToRetry(Refusal):
    """The notice has left, or is not meant to leave by itself."""

    def __init__(self, number: int, state: NoticeState) -> None:
        why = {
            NoticeState.sent: "est déjà parti : le renvoyer ferait un doublon",
            NoticeState.dropped: "n’a plus lieu d’être envoyé : le prochain récapitulatif dira ce qui reste à faire",
            NoticeState.held: "partira avec le prochain récapitulatif de la personne",
        }[state]
        super().__init__(f"Le message n° {number} {why}. Seul un message abandonné ou en attente se relance.")


class TooLateToRetry(Refusal):
    """The hour of the notice has passed, or what it said is forgotten."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Le message n° {number} ne se relance plus : il ne valait que pour un moment, ou son contenu, trop "
            "ancien, a été effacé. Le prochain récapitulatif dira ce qui reste à faire."
        )


def retry_notice(db: Database, number: int, *, now: datetime) -> None:
    """Have the notice tried again at once, as if for the first time. Commits.

    Raises ``UnknownNotice``, ``NotToRetry``, ``TooLateToRetry``.
    """
    with db.write_statements() as connection:
        which = sa.select(NOTICE_STATE).where(NOTICE.c.id == number).with_for_update()
        state = connection.scalar(which)
        if state is None:
            raise UnknownNotice(number)
        if state not in NOT_GONE:
            raise NotToRetry(number, NoticeState(state))
        if not _put_back(connection, NOTICE.c.id == number, now):
            raise TooLateToRetry(number)


def retry_all_failed(db: Database, *, now: datetime) -> int:
    """The same for all that was given up and whose hour has not passed; returns how many. Commits."""
    with db.write_statements() as connection:
        return _put_back(connection, NOTICE.c.failed_at.is_not(None), now)


def _put_back(connection: Connection, which: sa.ColumnElement[bool], now: datetime) -> int:
    retried = sa.update(NOTICE).where(which, is_owed(), has_not_expired(now), SAYS_SOMETHING)
    count = connection.execute(retried.values(attempts=0, failed_at=None, next_try_at=now)).rowcount
    if count:
        nudge(connection, NudgeKind.send_notices, None, now)
    return count

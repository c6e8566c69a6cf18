"""The receipt of a sign-off by mail, owed with the fact in one statement; its values are read when it leaves."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from actions.journal import JournalEnd
from actions.look_at_seat import SeatLook
from actions.notify import RECEIPT
from models.prepared import Prepared
from models.tables import NOTICE


def owe_receipt(
    connection: Connection, end: JournalEnd, at: SeatLook, people: Iterable[int | None], now: datetime
) -> None:
    """Write a ``Notice`` to who signs, the first of ``people``, and to who records it. Does not commit.

    It is on the path of a sign-off (decision 9), before the sign-off has its number: it names the seat and the
    instant, and its key is the place of the fact in the journal, next after ``end``.
    """
    journal_id, seq, _ = end
    for place, person_id in enumerate(dict.fromkeys(people)):
        if person_id is None:
            continue
        _INSERT.run(
            connection,
            key=f"{RECEIPT}:entry-{journal_id}-{seq + 1}:{person_id}",
            project_id=at.project_id,
            recipient_id=person_id,
            message=RECEIPT,
            payload={
                "deliverable": at.deliverable_id,
                "party": at.party_id,
                "at": now.isoformat(),
                "is_recorder": place > 0,
            },
            created_at=now,
            next_try_at=now,
            is_held=False,
            attempts=0,
        )


_INSERT = Prepared(
    sa.insert(NOTICE).inline(),
    *(
        "key",
        "project_id",
        "recipient_id",
        "message",
        "payload",
        "created_at",
        "next_try_at",
        "is_held",
        "attempts",
    ),
)

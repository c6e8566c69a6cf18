"""The receipt of a sign-off by mail: owed with the fact in one statement, filled in when it leaves."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.journal import JournalEnd
from actions.look_at_seat import SeatLook
from actions.notify import RECEIPT
from actions.read_attestation import attestation_values
from actions.receipt_of import receipt_of
from models.prepared import Prepared
from models.tables import NOTICE, SIGN_OFF


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


def filled_receipt(
    session: Session, payload: dict[str, Any], public_url: str, now: datetime
) -> dict[str, Any]:
    """The values of the message, as the sign-off stands at ``now``. ``public_url`` begins the address of the receipt.

    Raises ``KeyError`` when the payload names none.
    """
    connection = session.connection()
    query = sa.select(SIGN_OFF.c.id).where(
        SIGN_OFF.c.deliverable_id == payload["deliverable"],
        SIGN_OFF.c.party_id == payload["party"],
        SIGN_OFF.c.at == datetime.fromisoformat(payload["at"]),
    )
    receipt = receipt_of(connection, connection.execute(query).scalar_one())
    if receipt is None:
        raise KeyError("receipt")
    return {
        "stage_title": receipt.stage_title,
        "deliverable_title": receipt.deliverable_title,
        "deliverable_party": receipt.owner_name,
        "path": receipt.sign_off.path,
        "is_recorder": payload["is_recorder"],
        "attestation": attestation_values(receipt, public_url, now),
    }

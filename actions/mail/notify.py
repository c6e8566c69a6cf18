"""Owe somebody a mail: written with the fact, sent afterwards; the same mail is never owed twice."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.ledger.wake import nudge
from database.bound import among
from database.insert_once import insert_once
from database.prepared import Prepared
from models.audit_entry import JournalEnd
from models.notice import BY_MAIL_ONLY, NEWS_BUT_FOR_THE_AGENT, RECEIPT, can_wait
from models.outbox import NudgeKind
from models.person import MailFrequency
from models.shared_project import SharedProject
from models.sign_off_rules import SeatSnapshot
from models.subject import Subject
from models.tables import CHANNEL, NOTICE, NUDGE, PERSON
from queries.people.recipients import agent_of

ONE_ROUND = timedelta(seconds=1)
"""A fact often owes several mails: they leave together, and let the stage's own flow go first."""

UNWANTED = "la personne ne veut pas de nouvelles"
_TO_SEND: dict[str, Any] = {
    "channel_id": None,
    "is_held": False,
    "attempts": 0,
    "dropped_at": None,
    "last_error": None,
}


_NOT_DAILY = sa.select(PERSON.c.id, PERSON.c.mail_frequency).where(
    among(PERSON.c.id, "people"), PERSON.c.mail_frequency != MailFrequency.daily
)
_CHANNELS_OF = sa.select(CHANNEL.c.id, CHANNEL.c.person_id).where(
    CHANNEL.c.removed_at.is_(None),
    among(CHANNEL.c.person_id, "people") | (CHANNEL.c.project_id == sa.bindparam("project")),
)


def tell(
    session: Session,
    recipients: Iterable[int],
    message: str,
    about: Subject | str,
    now: datetime,
    *,
    project: SharedProject | None,
    expires_at: Any = None,
    **payload: Any,
) -> None:
    """Write a ``Notice`` to each person (once each), and ask for the mails to leave. Does not commit.

    ``about`` is what the mail is about (numbers and ISO dates where it is no row): with the message and the person
    it makes the unique key. ``payload`` holds the plain values of the message. News are held for those who want
    them weekly, and dropped at once for those who want none. What leaves at once goes to the channels of the people
    too, and once to those of the project. What has not left at ``expires_at`` (an aware datetime) is dropped.
    """
    people = list(dict.fromkeys(recipients))
    if not people:
        return
    notice = _TO_SEND | {
        "key": _key(message, about),
        "project_id": project.id if project else None,
        "message": message,
        "payload": payload,
        "created_at": now,
        "next_try_at": now,
        "expires_at": expires_at,
    }
    connection = session.connection()
    rows = _to_people(connection, notice, people, project)
    rows += _to_channels(connection, notice, rows, project)
    once = insert_once(connection, NOTICE, "key").execution_options(preserve_rowcount=True)
    written = connection.execute(once, rows).rowcount
    if written and any(_leaves(row) for row in rows):
        nudge(connection, NudgeKind.send_notices, None, now, pause=ONE_ROUND)


def is_notice_about(about: Subject, *messages: str) -> sa.ColumnElement[bool]:
    """The condition of the notices of these messages about this subject, whoever reads them."""
    starts = (NOTICE.c.key.startswith(f"{_key(each, about)}:", autoescape=True) for each in messages)
    return sa.or_(*starts)


def _key(message: str, about: Subject | str) -> str:
    return f"{message}:{about.key if isinstance(about, Subject) else about}"


def copies_by_channel(connection: Connection, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """These rows of notices again, for each channel of their readers, with a key of their own."""
    by_reader = {row["recipient_id"]: row for row in rows}
    query = sa.select(CHANNEL.c.id, CHANNEL.c.person_id).where(
        CHANNEL.c.removed_at.is_(None), CHANNEL.c.person_id.in_(list(by_reader))
    )
    return [
        by_reader[person_id] | _by_channel(by_reader[person_id], channel_id)
        for channel_id, person_id in connection.execute(query)
    ]


def _by_channel(notice: dict[str, Any], channel_id: int) -> dict[str, Any]:
    return {"key": f"{notice['key']}:channel-{channel_id}", "channel_id": channel_id}


def _leaves(row: dict[str, Any]) -> bool:
    return row["dropped_at"] is None and not row["is_held"]


def _to_people(
    connection: Connection, notice: dict[str, Any], people: list[int], project: SharedProject | None
) -> list[dict[str, Any]]:
    """The notice to each person: it leaves at once, waits for their digest, or is dropped."""
    rows = {each: notice | {"key": f"{notice['key']}:{each}", "recipient_id": each} for each in people}
    message = notice["message"]
    if not can_wait(message, notice["payload"]):
        return list(rows.values())
    unless = agent_of(project) if project and message in NEWS_BUT_FOR_THE_AGENT else []
    for person_id, frequency in connection.execute(_NOT_DAILY, {"people": people}):
        if person_id in unless:
            continue
        if frequency is MailFrequency.weekly:
            rows[person_id]["is_held"] = True
        else:
            rows[person_id] |= {"dropped_at": notice["created_at"], "last_error": UNWANTED}
    return list(rows.values())


def _to_channels(
    connection: Connection, notice: dict[str, Any], rows: list[dict[str, Any]], project: SharedProject | None
) -> list[dict[str, Any]]:
    """The notice to each channel that gets it too, in the words for one of its readers."""
    if notice["message"] in BY_MAIL_ONLY:
        return []
    readers = [row["recipient_id"] for row in rows if _leaves(row)]
    whose = {"people": readers, "project": project.id if project else None}
    return [
        notice | _by_channel(notice, channel_id) | {"recipient_id": person_id or rows[0]["recipient_id"]}
        for channel_id, person_id in connection.execute(_CHANNELS_OF, whose)
    ]


def owe_receipt(
    connection: Connection, end: JournalEnd, seat: SeatSnapshot, people: Iterable[int | None], now: datetime
) -> None:
    """Owe the receipt of a sign-off to its signer, the first of ``people``, and to its recorder. Does not commit.

    It is on the path of a sign-off (decision 9), before the sign-off has its number: it names the seat and the
    instant, and its key is the place of the fact in the journal, next after ``end``. Its values are read when it
    leaves.
    """
    journal_id, seq, _ = end
    for place, person_id in enumerate(dict.fromkeys(people)):
        if person_id is None:
            continue
        _INSERT_RECEIPT.run(
            connection,
            key=f"{RECEIPT}:entry-{journal_id}-{seq + 1}:{person_id}",
            project_id=seat.project_id,
            recipient_id=person_id,
            message=RECEIPT,
            payload={
                "deliverable": seat.deliverable_id,
                "party": seat.party_id,
                "at": now.isoformat(),
                "is_recorder": place > 0,
            },
            created_at=now,
            next_try_at=now,
            is_held=False,
            attempts=0,
        )


_INSERT_RECEIPT = Prepared(
    sa.insert(NOTICE).inline(),
    *("key", "project_id", "recipient_id", "message", "payload"),
    *("created_at", "next_try_at", "is_held", "attempts"),
)


def wake_and_send(connection: Connection, stage_id: int, now: datetime, pause: timedelta) -> None:
    """As two ``nudge``s in one statement: wake the stage, and send after ``pause`` the mails owed with the fact.

    On the path of a sign-off, as ``owe_receipt``. Does not commit.
    """
    _INSERT_BOTH.run(connection, stage=stage_id, at=now, later=now + pause)


_INSTANT = NUDGE.c.created_at.type
_INSERT_BOTH = Prepared(
    sa.insert(NUDGE)
    .inline()
    .values(
        [
            {
                "kind": sa.literal_column(f"'{kind}'"),
                "stage_id": stage,
                "created_at": sa.bindparam("at", type_=_INSTANT),
                "next_try_at": sa.bindparam(when, type_=_INSTANT),
                "attempts": sa.literal_column("0"),
            }
            for kind, stage, when in (
                (NudgeKind.wake_stage, sa.bindparam("stage", type_=NUDGE.c.stage_id.type), "at"),
                (NudgeKind.send_notices, sa.null(), "later"),
            )
        ]
    )
)

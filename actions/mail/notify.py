"""Owe somebody a mail: written with the fact, sent afterwards; the same thing is never told twice."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.ledger.wake import nudge
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
AT_ONCE: dict[str, Any] = {"is_held": False, "dropped_at": None, "last_error": None}


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

    ``about`` is what is told (words, where it is no row: of numbers and ISO dates): with the message and the person it
    makes the unique key. ``payload`` holds the plain values of the message. News are
    held for who wants them weekly, and dropped at once for who wants none. The channels of the people, and
    once those of the project, get what leaves at once too. What has not left at ``expires_at`` (an aware
    datetime; none by default) is dropped.
    """
    people = list(dict.fromkeys(recipients))
    if not people:
        return
    connection = session.connection()
    name = about.key if isinstance(about, Subject) else about
    told = {
        "project_id": project.id if project else None,
        "message": message,
        "payload": payload,
        "channel_id": None,
        "created_at": now,
        "next_try_at": now,
        "expires_at": expires_at,
        "attempts": 0,
    }
    rows = [
        told | {"key": f"{message}:{name}:{person_id}", "recipient_id": person_id} | wish
        for person_id, wish in _wishes(connection, people, told, project).items()
    ]
    reached = [row["recipient_id"] for row in rows if row["dropped_at"] is None and not row["is_held"]]
    for channel_id, person_id in _channels(connection, people, reached, message, project):
        key = {"key": f"{message}:{name}:channel-{channel_id}", "channel_id": channel_id}
        rows.append(told | key | {"recipient_id": person_id} | AT_ONCE)
    once = insert_once(connection, NOTICE, "key").execution_options(preserve_rowcount=True)
    written = connection.execute(once, rows).rowcount
    if written and (reached or len(rows) > len(people)):
        nudge(connection, NudgeKind.send_notices, None, now, pause=ONE_ROUND)


def copies_by_channel(connection: Connection, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """These rows of notices again, for each channel of their readers, with a key of their own."""
    told = {row["recipient_id"]: row for row in rows}
    query = sa.select(CHANNEL.c.id, CHANNEL.c.person_id).where(
        CHANNEL.c.removed_at.is_(None), CHANNEL.c.person_id.in_(list(told))
    )
    return [
        told[person_id] | {"key": f"{told[person_id]['key']}:channel-{channel_id}", "channel_id": channel_id}
        for channel_id, person_id in connection.execute(query)
    ]


def _wishes(
    connection: Connection, people: list[int], told: dict[str, Any], project: SharedProject | None
) -> dict[int, dict[str, Any]]:
    """For each person: does it leave at once, wait for their digest, or stay unsent?"""
    wishes = dict.fromkeys(people, AT_ONCE)
    message, now = told["message"], told["created_at"]
    if not can_wait(message, told["payload"]):
        return wishes
    query = sa.select(PERSON.c.id, PERSON.c.mail_frequency).where(
        PERSON.c.id.in_(people), PERSON.c.mail_frequency != MailFrequency.daily
    )
    unless = agent_of(project) if project and message in NEWS_BUT_FOR_THE_AGENT else []
    for person_id, frequency in connection.execute(query):
        if person_id in unless:
            continue
        if frequency is MailFrequency.weekly:
            wishes[person_id] = AT_ONCE | {"is_held": True}
        else:
            wishes[person_id] = AT_ONCE | {"dropped_at": now, "last_error": UNWANTED}
    return wishes


def _channels(
    connection: Connection,
    people: list[int],
    reached: list[int],
    message: str,
    project: SharedProject | None,
) -> list[tuple[int, int]]:
    """The channels that get it too, each with the person in whose words it is written."""
    if message in BY_MAIL_ONLY:
        return []
    whose = sa.or_(
        CHANNEL.c.person_id.in_(reached),
        *([CHANNEL.c.project_id == project.id] if project is not None else []),
    )
    query = sa.select(CHANNEL.c.id, CHANNEL.c.person_id).where(CHANNEL.c.removed_at.is_(None), whose)
    return [(channel_id, person_id or people[0]) for channel_id, person_id in connection.execute(query)]


def owe_receipt(
    connection: Connection, end: JournalEnd, seat: SeatSnapshot, people: Iterable[int | None], now: datetime
) -> None:
    """Write the receipt of a sign-off to the signer, the first of ``people``, and to who records it. Does not commit.

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

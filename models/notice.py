"""A mail that is owed to somebody: written with the fact, claimed, sent, marked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import LAST_ERROR, UtcDateTime, core_table, within
from models.labelled_enum import LabelledEnum

WAITING = "sent_at IS NULL AND failed_at IS NULL AND dropped_at IS NULL AND NOT is_held"
HELD = "sent_at IS NULL AND dropped_at IS NULL AND is_held"
"""The conditions of the partial indexes, in the words that a statement must have to be answered by them."""

DIGESTS = ("daily_digest", "weekly_state")
DUTIES = "duties_passed"
"""Lists what is awaited as a digest does, and leaves at once: its reader has just come to be in charge of it."""
NEWS = frozenset(
    {
        "comment_added_for_author",
        "comment_added_for_commenter",
        "contractor_appointed",
        "deliverable_refused_for_others",
        "lessons_published",
        "peer_reading_opened",
        "project_in_follow_up",
        "stage_closed",
        "stage_opened_for_contact",
        "stage_opened_for_contractor",
        "stage_opened_for_signatory",
        "stage_signed_off",
    }
)
"""What a person may want weekly, or not at all. Anything else asks something of them, or is a legal notice."""
NEWS_BUT_FOR_THE_AGENT = frozenset({"stage_signed_off"})
"""The ANCT's agent has something to do with it: it goes at once to them."""
RECEIPT = "sign_off_given_for_signatory"
FORMER_ADDRESS = "address_changed_for_former_address"
"""Goes to the mailbox that somebody had before, and opens nothing of theirs."""
BY_MAIL_ONLY = frozenset(
    {
        "address_asked_for_person",
        FORMER_ADDRESS,
        "address_changed_for_others",
        "address_changed_for_person",
        "address_link",
        "authority_proposed",
        "authority_settled",
        "authority_to_confirm",
        "contact_named",
        "delegation_revoked",
        "delivery_failed",
        "sign_in_link",
        RECEIPT,
    }
)
"""Never sent to a channel, which many may read: they carry a key, an address, or a document to keep."""


class NoticeState(LabelledEnum):
    """Where a notice stands; a held one waits for its reader's digest."""

    waiting = "waiting", "à envoyer"
    held = "held", "pour le récapitulatif"
    failed = "failed", "abandonné"
    sent = "sent", "envoyé"
    dropped = "dropped", "sans objet"


NOT_GONE = (NoticeState.waiting, NoticeState.failed)
"""Those that may still be tried, by themselves or by hand."""


class Notice(SQLModel, table=True):
    """One message to one person. ``key`` is unique: the same message never leaves twice.

    ``message`` names a type of ``notifications.messages`` and ``payload`` its plain values. A row is free,
    claimed (``claimed_until`` in the future), sent (``sent_at``), given up (``failed_at``) or dropped
    (``dropped_at``: the person wants no news, a digest had nothing left to say, or its hour had passed).
    News of a person who wants them weekly ``is_held`` until a digest carries them (``digest_id``). ``channel_id``
    is another way than the person's mail.
    """

    __table_args__ = (
        sa.Index(
            "ix_notice_waiting",
            "next_try_at",
            sqlite_where=sa.text(WAITING),
            postgresql_where=sa.text(WAITING),
        ),
        sa.Index(
            "ix_notice_held",
            "recipient_id",
            sqlite_where=sa.text(HELD),
            postgresql_where=sa.text(HELD),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=200)
    project_id: int | None = Field(default=None, foreign_key="shared_project.id", index=True)
    recipient_id: int = Field(foreign_key="person.id")
    message: str = Field(max_length=60)
    payload: dict[str, Any] = Field(sa_type=sa.JSON)
    channel_id: int | None = Field(default=None, foreign_key="channel.id")
    is_held: bool = False
    digest_id: int | None = Field(default=None, foreign_key="notice.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    last_error: str | None = Field(default=None, sa_type=within(LAST_ERROR))
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    dropped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


_NOTICE = core_table(Notice).c

NOTICE_STATE = sa.case(
    (_NOTICE.sent_at.is_not(None), NoticeState.sent.value),
    (_NOTICE.dropped_at.is_not(None), NoticeState.dropped.value),
    (_NOTICE.failed_at.is_not(None), NoticeState.failed.value),
    (_NOTICE.is_held, NoticeState.held.value),
    else_=NoticeState.waiting.value,
)
"""The state of a notice, as the text of a ``NoticeState``."""


def is_owed() -> sa.ColumnElement[bool]:
    """The condition of a notice that was neither sent nor dropped: it waits, is held, or was given up."""
    return _NOTICE.sent_at.is_(None) & _NOTICE.dropped_at.is_(None)


def is_pending() -> sa.ColumnElement[bool]:
    """The condition of a notice that is owed and not given up: it waits, or is held for a digest."""
    return is_owed() & _NOTICE.failed_at.is_(None)


def is_unclaimed(now: datetime) -> sa.ColumnElement[bool]:
    """The condition of a notice that no deliverer has claimed, or whose claim has ended."""
    return _NOTICE.claimed_until.is_(None) | (_NOTICE.claimed_until < now)


def has_not_expired(now: datetime) -> sa.ColumnElement[bool]:
    """The condition of a notice whose hour has not passed."""
    return _NOTICE.expires_at.is_(None) | (_NOTICE.expires_at > now)


def can_wait(message: str, payload: Mapping[str, Any]) -> bool:
    """Is it news only? A stage that opens asks for something when there is something to submit."""
    return message in NEWS and not payload.get("to_submit")

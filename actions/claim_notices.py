"""Take the mails that are owed, one deliverer at a time, and mark what became of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.drop_notices import DIGESTS, drop_expired
from actions.notify import RECEIPT
from actions.tell_failure import tell_failure
from models.database import Database
from models.notice import WAITING
from models.prepared import Prepared
from models.tables import CHANNEL, NOTICE, PERSON, PROJECT

LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_SEND = timedelta(minutes=3.5)
"""A mail takes less, however slow the server: one that begins so long before the end of its claim is ours alone."""
LONGEST_PAUSE = timedelta(hours=6)
MOST_ATTEMPTS = 30
"""With these pauses a mail is tried for about a week before it is given up."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """A channel: its number, what may be shown of it, its address still locked, and whether it is still used."""

    id: int
    label: str
    locked_address: str
    is_removed: bool


@dataclass(frozen=True, slots=True)
class ClaimedNotice:
    """A mail this process has to send before its claim expires, with all that its message needs.

    The project's are empty for what is not about one project, the agent's when nobody is in charge;
    ``channel`` is set for what leaves another way than by mail.
    """

    id: int
    key: str
    message: str
    payload: dict[str, Any]
    attempts: int
    claimed_until: datetime | None
    recipient_id: int
    recipient_name: str
    recipient_email: str
    links_version: int
    project_title: str
    project_slug: str
    agent_name: str
    agent_email: str
    channel: WayOut | None

    def is_ours(self, now: datetime) -> bool:
        """Is there time to send it, before another deliverer may take it?"""
        return self.claimed_until is not None and now < self.claimed_until - LONGEST_SEND

    @property
    def is_digest(self) -> bool:
        """A digest is refreshed before it leaves, and nothing else is."""
        return self.message in DIGESTS

    @property
    def is_receipt(self) -> bool:
        """The notice of a receipt names its sign-off only: the rest is read when it leaves."""
        return self.message == RECEIPT


def claim_notices(
    db: Database, *, now: datetime, most: int = 10, by_channel_only: bool = False
) -> list[ClaimedNotice]:
    """Claim up to ``most`` mails that are due, oldest first, for ``LEASE``. Commits.

    What has expired is dropped first. The conditional update decides between two deliverers: a row that
    another has claimed is passed over. ``by_channel_only`` leaves the mails, when they cannot leave anyway.
    """
    drop_expired(db, now=now)
    with db.write_statements() as connection:
        ids = list(connection.execute(_free(now, most, by_channel_only)).scalars())
        connection.execute(sa.update(NOTICE).where(NOTICE.c.id.in_(ids)).values(claimed_until=now + LEASE))
        query = AS_CLAIMED.where(NOTICE.c.id.in_(ids)).order_by(NOTICE.c.next_try_at, NOTICE.c.id)
        return [as_claimed(row) for row in connection.execute(query)]


def _free(now: datetime, most: int, by_channel_only: bool) -> sa.Select[tuple[int]]:
    free = sa.select(NOTICE.c.id).where(
        sa.text(WAITING),
        NOTICE.c.next_try_at <= now,
        NOTICE.c.claimed_until.is_(None) | (NOTICE.c.claimed_until < now),
        NOTICE.c.expires_at.is_(None) | (NOTICE.c.expires_at > now),
    )
    if by_channel_only:
        free = free.where(NOTICE.c.channel_id.is_not(None))
    oldest_first = free.order_by(NOTICE.c.next_try_at, NOTICE.c.id)
    return oldest_first.limit(most).with_for_update(skip_locked=True)


_AGENT = PERSON.alias("agent")
AS_CLAIMED = (
    sa.select(
        *(
            NOTICE.c[name]
            for name in ("id", "key", "message", "payload", "attempts", "claimed_until", "recipient_id")
        ),
        PERSON.c.name.label("recipient_name"),
        PERSON.c.email.label("recipient_email"),
        PERSON.c.links_version,
        sa.func.coalesce(PROJECT.c.title, "").label("project_title"),
        sa.func.coalesce(PROJECT.c.slug, "").label("project_slug"),
        sa.func.coalesce(_AGENT.c.name, "").label("agent_name"),
        sa.func.coalesce(_AGENT.c.email, "").label("agent_email"),
        *(CHANNEL.c[name].label(f"channel_{name}") for name in ("id", "label", "address", "removed_at")),
    )
    .select_from(NOTICE)
    .join(PERSON, PERSON.c.id == NOTICE.c.recipient_id)
    .outerjoin(PROJECT, PROJECT.c.id == NOTICE.c.project_id)
    .outerjoin(_AGENT, _AGENT.c.id == PROJECT.c.agency_agent_id)
    .outerjoin(CHANNEL, CHANNEL.c.id == NOTICE.c.channel_id)
)


def as_claimed(row: Any) -> ClaimedNotice:
    """A row of ``AS_CLAIMED``."""
    values = {name: row._mapping[name] for name in AS_CLAIMED.selected_columns.keys()}  # noqa: SIM118
    channel_id, label, address, removed_at = (
        values.pop(f"channel_{name}") for name in ("id", "label", "address", "removed_at")
    )
    channel = WayOut(channel_id, label, address, removed_at is not None) if channel_id else None
    return ClaimedNotice(**values, channel=channel)


def is_still_owed(session: Session, notice_id: int) -> bool:
    """Has nobody sent it, nor dropped it (its reader wants no more of them), since it was claimed?"""
    owed = sa.select(NOTICE.c.id).where(
        NOTICE.c.id == notice_id, NOTICE.c.sent_at.is_(None), NOTICE.c.dropped_at.is_(None)
    )
    return session.connection().scalar(owed) is not None


_SENT = Prepared(
    sa.update(NOTICE)
    .where((NOTICE.c.id == sa.bindparam("number")) | (NOTICE.c.digest_id == sa.bindparam("number")))
    .values(sent_at=sa.bindparam("now"), claimed_until=sa.null(), last_error=sa.null())
)


def mark_sent(db: Database, notice_id: int, *, now: datetime) -> None:
    """The other side has accepted the mail, and the news it carries if it is a digest. Commits."""
    with db.write_statements() as connection:
        _SENT.run(connection, number=notice_id, now=now)


def mark_failed(
    db: Database,
    notice: ClaimedNotice,
    error: str,
    permanent: bool,
    *,
    now: datetime,
    subject: str | None = None,
) -> None:
    """Try again later, with growing pauses; or give up, keep the reason, and tell the agent in charge. Commits.

    ``subject`` is that of the mail, as the agent will read it. The news of a digest that is given up wait for
    the one of another day (until then it may be tried again by hand); its lines do not: a dead address would
    otherwise be tried, and told, every day.
    """
    attempts = notice.attempts + 1
    pause = min(FIRST_PAUSE * 2 ** min(notice.attempts, 12), LONGEST_PAUSE)
    gives_up = permanent or attempts >= MOST_ATTEMPTS
    with db.write() as session:
        is_marked = _mark_unsent(
            session.connection(),
            notice.id,
            attempts=attempts,
            last_error=error[:500],
            claimed_until=None,
            next_try_at=now + pause,
            failed_at=now if gives_up else None,
        )
        if is_marked and gives_up:
            tell_failure(session, notice.id, subject or notice.message, error, now)


def put_back(db: Database, notice: ClaimedNotice, error: str | None = None) -> None:
    """Nothing could leave, whatever the mail: it waits as before, and the try does not count. Commits."""
    values: dict[str, Any] = {"claimed_until": None}
    if error is not None:
        values["last_error"] = error[:500]
    with db.write_statements() as connection:
        _mark_unsent(connection, notice.id, **values)


def _mark_unsent(connection: Connection, notice_id: int, **values: Any) -> bool:
    """Change the row, unless another deliverer, slower or quicker, has sent or dropped it in the meantime."""
    unsent = sa.update(NOTICE).where(
        NOTICE.c.id == notice_id, NOTICE.c.sent_at.is_(None), NOTICE.c.dropped_at.is_(None)
    )
    return bool(connection.execute(unsent.values(**values)).rowcount)

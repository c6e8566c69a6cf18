"""A notice as the process that has claimed it reads it: what it says, to whom, and by what way it leaves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from models.notice import DIGESTS, DUTIES, FORMER_ADDRESS, RECEIPT
from models.tables import CHANNEL, NOTICE, PERSON, PROJECT

LONGEST_SEND = timedelta(minutes=3.5)
"""No send takes longer, however slow the server: one that starts this long before its claim ends is not doubled."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """A channel: its number, what may be shown of it, its address still locked, and whether it is still used."""

    id: int
    label: str
    locked_address: str
    is_removed: bool


_AGENT = PERSON.alias("agent")


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
    def is_for_former_address(self) -> bool:
        """It goes where the person had their mail before: no link of theirs may go there."""
        return self.message == FORMER_ADDRESS

    @property
    def mailbox(self) -> str:
        """The address to which it goes by mail."""
        return str(self.payload["former_address"]) if self.is_for_former_address else self.recipient_email

    @property
    def is_digest(self) -> bool:
        """One mail per day, which its reader may stop."""
        return self.message in DIGESTS

    @property
    def lists_awaited(self) -> bool:
        """What it lists may be done before it leaves: it is refreshed then."""
        return self.is_digest or self.message == DUTIES

    @property
    def is_receipt(self) -> bool:
        """The notice of a receipt names its sign-off only: the rest is read when it leaves."""
        return self.message == RECEIPT


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

"""The acts on paper that wait for a second key: by seat, by stage."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import NOW, among
from models.proposal import confirmers_of, is_open, waits_for
from models.proposal_shapes import PendingConfirmation
from models.tables import DELIVERABLE, PARTY, PROPOSAL

OWNER = PARTY.alias("owner")
_PENDING = (
    sa.select(
        PROPOSAL.c.id, PROPOSAL.c.kind, PROPOSAL.c.side, PROPOSAL.c.file_sha256, PROPOSAL.c.authority_code,
        PROPOSAL.c.expires_at, PROPOSAL.c.party_id, DELIVERABLE.c.id.label("deliverable_id"),
        DELIVERABLE.c.stage_id, DELIVERABLE.c.key, OWNER.c.code.label("owner_code"),
    )
    .join(DELIVERABLE, DELIVERABLE.c.id == PROPOSAL.c.deliverable_id)
    .outerjoin(OWNER, OWNER.c.id == DELIVERABLE.c.party_id)
    .where(among(DELIVERABLE.c.stage_id, "stages"), is_open(NOW))
    .order_by(PROPOSAL.c.id)
)  # fmt: skip


def pending_acts(
    connection: Connection, stage_ids: Collection[int], now: datetime
) -> dict[tuple[int, int], PendingConfirmation]:
    """By deliverable and party, the open proposal about it in these stages: one query."""
    return {
        (deliverable, party): shown for _, deliverable, party, shown in _pending(connection, stage_ids, now)
    }


def pending_in_stages(
    connection: Connection, stage_ids: Collection[int], now: datetime
) -> defaultdict[int, list[PendingConfirmation]]:
    """The same by stage, the oldest first."""
    pending: defaultdict[int, list[PendingConfirmation]] = defaultdict(list)
    for stage_id, _, _, shown in _pending(connection, stage_ids, now):
        pending[stage_id].append(shown)
    return pending


def _pending(
    connection: Connection, stage_ids: Collection[int], now: datetime
) -> Iterator[tuple[int, int, int, PendingConfirmation]]:
    for row in connection.execute(_PENDING, {"stages": [*stage_ids], "now": now}):
        shown = PendingConfirmation(
            id=row.id,
            kind=row.kind,
            deliverable=row.key,
            deliverable_party=row.owner_code,
            party=row.authority_code,
            waits_for=waits_for(confirmers_of(row.kind, row.side, row.file_sha256)),
            expires_at=row.expires_at,
        )
        yield row.stage_id, row.deliverable_id, row.party_id, shown

"""The acts on paper that wait for a second key, by stage."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session, select

from models.proposal import Proposal, is_open, waits_for
from models.proposal_shapes import PendingConfirmation
from models.tables import DELIVERABLE, PARTY, PROPOSAL

OWNER = PARTY.alias("owner")


def pending_in_stages(
    connection: Connection, stage_ids: Sequence[int], now: datetime
) -> defaultdict[int, list[PendingConfirmation]]:
    """The open proposals about a deliverable of these stages: one query."""
    query = (
        sa.select(DELIVERABLE.c.stage_id, DELIVERABLE.c.key, OWNER.c.code.label("owner_code"), PROPOSAL.c.id)
        .join(DELIVERABLE, DELIVERABLE.c.id == PROPOSAL.c.deliverable_id)
        .outerjoin(OWNER, OWNER.c.id == DELIVERABLE.c.party_id)
        .where(DELIVERABLE.c.stage_id.in_(stage_ids), is_open(now))
        .order_by(PROPOSAL.c.id)
    )
    rows: list[Any] = list(connection.execute(query))
    pending: defaultdict[int, list[PendingConfirmation]] = defaultdict(list)
    proposals = _proposals(connection, [row.id for row in rows])
    for row in rows:
        proposal = proposals[row.id]
        pending[row.stage_id].append(
            PendingConfirmation(
                id=row.id,
                kind=proposal.kind,
                deliverable=row.key,
                deliverable_party=row.owner_code,
                party=proposal.authority_code,
                waits_for=waits_for(proposal.confirmers),
                expires_at=proposal.expires_at,
            )
        )
    return pending


def _proposals(connection: Connection, numbers: Sequence[int]) -> dict[int, Proposal]:
    if not numbers:
        return {}
    with Session(connection, join_transaction_mode="rollback_only") as session:
        found = session.exec(select(Proposal).where(PROPOSAL.c.id.in_(numbers))).all()
        return {each.id: each for each in found if each.id is not None}

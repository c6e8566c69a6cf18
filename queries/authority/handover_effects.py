"""What moves when an office passes: who leaves it, the delegations that end, the sign-offs that wait."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from models.paris_time import paris_day
from models.party import is_present
from models.person import Person
from models.shared_project import ProjectStatus
from models.signature_delegation import is_valid
from models.stage import UNDER_REVIEW
from models.tables import DELEGATION, PARTY, PROJECT, STAGE
from queries.ledger.find import deliverables_of
from queries.signing.authority import office_holder
from queries.signing.matrix import matrix_of


@dataclass(frozen=True, slots=True)
class HandoverEffects:
    """``former`` is the name of the present holder; ``delegations``, the orders that end with it; ``pending``,
    the deliverables under review that the city has not answered yet, each with its project."""

    former: str | None
    delegations: tuple[str, ...]
    pending: tuple[str, ...]


def handover_effects(session: Session, authority_code: str, now: datetime) -> HandoverEffects:
    """What would move if the office passed now. Writes nothing."""
    holder = office_holder(session.connection(), authority_code, now)
    orders = sa.select(DELEGATION.c.order_reference).where(
        DELEGATION.c.authority_code == authority_code,
        is_valid(now),
        DELEGATION.c.valid_until >= paris_day(now),
    )
    return HandoverEffects(
        session.get_one(Person, holder).name if holder else None,
        tuple(session.connection().execute(orders.order_by(DELEGATION.c.id)).scalars()),
        tuple(_pending(session, authority_code)),
    )


def _pending(session: Session, authority_code: str) -> list[str]:
    query = (
        sa.select(STAGE.c.id, PARTY.c.id.label("party_id"), PROJECT.c.title)
        .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
        .join(PARTY, PARTY.c.project_id == PROJECT.c.id)
        .where(
            PARTY.c.code == authority_code,
            is_present(),
            PROJECT.c.status == ProjectStatus.active,
            STAGE.c.status.in_(UNDER_REVIEW),
        )
        .order_by(STAGE.c.id)
    )
    pending = []
    for row in session.connection().execute(query).all():
        titles = {each.id: each.title for each in deliverables_of(session, row.id)}
        pending += [
            f"« {titles[cell.deliverable_id]} » ({row.title})"
            for cell in matrix_of(session.connection(), row.id)
            if cell.party_id == row.party_id and cell.decision is None and cell.is_submitted
        ]
    return pending

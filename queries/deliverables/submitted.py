"""What somebody submitted in a project: the receipt that stays with them when they no longer have a role there."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from models.tables import DELIVERABLE, PARTY, STAGE, VERSION


@dataclass(frozen=True, slots=True)
class Submitted:
    """A version; ``owner`` is the city whose own the deliverable is, if it is one's."""

    title: str
    owner: str | None
    number: int
    submitted_at: datetime
    sha256: str


def submitted_by(session: Session, person_id: int, project_id: int) -> list[Submitted]:
    """The versions that a person submitted in a project, in the order in which they did."""
    query = (
        sa.select(
            DELIVERABLE.c.title, PARTY.c.name, VERSION.c.number, VERSION.c.submitted_at, VERSION.c.sha256
        )
        .join(DELIVERABLE, DELIVERABLE.c.id == VERSION.c.deliverable_id)
        .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
        .outerjoin(PARTY, PARTY.c.id == DELIVERABLE.c.party_id)
        .where(VERSION.c.submitted_by == person_id, STAGE.c.project_id == project_id)
        .order_by(VERSION.c.id)
    )
    return [Submitted(*row) for row in session.connection().execute(query)]

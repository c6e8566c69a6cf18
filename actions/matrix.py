"""Read the sign-off matrix of a stage: one cell for each sign-off its gate asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.gate import Cell
from models.sign_off import Decision, is_live
from models.tables import DELIVERABLE, SEAT, SIGN_OFF


@dataclass(frozen=True, slots=True)
class SignedCell(Cell):
    """A cell with the live sign-off that fills it, if any."""

    sign_off_id: int | None = None
    signed_by: int | None = None


ASKED = (
    (DELIVERABLE.c.stage_id == SEAT.c.stage_id)
    & DELIVERABLE.c.is_signed
    & (DELIVERABLE.c.party_id.is_(None) | (DELIVERABLE.c.party_id == SEAT.c.party_id))
)
"""Which deliverables a seat signs: the shared ones, and its party's own."""

GIVEN = (
    (SIGN_OFF.c.deliverable_id == DELIVERABLE.c.id)
    & (SIGN_OFF.c.party_id == SEAT.c.party_id)
    & (SIGN_OFF.c.round == DELIVERABLE.c.round)
    & is_live()
)
"""Which sign-off fills a cell: the live one, on the round under way."""

CELL = (
    SEAT.c.party_id,
    DELIVERABLE.c.id,
    DELIVERABLE.c.number,
    SIGN_OFF.c.decision,
    SIGN_OFF.c.id,
    SIGN_OFF.c.signed_by,
)
_MATRIX = (
    sa.select(*CELL)
    .select_from(SEAT.join(DELIVERABLE, ASKED).outerjoin(SIGN_OFF, GIVEN))
    .where(SEAT.c.stage_id == sa.bindparam("stage"), SEAT.c.left_at.is_(None))
    .order_by(SEAT.c.party_id, DELIVERABLE.c.id)
)


def cell(row: Sequence[Any]) -> SignedCell:
    """A cell from a row of the columns ``CELL``."""
    party, deliverable, number, decision, sign_off, person = row
    return SignedCell(
        party, deliverable, number > 0, Decision(decision) if decision else None, sign_off, person
    )


def matrix_of(connection: Connection, stage_id: int) -> list[SignedCell]:
    """The cells of the stage: the parties of its roster × the deliverables each has to sign."""
    return [cell(row) for row in connection.execute(_MATRIX, {"stage": stage_id})]

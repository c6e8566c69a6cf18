"""The sign-off matrix of a stage, one cell per sign-off that its gate asks for; and seats, with their context."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import NOW
from database.prepared import Prepared, together
from models.act_kind import ActKind
from models.audit_entry import JournalEnd
from models.evidence import Evidence
from models.file_kind import UNREADABLE
from models.gate import Cell
from models.person import is_in_office
from models.shared_project import ProjectStatus
from models.sign_off import Decision, is_live
from models.sign_off_rules import SeatSnapshot, VersionRead
from models.stage import StageStatus, is_seated
from models.tables import (
    DELIVERABLE,
    FILE_INSPECTION,
    JOURNAL,
    MANDATE,
    PARTY,
    PROJECT,
    SEAT,
    SIGN_OFF,
    STAGE,
    VERSION,
)


@dataclass(frozen=True, slots=True)
class SignedCell(Cell):
    """A cell with the live sign-off that fills it, if any."""

    sign_off_id: int | None = None
    signed_by: int | None = None


SIGNED_BY_SEAT = (
    (DELIVERABLE.c.stage_id == SEAT.c.stage_id)
    & DELIVERABLE.c.is_signed
    & (DELIVERABLE.c.party_id.is_(None) | (DELIVERABLE.c.party_id == SEAT.c.party_id))
)
"""Which deliverables a seat signs, as ``is_signed_by``: the shared ones, and its party's own."""

FILLS_CELL = (
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
    .select_from(SEAT.join(DELIVERABLE, SIGNED_BY_SEAT).outerjoin(SIGN_OFF, FILLS_CELL))
    .where(SEAT.c.stage_id == sa.bindparam("stage"), is_seated())
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


_SIGNED = DELIVERABLE.alias("signed")
_LOCK = Prepared(
    sa.select(JOURNAL.c.id, JOURNAL.c.seq, JOURNAL.c.head)
    .select_from(
        JOURNAL.join(STAGE, STAGE.c.project_id == JOURNAL.c.project_id).join(
            _SIGNED, _SIGNED.c.stage_id == STAGE.c.id
        )
    )
    .where(_SIGNED.c.id == sa.bindparam("deliverable"))
    .with_for_update(of=JOURNAL)
)
_OFFICE = MANDATE.alias("office")
_HOLDS_OFFICE = is_in_office(PARTY.c.code, NOW, _OFFICE.c)
_IS_UNREADABLE = sa.exists().where(
    FILE_INSPECTION.c.sha256 == _SIGNED.c.sha256,
    FILE_INSPECTION.c.kind == sa.literal_column(f"'{UNREADABLE.key}'"),
)
_SEAT = (
    PROJECT.c.id,
    PROJECT.c.title,
    PROJECT.c.status,
    PROJECT.c.status_reason,
    PROJECT.c.lifecycle_key,
    PROJECT.c.lifecycle_version,
    STAGE.c.id,
    STAGE.c.key,
    STAGE.c.status,
    _SIGNED.c.id,
    _SIGNED.c.key,
    _SIGNED.c.title,
    _SIGNED.c.act_kind,
    _SIGNED.c.number,
    _SIGNED.c.round,
    _SIGNED.c.version_id,
    _SIGNED.c.sha256,
    PARTY.c.id,
    PARTY.c.code,
    PARTY.c.name,
    PARTY.c.acts,
    _OFFICE.c.person_id,
    _OFFICE.c.evidence,
    _IS_UNREADABLE,
)
"""The columns of a ``SeatSnapshot``, in its order."""
_DELIVERABLE = len(_SEAT) + 1
_SEATS = (
    sa.select(*_SEAT)
    .select_from(
        _SIGNED.join(STAGE, STAGE.c.id == _SIGNED.c.stage_id)
        .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
        .join(PARTY, PARTY.c.project_id == PROJECT.c.id)
        .outerjoin(_OFFICE, _HOLDS_OFFICE)
    )
    .where(_SIGNED.c.id == sa.bindparam("deliverable"))
)
_SEAT_AND_MATRIX = Prepared(
    _SEATS.add_columns(*CELL)
    .outerjoin(SEAT, (SEAT.c.stage_id == STAGE.c.id) & is_seated())
    .outerjoin(DELIVERABLE, SIGNED_BY_SEAT)
    .outerjoin(SIGN_OFF, FILLS_CELL)
    .where(PARTY.c.id == sa.bindparam("party"))
)


def lock_and_load_seat(
    connection: Connection, deliverable_id: int, party_id: int, now: datetime
) -> tuple[JournalEnd, SeatSnapshot, list[SignedCell]] | None:
    """Lock the project of the deliverable, then read the seat and the matrix of its stage.

    Returns the end of the journal too; None when party and deliverable are not of one project. The lock is a
    statement of its own, so that what is read after it is what stands once it is held.
    """
    with together(connection):
        lock = _LOCK.run(connection, deliverable=deliverable_id)
        read = _SEAT_AND_MATRIX.run(connection, deliverable=deliverable_id, party=party_id, now=now)
    end, rows = lock.fetchone(), read.fetchall()
    if end is None or not rows:
        return None
    matrix = [cell(row[len(_SEAT) :]) for row in rows if row[_DELIVERABLE] is not None]
    return end, _snapshot(rows[0][: len(_SEAT)]), matrix


def load_seats(
    connection: Connection, deliverable_id: int, now: datetime
) -> dict[str, tuple[SeatSnapshot, SignedCell | None]]:
    """The same without the lock, for the pages: each party of the project by its code, with its cell in the matrix."""
    rows = connection.execute(_SEATS, {"deliverable": deliverable_id, "now": now}).all()
    seats = [_snapshot(row) for row in rows]
    matrix = matrix_of(connection, seats[0].stage_id) if seats else []
    return {seat.party_code: (seat, cell_of(seat, matrix)) for seat in seats}


def cell_of(seat: SeatSnapshot, matrix: Sequence[SignedCell]) -> SignedCell | None:
    """The seat's cell; None when its sign-off is not, or no longer, asked for."""
    key = (seat.party_id, seat.deliverable_id)
    return next((each for each in matrix if (each.party_id, each.deliverable_id) == key), None)


def versions_of(connection: Connection, deliverable_id: int) -> list[VersionRead]:
    """The versions of a deliverable, the newest first."""
    query = sa.select(VERSION.c.number, VERSION.c.sha256, VERSION.c.submitted_at)
    mine = query.where(VERSION.c.deliverable_id == deliverable_id).order_by(VERSION.c.number.desc())
    return [VersionRead(*row) for row in connection.execute(mine)]


def _snapshot(row: Sequence[Any]) -> SeatSnapshot:
    """From the values of the driver, or of SQLAlchemy."""
    seat = SeatSnapshot(*row)
    return seat._replace(
        project_status=ProjectStatus(seat.project_status),
        stage_status=StageStatus(seat.stage_status),
        act_kind=ActKind(seat.act_kind),
        acts=seat.acts if isinstance(seat.acts, dict) else json.loads(seat.acts),
        office_evidence=Evidence(seat.office_evidence) if seat.office_evidence else None,
    )

"""The deliverables of some stages with their versions and sign-offs, from which a sign-off matrix is drawn."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import among
from models.act_kind import act_expected
from models.former_name import name_at
from models.gate import is_signed_by
from models.project_shapes import DeliverableShown, SeatShown, SignOffShown, VersionLine
from models.proposal_shapes import PendingConfirmation
from models.stage import is_seated
from models.tables import DELIVERABLE, PARTY, PERSON, SEAT, SIGN_OFF, VERSION
from queries.ledger.party_names import PartyName
from queries.signing.pending_acts import pending_acts
from queries.signing.sign_offs import sign_offs

_DELIVERABLES = (
    sa.select(DELIVERABLE, PARTY.c.code.label("party"), PARTY.c.name.label("owner_name"))
    .outerjoin(PARTY, PARTY.c.id == DELIVERABLE.c.party_id)
    .where(among(DELIVERABLE.c.stage_id, "stages"))
    .order_by(DELIVERABLE.c.id)
)
_SEATS = (
    sa.select(SEAT.c.stage_id, PARTY.c.id, PARTY.c.code, PARTY.c.name, PARTY.c.acts)
    .join(PARTY, PARTY.c.id == SEAT.c.party_id)
    .where(among(SEAT.c.stage_id, "stages"), is_seated())
    .order_by(PARTY.c.id)
)
_VERSIONS = (
    sa.select(
        VERSION,
        PERSON.c.email,
        name_at(PERSON, VERSION.c.submitted_at).label("submitter"),
        PARTY.c.code.label("objected_by_party"),
        PARTY.c.name.label("objected_by_party_name"),
    )
    .join(PERSON, PERSON.c.id == VERSION.c.submitted_by)
    .outerjoin(PARTY, PARTY.c.id == VERSION.c.objected_for)
    .where(among(VERSION.c.deliverable_id, "deliverables"))
    .order_by(VERSION.c.number.desc())
)
_SIGN_OFFS = (
    sign_offs().where(among(SIGN_OFF.c.deliverable_id, "deliverables")).order_by(SIGN_OFF.c.id.desc())
)
PartySignOff = tuple[int, SignOffShown]
"""The id of a party, and one of its decisions."""


@dataclass(frozen=True, slots=True)
class StageDetails:
    """The parties that count in the gate of a stage, and its deliverables."""

    roster: tuple[PartyName, ...]
    deliverables: tuple[DeliverableShown, ...]


def load_deliverables(
    connection: Connection, slug: str, stage_ids: Collection[int], now: datetime
) -> dict[int, StageDetails]:
    """The details of each of these stages of one project, in five queries. Writes nothing."""
    seats, waiting = _seats(connection, stage_ids), pending_acts(connection, stage_ids, now)
    rows = connection.execute(_DELIVERABLES, {"stages": [*stage_ids]}).all()
    ids = [row.id for row in rows]
    versions, answers = _versions(connection, slug, ids), _sign_offs(connection, ids)
    deliverables: defaultdict[int, list[DeliverableShown]] = defaultdict(list)
    for row in rows:
        deliverable = _deliverable(row, slug, versions[row.id], answers[row.id], seats[row.stage_id], waiting)
        deliverables[row.stage_id].append(deliverable)
    return {
        one: StageDetails(
            tuple(PartyName(seat.code, seat.name, True) for seat in seats[one]), tuple(deliverables[one])
        )
        for one in stage_ids
    }


def _deliverable(
    row: Any,
    slug: str,
    versions: Sequence[VersionLine],
    answers: Sequence[PartySignOff],
    seats: Sequence[Any],
    waiting: Mapping[tuple[int, int], PendingConfirmation],
) -> DeliverableShown:
    current = versions[0] if versions else None
    return DeliverableShown(
        **row._mapping,
        version=row.number or None,
        file_name=current and current.file_name,
        submitted_by=current and current.submitted_by,
        submitted_by_name=current and current.submitted_by_name,
        submitted_at=current and current.submitted_at,
        sign_offs=[each for _, each in reversed(answers)],
        versions=tuple(versions),
        seats=tuple(
            _seat(row, seat, answers, waiting.get((row.id, seat.id)))
            for seat in seats
            if is_signed_by(seat.id, row.is_signed, row.party_id)
        ),
        path=f"/projets/{slug}/livrables/{row.id}",
    )


def _seat(
    row: Any, seat: Any, answers: Sequence[PartySignOff], pending: PendingConfirmation | None
) -> SeatShown:
    own = [each for party_id, each in answers if party_id == seat.id]
    live = next((each for each in own if each.is_live and each.round == row.round), None)
    history = tuple(each for each in own if each is not live)
    expected = act_expected(seat.acts, row.key, row.act_kind)
    is_awaited = row.number > 0 and live is None
    return SeatShown(seat.code, seat.name, expected, live, history, is_awaited, pending)


def _seats(connection: Connection, stage_ids: Collection[int]) -> defaultdict[int, list[Any]]:
    seats: defaultdict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(_SEATS, {"stages": [*stage_ids]}):
        seats[row.stage_id].append(row)
    return seats


def _versions(
    connection: Connection, slug: str, deliverable_ids: Collection[int]
) -> defaultdict[int, list[VersionLine]]:
    """The newest first."""
    versions: defaultdict[int, list[VersionLine]] = defaultdict(list)
    for row in connection.execute(_VERSIONS, {"deliverables": [*deliverable_ids]}):
        path = f"/projets/{slug}/livrables/{row.deliverable_id}/versions/{row.number}"
        by = {"submitted_by": row.email, "submitted_by_name": row.submitter, "path": path}
        versions[row.deliverable_id].append(VersionLine(**{**row._mapping, **by}))
    return versions


def _sign_offs(
    connection: Connection, deliverable_ids: Collection[int]
) -> defaultdict[int, list[PartySignOff]]:
    """The newest first."""
    answers: defaultdict[int, list[PartySignOff]] = defaultdict(list)
    for row in connection.execute(_SIGN_OFFS, {"deliverables": [*deliverable_ids]}):
        answers[row.deliverable_id].append((row.party_id, SignOffShown.model_validate(row)))
    return answers

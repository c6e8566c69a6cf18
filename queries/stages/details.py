"""The deliverables of some stages with all that was submitted and answered: what a sign-off matrix is drawn from."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.among import among
from models.act_kind import ActKind
from models.tables import DELIVERABLE, PARTY, PERSON, SEAT, SIGN_OFF, VERSION
from queries.people.parties import PartyName
from queries.signing.sign_offs import SignOffShown, sign_off_shown, sign_offs_shown


@dataclass(frozen=True, slots=True)
class VersionShown:
    """One submitted content; ``size`` in bytes, ``path`` is the document itself.

    ``change_note`` is what its author says that it changes, in plain text of several lines.
    """

    number: int
    round: int
    sha256: str
    size: int
    file_name: str
    is_minor: bool
    minor_reason: str | None
    change_note: str | None
    submitted_by: str
    submitted_at: datetime
    path: str


@dataclass(frozen=True, slots=True)
class SeatShown:
    """A cell of the matrix: a party before a deliverable. ``history`` holds what no longer counts, newest first."""

    party_code: str
    party_name: str
    act_expected: ActKind
    live: SignOffShown | None
    history: tuple[SignOffShown, ...]
    is_awaited: bool


@dataclass(frozen=True, slots=True)
class DeliverableShown:
    """A deliverable; its owner is the city whose own it is (none: shared). ``number`` is 0 before any version.

    ``versions`` come newest first; ``seats`` in the order in which the parties joined, empty when it is not signed.
    """

    id: int
    key: str
    title: str
    owner_code: str | None
    owner_name: str | None
    is_signed: bool
    act_kind: ActKind
    number: int
    sha256: str | None
    versions: tuple[VersionShown, ...]
    seats: tuple[SeatShown, ...]
    path: str

    @property
    def current(self) -> VersionShown | None:
        """The version that is to be read and signed."""
        return self.versions[0] if self.versions else None

    def seat(self, code: str) -> SeatShown | None:
        """The cell of this party; None when it does not sign this deliverable."""
        return next((each for each in self.seats if each.party_code == code), None)


@dataclass(frozen=True, slots=True)
class StageDetails:
    """The parties that count in the gate of a stage, and its deliverables."""

    roster: tuple[PartyName, ...]
    deliverables: tuple[DeliverableShown, ...]


def details_of(connection: Connection, slug: str, stage_ids: Collection[int]) -> dict[int, StageDetails]:
    """Each of these stages of one project, in four queries. Writes nothing."""
    seats = _seats(connection, stage_ids)
    owned = sa.select(DELIVERABLE, PARTY.c.code.label("owner_code"), PARTY.c.name.label("owner_name"))
    query = owned.outerjoin(PARTY, PARTY.c.id == DELIVERABLE.c.party_id).order_by(DELIVERABLE.c.id)
    rows = connection.execute(query.where(among(connection, DELIVERABLE.c.stage_id, stage_ids))).all()
    numbers = [row.id for row in rows]
    versions, given = _versions(connection, slug, numbers), _sign_offs(connection, numbers)
    deliverables: defaultdict[int, list[DeliverableShown]] = defaultdict(list)
    for row in rows:
        shown = _deliverable(row, slug, versions[row.id], given[row.id], seats[row.stage_id])
        deliverables[row.stage_id].append(shown)
    return {
        one: StageDetails(
            tuple(PartyName(seat.code, seat.name, True) for seat in seats[one]), tuple(deliverables[one])
        )
        for one in stage_ids
    }


def _deliverable(
    row: Any,
    slug: str,
    versions: list[VersionShown],
    given: list[tuple[int, int, SignOffShown]],
    seats: list[Any],
) -> DeliverableShown:
    signing = [seat for seat in seats if row.is_signed and row.party_id in (None, seat.id)]
    return DeliverableShown(
        row.id, row.key, row.title, row.owner_code, row.owner_name, row.is_signed, row.act_kind, row.number,
        row.sha256, tuple(versions), tuple(_seat(row, seat, given) for seat in signing),
        f"/projets/{slug}/livrables/{row.id}",
    )  # fmt: skip


def _seat(row: Any, seat: Any, given: list[tuple[int, int, SignOffShown]]) -> SeatShown:
    theirs = [(round_, each) for party_id, round_, each in given if party_id == seat.id]
    live = next((each for round_, each in theirs if each.is_live and round_ == row.round), None)
    history = tuple(each for _, each in theirs if each is not live)
    expected = row.act_kind.or_more(ActKind(seat.acts.get(row.key, row.act_kind)))
    return SeatShown(seat.code, seat.name, expected, live, history, row.number > 0 and live is None)


def _seats(connection: Connection, stage_ids: Collection[int]) -> defaultdict[int, list[Any]]:
    query = (
        sa.select(SEAT.c.stage_id, PARTY.c.id, PARTY.c.code, PARTY.c.name, PARTY.c.acts)
        .join(PARTY, PARTY.c.id == SEAT.c.party_id)
        .where(among(connection, SEAT.c.stage_id, stage_ids), SEAT.c.left_at.is_(None))
        .order_by(PARTY.c.id)
    )
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.stage_id].append(row)
    return found


def _versions(
    connection: Connection, slug: str, deliverable_ids: Collection[int]
) -> defaultdict[int, list[VersionShown]]:
    query = (
        sa.select(VERSION, PERSON.c.name.label("author"))
        .join(PERSON, PERSON.c.id == VERSION.c.submitted_by)
        .where(among(connection, VERSION.c.deliverable_id, deliverable_ids))
        .order_by(VERSION.c.number.desc())
    )
    found: defaultdict[int, list[VersionShown]] = defaultdict(list)
    for row in connection.execute(query):
        path = f"/projets/{slug}/livrables/{row.deliverable_id}/versions/{row.number}"
        found[row.deliverable_id].append(
            VersionShown(row.number, row.round, row.sha256, row.size, row.file_name, row.is_minor,
                         row.minor_reason, row.change_note, row.author, row.submitted_at, path)
        )  # fmt: skip
    return found


def _sign_offs(
    connection: Connection, deliverable_ids: Collection[int]
) -> defaultdict[int, list[tuple[int, int, SignOffShown]]]:
    """Each with its party's number and its round, the newest first."""
    query = sign_offs_shown().where(among(connection, SIGN_OFF.c.deliverable_id, deliverable_ids))
    found: defaultdict[int, list[tuple[int, int, SignOffShown]]] = defaultdict(list)
    for row in connection.execute(query.order_by(SIGN_OFF.c.id.desc())):
        found[row.deliverable_id].append((row.party_id, row.round, sign_off_shown(row)))
    return found

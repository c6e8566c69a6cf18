"""The sign-off matrix of a stage: one row per city, one column per deliverable, and in each cell where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.project_shapes import DeliverableShown, SeatShown
from queries.ledger.party_names import PartyName


@dataclass(frozen=True, slots=True)
class Cell:
    """A city before a deliverable: its seat is None where nothing is signed; both are None where nothing is asked."""

    deliverable: DeliverableShown | None
    seat: SeatShown | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """``columns`` are titles, each with the shared deliverable they stand for (none: each city has its own)."""

    columns: tuple[tuple[str, DeliverableShown | None], ...]
    rows: tuple[tuple[PartyName, tuple[Cell, ...]], ...]


def matrix_shown(roster: Sequence[PartyName], deliverables: Sequence[DeliverableShown]) -> Matrix:
    """The matrix of these cities and deliverables."""
    keys = list(dict.fromkeys(each.key for each in deliverables))
    of_key = {key: [each for each in deliverables if each.key == key] for key in keys}
    first_of_key = [same_key[0] for same_key in of_key.values()]
    columns = tuple((each.title, each if each.party is None else None) for each in first_of_key)
    rows = tuple((city, tuple(_cell(city.code, same_key) for same_key in of_key.values())) for city in roster)
    return Matrix(columns, rows)


def _cell(code: str, deliverables: Sequence[DeliverableShown]) -> Cell:
    theirs = next((each for each in deliverables if each.party in (None, code)), None)
    return Cell(theirs, theirs.seat(code) if theirs else None)

"""The gate: what an end of stage asks for, as a pure function of the sign-off matrix (rule 1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.sign_off import Decision
from models.stage import StageStatus


@dataclass(frozen=True, slots=True)
class Cell:
    """One required sign-off: this party, on this deliverable; ``decision`` on the current content, if any.

    A shared deliverable has one cell for each signatory of the roster, a city's own deliverable one cell.
    """

    party_id: int
    deliverable_id: int
    is_submitted: bool
    decision: Decision | None


def is_signed_by(party_id: int, is_signed: bool, owner_id: int | None) -> bool:
    """Does this party of the roster sign a deliverable: one that is signed, and shared or its own?"""
    return is_signed and owner_id in (None, party_id)


def gate_holds(matrix: Sequence[Cell]) -> bool:
    """Every required cell approves its current version, with or without reservations; none is empty.

    An empty roster gives an empty matrix, and that never passes.
    """
    return bool(matrix) and all(
        cell.is_submitted and cell.decision is not None and cell.decision.passes for cell in matrix
    )


def is_refused(matrix: Sequence[Cell]) -> bool:
    """Has some party refused a current version?"""
    return any(cell.decision is Decision.refused for cell in matrix)


def review_status(matrix: Sequence[Cell]) -> StageStatus:
    """The state of a stage under review, read from its matrix alone."""
    if is_refused(matrix):
        return StageStatus.revision_requested
    return StageStatus.signed_off if gate_holds(matrix) else StageStatus.in_review


def missing(matrix: Sequence[Cell]) -> list[Cell]:
    """The cells the gate still waits for: nothing submitted, nothing decided, or refused."""
    return [
        cell for cell in matrix if not cell.is_submitted or cell.decision is None or not cell.decision.passes
    ]

"""The board: at a glance, where each project stands and what blocks it, the most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.engine import Connection
from sqlmodel import Session

from models.awaited import AGENCY
from models.folded import folded, is_said_in
from models.lifecycle import lifecycle_or_none, trouble_of
from models.paris_time import paris_day
from models.shared_project import ProjectStatus
from models.stage import StageStatus
from models.stage_needs import Missing
from queries.access.standing import standings
from queries.commitments.counts import promised_by_project
from queries.ledger.party_names import PartyName, parties_by_project
from queries.projects.board_rows import closed_by_project, heads_of_board
from queries.stages.blockers import Blocker, blockers_of

PROJECTS_A_PAGE = 25
MOST_BLOCKING = 3
"""So many lines of what blocks a project stand on the board; its page has the rest."""


@dataclass(frozen=True, slots=True)
class BoardFilters:
    """What the board is narrowed to: words (of the title, theme, cities), a state, a stage's key, what is late, or
    the projects of this agent. Cancelled projects are shown when they are asked for only."""

    words: str = ""
    status: ProjectStatus | None = None
    stage: str | None = None
    late: bool = False
    mine: bool = False


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One project. Without a stage at work (all closed), ``due_on`` is that of its next commitment.

    ``days_late`` is 0 while nothing has passed; ``blocking`` are the first of what blocks the stage of a
    project that runs, and ``more_blocking`` counts the others. Late commitments are among the open ones.
    """

    slug: str
    title: str
    theme: str
    status: ProjectStatus
    status_reason: str | None
    agent_name: str | None
    parties: tuple[PartyName, ...]
    stage_key: str | None
    stage_title: str | None
    stage_status: StageStatus | None
    due_on: date | None
    days_late: int
    blocking: tuple[Blocker, ...]
    more_blocking: int
    stages_closed: int
    stages: int
    open_commitments: int
    late_commitments: int

    @property
    def path(self) -> str:
        """The project's own page."""
        return f"/projets/{self.slug}"


@dataclass(frozen=True, slots=True)
class Board:
    """One page of the board. ``count`` is the number of projects of all pages, ``late`` of those that are late."""

    lines: tuple[BoardLine, ...]
    page: int
    pages: int
    count: int
    late: int


def read_board(
    session: Session, person_id: int, now: datetime, page: int = 1, filters: BoardFilters | None = None
) -> Board:
    """The projects where a person stands (all of them for an agent), the most urgent first. Writes nothing.

    What runs comes before what is paused, the earliest due date first. A page past the end is the last one.
    """
    connection, today, wanted = session.connection(), paris_day(now), filters or BoardFilters()
    rows = heads_of_board(connection, list(standings(connection, person_id, now)))
    rows = [row for row in rows if _is_wanted(row, wanted, person_id, today)]
    if words := folded(wanted.words):
        cities = parties_by_project(connection, [row.id for row in rows])
        rows = [row for row in rows if is_said_in(words, _said(row, cities[row.id]))]
    rows.sort(key=_urgency)
    pages = max(1, -(-len(rows) // PROJECTS_A_PAGE))
    shown = min(max(page, 1), pages)
    here = rows[(shown - 1) * PROJECTS_A_PAGE : shown * PROJECTS_A_PAGE]
    late = sum(_days_late(row, today) > 0 for row in rows)
    return Board(tuple(_lines(connection, here, now)), shown, pages, len(rows), late)


def _urgency(row: Any) -> tuple[bool, date, str, int]:
    return not row.status.is_ongoing, row.due_on or date.max, row.title, row.id


def _is_wanted(row: Any, wanted: BoardFilters, person_id: int, today: date) -> bool:
    return (
        (row.status is wanted.status if wanted.status else row.status is not ProjectStatus.cancelled)
        and wanted.stage in (None, "", row.stage_key)
        and (not wanted.late or _days_late(row, today) > 0)
        and (not wanted.mine or row.agency_agent_id == person_id)
    )


def _said(row: Any, parties: Sequence[PartyName]) -> str:
    cities = " ".join(f"{each.name} {each.code}" for each in parties)
    return f"{row.title} {row.theme} {cities}"


def _days_late(row: Any, today: date) -> int:
    """Nothing is late in a project that is paused or cancelled."""
    return max((today - row.due_on).days, 0) if row.due_on and row.status.is_ongoing else 0


def _lines(connection: Connection, rows: Sequence[Any], now: datetime) -> list[BoardLine]:
    today = paris_day(now)
    shown = [row.id for row in rows]
    at_work = [row.stage_id for row in rows if row.stage_id and row.status.is_ongoing and not _trouble(row)]
    blocking, parties = blockers_of(connection, at_work, now), parties_by_project(connection, shown)
    closed, promised = closed_by_project(connection, shown), promised_by_project(connection, shown, today)
    return [
        _line(
            row,
            blocking.get(row.stage_id, []),
            parties[row.id],
            closed.get(row.id, 0),
            promised.get(row.id),
            today,
        )
        for row in rows
    ]


def _line(
    row: Any,
    blocking: Sequence[Blocker],
    parties: Sequence[PartyName],
    closed: int,
    promised: tuple[int, int] | None,
    today: date,
) -> BoardLine:
    lifecycle = lifecycle_or_none(row.lifecycle_key, row.lifecycle_version)
    stage = lifecycle.stage(row.stage_key).title if lifecycle and row.stage_key else row.stage_key
    if trouble := _trouble(row):
        blocking = [_to_repair(row, trouble)]
    elif row.stage_status is StageStatus.planned and row.status.is_ongoing:
        blocking = [_to_open(row, stage or "")]
    is_open, is_late = promised or (0, 0)
    return BoardLine(
        row.slug, row.title, row.theme, row.status, row.status_reason, row.agent_name, tuple(parties),
        row.stage_key, stage, row.stage_status, row.due_on, _days_late(row, today),
        tuple(blocking[:MOST_BLOCKING]), max(len(blocking) - MOST_BLOCKING, 0),
        closed, len(lifecycle.stages) if lifecycle else 0, is_open, is_late,
    )  # fmt: skip


def _trouble(row: Any) -> str | None:
    return trouble_of(row.lifecycle_key, row.lifecycle_version)


def _to_repair(row: Any, trouble: str) -> Blocker:
    """Its lifecycle cannot be read: this project waits for its file, and the others go on."""
    missing = Missing("lifecycle", None, None, None, None, trouble)
    return Blocker(missing, "Exploitant", f"/projets/{row.slug}")


def _to_open(row: Any, title: str) -> Blocker:
    """All before it is closed: it is the ANCT's turn."""
    missing = Missing("transition", None, None, None, AGENCY, f"ouvrir l’étape « {title} »")
    return Blocker(missing, AGENCY, f"/projets/{row.slug}")

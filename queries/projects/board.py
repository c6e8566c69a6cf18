"""The board: at a glance, where each project stands and what blocks it, the most urgent first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from database.bound import among
from models.awaited import AGENCY
from models.commitment import STILL_OPEN
from models.folded import folded
from models.lifecycle import lifecycle_or_none, trouble_of
from models.paging import page_shown
from models.paris_time import paris_day
from models.place_name import is_said_of
from models.shared_project import ProjectStatus, days_late
from models.stage import StageStatus
from models.stage_needs import Missing
from models.tables import COMMITMENT, PERSON, PROJECT, STAGE
from queries.access.standing import standings
from queries.commitments.counts import promised_by_project
from queries.ledger.party_names import PartyName, parties_by_project
from queries.stages.blockers import Blocker, blockers_of

PROJECTS_A_PAGE = 25
MOST_BLOCKING = 3
"""So many lines of what blocks a project stand on the board; its page has the rest."""
_FIRST = (
    sa.select(STAGE.c.project_id, sa.func.min(STAGE.c.position).label("position"))
    .where(STAGE.c.status != StageStatus.closed)
    .group_by(STAGE.c.project_id)
    .subquery()
)
_PROMISED = (
    sa.select(sa.func.min(COMMITMENT.c.due_on))
    .where(COMMITMENT.c.project_id == PROJECT.c.id, COMMITMENT.c.status.in_(STILL_OPEN))
    .scalar_subquery()
)
_HEADS = (
    sa.select(
        PROJECT, PERSON.c.name.label("agent_name"), STAGE.c.id.label("stage_id"),
        STAGE.c.key.label("stage_key"), STAGE.c.status.label("stage_status"),
        sa.case((STAGE.c.id.is_(None), _PROMISED), else_=STAGE.c.due_on).label("due_on"),
    )
    .outerjoin(PERSON, PERSON.c.id == PROJECT.c.agency_agent_id)
    .outerjoin(_FIRST, _FIRST.c.project_id == PROJECT.c.id)
    .outerjoin(STAGE, (STAGE.c.project_id == PROJECT.c.id) & (STAGE.c.position == _FIRST.c.position))
    .where(among(PROJECT.c.id, "projects"))
)  # fmt: skip
_CLOSED = (
    sa.select(STAGE.c.project_id, sa.func.count())
    .where(among(STAGE.c.project_id, "projects"), STAGE.c.status == StageStatus.closed)
    .group_by(STAGE.c.project_id)
)


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
    rows = _heads(connection, list(standings(connection, person_id, now)))
    rows = [row for row in rows if _is_wanted(row, wanted, person_id, today)]
    if folded(wanted.words):
        cities = parties_by_project(connection, [row.id for row in rows])
        rows = [row for row in rows if is_said_of(wanted.words, _said(row, cities[row.id]))]
    rows.sort(key=_urgency)
    shown, pages = page_shown(len(rows), page, PROJECTS_A_PAGE)
    here = rows[(shown - 1) * PROJECTS_A_PAGE : shown * PROJECTS_A_PAGE]
    late = sum(days_late(row.due_on, today, row.status) > 0 for row in rows)
    return Board(tuple(_lines(connection, here, now)), shown, pages, len(rows), late)


def _urgency(row: Any) -> tuple[bool, date, str, int]:
    return not row.status.is_ongoing, row.due_on or date.max, row.title, row.id


def _is_wanted(row: Any, wanted: BoardFilters, person_id: int, today: date) -> bool:
    return (
        (row.status is wanted.status if wanted.status else row.status is not ProjectStatus.cancelled)
        and wanted.stage in (None, "", row.stage_key)
        and (not wanted.late or days_late(row.due_on, today, row.status) > 0)
        and (not wanted.mine or row.agency_agent_id == person_id)
    )


def _said(row: Any, parties: Sequence[PartyName]) -> str:
    cities = " ".join(f"{each.name} {each.code}" for each in parties)
    return f"{row.title} {row.theme} {cities}"


def _lines(connection: Connection, rows: Sequence[Any], now: datetime) -> list[BoardLine]:
    today = paris_day(now)
    shown = [row.id for row in rows]
    at_work = [row.stage_id for row in rows if row.stage_id and row.status.is_ongoing and not _trouble(row)]
    blocking, parties = blockers_of(connection, at_work, now), parties_by_project(connection, shown)
    closed, promised = _closed_by_project(connection, shown), promised_by_project(connection, shown, today)
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
        row.stage_key, stage, row.stage_status, row.due_on,
        days_late(row.due_on, today, row.status),
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


def _heads(connection: Connection, project_ids: Collection[int]) -> list[Any]:
    """Each project with its first stage that is not closed; without one, ``due_on`` is its next commitment's."""
    return list(connection.execute(_HEADS, {"projects": [*project_ids]}))


def _closed_by_project(connection: Connection, project_ids: Collection[int]) -> dict[int, int]:
    """How many stages of each are closed."""
    return {row[0]: row[1] for row in connection.execute(_CLOSED, {"projects": [*project_ids]})}

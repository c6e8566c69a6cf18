"""The stages of a project in their order, as steps to go through and as bars on a timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from models.paris_time import paris_day
from models.shared_project import days_late
from models.stage import AT_WORK, Stage, StageStatus, current_stage
from models.stage_definition import StageDefinition
from models.stored_row import identity
from queries.access.project_access import ProjectAccess
from queries.ledger.find import stages_of


@dataclass(frozen=True, slots=True)
class StageStep:
    """One stage. ``starts_on`` and ``ends_on`` bound its bar on a timeline: the days it really began and ended,
    else those foreseen (it ends on its due date, or today once that is past). ``days_late`` is 0 while it is not
    late, once it is closed, and in a project that is paused or cancelled.
    """

    id: int
    key: str
    title: str
    purpose: str
    position: int
    status: StageStatus
    opened_at: datetime | None
    closed_at: datetime | None
    due_on: date | None
    days_late: int
    starts_on: date
    ends_on: date
    is_current: bool
    path: str


def steps_of(session: Session, access: ProjectAccess) -> list[StageStep]:
    """Every stage; the current one is the first that is not closed. One query."""
    stages = stages_of(session, access.project)
    current = current_stage(stages)
    steps: list[StageStep] = []
    for stage in stages:
        definition = access.lifecycle.stage(stage.key)
        starts_on, ends_on = _bar(stage, definition, steps, access)
        steps.append(_step(stage, definition, access, starts_on, ends_on, stage is current))
    return steps


def _bar(
    stage: Stage, definition: StageDefinition, before: Sequence[StageStep], access: ProjectAccess
) -> tuple[date, date]:
    starts_on = (
        paris_day(stage.opened_at) if stage.opened_at else _foreseen(stage, definition, before, access)
    )
    if stage.closed_at:
        return starts_on, max(paris_day(stage.closed_at), starts_on)
    foreseen = stage.due_on or starts_on + timedelta(days=definition.duration_days)
    late = access.today if stage.opened_at else starts_on
    return starts_on, max(foreseen, late, starts_on)


def _foreseen(
    stage: Stage, definition: StageDefinition, before: Sequence[StageStep], access: ProjectAccess
) -> date:
    """A stage to come begins when the one before ends; the first one, so as to last what it should."""
    if before:
        return before[-1].ends_on
    if stage.due_on:
        return stage.due_on - timedelta(days=definition.duration_days)
    return max(access.today, access.header.period_from)


def _step(
    stage: Stage,
    definition: StageDefinition,
    access: ProjectAccess,
    starts_on: date,
    ends_on: date,
    is_current: bool,
) -> StageStep:
    due_on = stage.due_on if stage.status in AT_WORK else None
    return StageStep(
        id=identity(stage),
        key=stage.key,
        title=definition.title,
        purpose=definition.purpose,
        position=stage.position,
        status=stage.status,
        opened_at=stage.opened_at,
        closed_at=stage.closed_at,
        due_on=stage.due_on,
        days_late=days_late(due_on, access.today, access.project.status),
        starts_on=starts_on,
        ends_on=ends_on,
        is_current=is_current,
        path=f"{access.header.path}/etapes/{stage.key}",
    )

"""A stage of a project: its states, the one table of its transitions, and the roster frozen when it opens."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import DEADLINE, UtcDateTime, core_table, stored, within
from models.labelled_enum import LabelledEnum
from models.refusal import Refusal
from models.shared_project import ProjectStatus


class StageStatus(LabelledEnum):
    """Where a stage stands (docs/rules.md, « The lifecycle »)."""

    planned = "planned", "prévue"
    opening = "opening", "en cours d’ouverture"
    open = "open", "ouverte"
    in_review = "in_review", "en validation"
    revision_requested = "revision_requested", "révision demandée"
    signed_off = "signed_off", "validée par toutes"
    closed = "closed", "close"


STAGE_TRANSITIONS: tuple[tuple[str, StageStatus, StageStatus], ...] = (
    ("request", StageStatus.planned, StageStatus.opening),
    ("open", StageStatus.opening, StageStatus.open),
    ("start_review", StageStatus.open, StageStatus.in_review),
    ("refuse", StageStatus.in_review, StageStatus.revision_requested),
    ("revise", StageStatus.revision_requested, StageStatus.in_review),
    ("sign_off", StageStatus.in_review, StageStatus.signed_off),
    ("withdraw", StageStatus.revision_requested, StageStatus.in_review),
    ("withdraw", StageStatus.signed_off, StageStatus.in_review),
    ("object", StageStatus.revision_requested, StageStatus.in_review),
    ("object", StageStatus.signed_off, StageStatus.in_review),
    ("leave", StageStatus.in_review, StageStatus.signed_off),
    ("leave", StageStatus.revision_requested, StageStatus.in_review),
    ("leave", StageStatus.revision_requested, StageStatus.signed_off),
    ("close", StageStatus.signed_off, StageStatus.closed),
)
"""Every change of state a stage can know, as (event, from, to). The diagram in the docs is drawn from it."""

UNDER_REVIEW = (StageStatus.in_review, StageStatus.revision_requested)
ACCEPTS_VERSIONS = (StageStatus.open, *UNDER_REVIEW)
LAID_OUT = (*ACCEPTS_VERSIONS, StageStatus.signed_off)
"""Its deliverables and its roster are there, and it is not closed."""
NOT_LAID_OUT = (StageStatus.planned, StageStatus.opening)
"""Who is a signatory when it opens is in its roster."""
AT_WORK = (StageStatus.opening, *LAID_OUT)
IS_OVER = (StageStatus.signed_off, StageStatus.closed)
"""All its signatories have signed off."""


class Stage(SQLModel, table=True):
    """One stage of one project.

    ``fact_seq`` counts the facts that concern the stage; ``seen_seq`` is the last one its flow run has looked
    at: when they differ, and nothing is under way, the run has to be woken. ``due_sequence`` counts the times the
    deadline was moved, as calendars want it.
    """

    __table_args__ = (sa.UniqueConstraint("project_id", "key", name="uq_stage_project_key"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id")
    key: str = Field(max_length=40)
    position: int
    status: StageStatus = Field(default=StageStatus.planned, sa_type=stored(StageStatus), index=True)
    round: int = 0
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_on: date | None = Field(default=None, sa_type=within(DEADLINE))
    due_set_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_sequence: int = 0
    fact_seq: int = 0
    seen_seq: int = 0


def is_moving(
    columns: sa.sql.base.ReadOnlyColumnCollection[str, sa.ColumnElement[Any]],
    project_status: sa.ColumnElement[Any],
) -> sa.ColumnElement[bool]:
    """The condition of a stage of a project that runs, whose flow has not looked yet at the last fact: what it asks of
    whom may change in a moment."""
    unseen = (columns.fact_seq > columns.seen_seq) | (columns.status == StageStatus.opening)
    return columns.status.in_(AT_WORK) & unseen & (project_status == ProjectStatus.active)


def current_stage(stages: Iterable[Stage]) -> Stage | None:
    """The first of these stages, in their order, that is not closed; None once all are."""
    return next((stage for stage in stages if stage.status is not StageStatus.closed), None)


def deadline_event(stage_id: int, party_id: int | None) -> str:
    """« echeance-3-12 »: the name of a party's deadline for a stage among the events of a calendar; 0 for no party."""
    return f"echeance-{stage_id}-{party_id or 0}"


class StageTransition(SQLModel, table=True):
    """The ANCT's recorded request to open a stage; without it no flow run opens anything (rule 6)."""

    __tablename__ = "stage_transition"

    id: int | None = Field(default=None, primary_key=True)
    stage_id: int = Field(foreign_key="stage.id", unique=True)
    requested_by: int = Field(foreign_key="person.id")
    requested_at: datetime = Field(sa_type=UtcDateTime)
    applied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RosterSeat(SQLModel, table=True):
    """A signatory party counted in a stage's gate; ``left_at`` once it has left the project."""

    __tablename__ = "roster_seat"

    stage_id: int = Field(foreign_key="stage.id", primary_key=True)
    party_id: int = Field(foreign_key="party.id", primary_key=True)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def is_seated() -> sa.ColumnElement[bool]:
    """The condition of a roster's seat whose party has not left: it counts in the gate."""
    return core_table(RosterSeat).c.left_at.is_(None)


class StageMovesOn(Refusal):
    """The stage is not in a state that allows this."""

    def __init__(self, stage_title: str, status: StageStatus, act: str, advice: str) -> None:
        super().__init__(
            f"L’étape « {stage_title} » est {status.label} : on ne peut pas {act} maintenant ; {advice}."
        )


class ForbiddenStageTransition(Exception):
    """The code asked for a change the table does not know: a mistake of ours, never of a user."""


def check_transition(event: str, origin: StageStatus, target: StageStatus) -> StageStatus:
    """``target``, once the table allows it; staying where one is needs no permission."""
    if origin != target and (event, origin, target) not in STAGE_TRANSITIONS:
        raise ForbiddenStageTransition(f"{event}: {origin} → {target}")
    return target

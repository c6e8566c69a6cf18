"""What the board reads of many projects, one query each: their stage, their parties, what they have done and owe."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.among import among
from models.commitment import STILL_OPEN
from models.stage import StageStatus
from models.tables import COMMITMENT, PERSON, PROJECT, STAGE


def heads_of_board(connection: Connection, project_ids: Collection[int]) -> list[Any]:
    """Each project with its first stage that is not closed; without one, ``due_on`` is its next commitment's."""
    first = (
        sa.select(STAGE.c.project_id, sa.func.min(STAGE.c.position).label("position"))
        .where(STAGE.c.status != StageStatus.closed)
        .group_by(STAGE.c.project_id)
        .subquery()
    )
    promised = (
        sa.select(sa.func.min(COMMITMENT.c.due_on))
        .where(COMMITMENT.c.project_id == PROJECT.c.id, COMMITMENT.c.status.in_(STILL_OPEN))
        .scalar_subquery()
    )
    next_due = sa.case((STAGE.c.id.is_(None), promised), else_=STAGE.c.due_on)
    query = (
        sa.select(
            PROJECT, PERSON.c.name.label("agent_name"), STAGE.c.id.label("stage_id"),
            STAGE.c.key.label("stage_key"), STAGE.c.status.label("stage_status"),
            next_due.label("due_on"),
        )
        .outerjoin(PERSON, PERSON.c.id == PROJECT.c.agency_agent_id)
        .outerjoin(first, first.c.project_id == PROJECT.c.id)
        .outerjoin(STAGE, (STAGE.c.project_id == PROJECT.c.id) & (STAGE.c.position == first.c.position))
        .where(among(connection, PROJECT.c.id, project_ids))
    )  # fmt: skip
    return list(connection.execute(query))


def closed_by_project(connection: Connection, project_ids: Collection[int]) -> dict[int, int]:
    """How many stages of each are closed."""
    query = (
        sa.select(STAGE.c.project_id, sa.func.count())
        .where(among(connection, STAGE.c.project_id, project_ids), STAGE.c.status == StageStatus.closed)
        .group_by(STAGE.c.project_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}

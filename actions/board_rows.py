"""What the board reads of many projects, one query each: their stage, their parties, what they have done and owe."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from actions.among import among
from actions.awaited import STILL_OPEN
from models.party import PartyRole
from models.stage import StageStatus
from models.tables import COMMITMENT, PARTY, PERSON, PROJECT, STAGE


@dataclass(frozen=True, slots=True)
class PartyName:
    """A party as a list names it."""

    code: str
    name: str
    is_signatory: bool


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


def parties_by_project(connection: Connection, project_ids: Collection[int]) -> dict[int, list[PartyName]]:
    """The present parties of each project, in the order they joined."""
    query = (
        sa.select(PARTY.c.project_id, PARTY.c.code, PARTY.c.name, PARTY.c.role)
        .where(among(connection, PARTY.c.project_id, project_ids), PARTY.c.left_at.is_(None))
        .order_by(PARTY.c.id)
    )
    found: defaultdict[int, list[PartyName]] = defaultdict(list)
    for project_id, code, name, role in connection.execute(query):
        found[project_id].append(PartyName(code, name, role is PartyRole.signatory))
    return found


def closed_by_project(connection: Connection, project_ids: Collection[int]) -> dict[int, int]:
    """How many stages of each are closed."""
    query = (
        sa.select(STAGE.c.project_id, sa.func.count())
        .where(among(connection, STAGE.c.project_id, project_ids), STAGE.c.status == StageStatus.closed)
        .group_by(STAGE.c.project_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def promised_by_project(
    connection: Connection, project_ids: Collection[int], today: date
) -> dict[int, tuple[int, int]]:
    """How many commitments of each are open, and how many of these are late."""
    late = sa.func.sum(sa.case((COMMITMENT.c.due_on < today, 1), else_=0))
    query = (
        sa.select(COMMITMENT.c.project_id, sa.func.count(), late)
        .where(among(connection, COMMITMENT.c.project_id, project_ids), COMMITMENT.c.status.in_(STILL_OPEN))
        .group_by(COMMITMENT.c.project_id)
    )
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

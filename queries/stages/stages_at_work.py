"""The stages at work with all that may block them, read at once: parties, deliverables, seats, strands, offices."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.among import among
from models.person import Role
from models.sign_off import is_live
from models.stage import AT_WORK
from models.tables import (
    AGENCY_SIGNATURE,
    AWARD,
    DELIVERABLE,
    MANDATE,
    PARTY,
    PROJECT,
    SEAT,
    SIGN_OFF,
    STAGE,
    STRAND,
)
from queries.signing.matrix import ASKED, CELL, GIVEN, cell


@dataclass(slots=True)
class StageAtWork:
    """A stage at work, with what is read of it."""

    row: Any
    parties: dict[int, Any]
    deliverables: dict[int, Any] = field(default_factory=dict)
    cells: list[Any] = field(default_factory=list)
    strands: list[Any] = field(default_factory=list)


def stages_at_work(connection: Connection, stage_ids: Collection[int]) -> dict[int, StageAtWork]:
    """Those at work, with their parties, deliverables, sign-offs and strands: five queries."""
    query = (
        sa.select(
            STAGE.c.id, STAGE.c.project_id, STAGE.c.key, STAGE.c.status, STAGE.c.opened_at, PROJECT.c.slug,
            PROJECT.c.lifecycle_key, PROJECT.c.lifecycle_version,
        )
        .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
        .where(among(connection, STAGE.c.id, stage_ids), STAGE.c.status.in_(AT_WORK))
        .order_by(STAGE.c.id)
    )  # fmt: skip
    rows = connection.execute(query).all()
    parties = parties_of_projects(connection, {row.project_id for row in rows})
    stages = {row.id: StageAtWork(row, parties[row.project_id]) for row in rows}
    asked = sa.select(DELIVERABLE).where(among(connection, DELIVERABLE.c.stage_id, stages))
    for row in connection.execute(asked.order_by(DELIVERABLE.c.id)):
        stages[row.stage_id].deliverables[row.id] = row
    seats = (
        sa.select(SEAT.c.stage_id, *CELL)
        .select_from(SEAT.join(DELIVERABLE, ASKED).outerjoin(SIGN_OFF, GIVEN))
        .where(among(connection, SEAT.c.stage_id, stages), SEAT.c.left_at.is_(None))
        .order_by(SEAT.c.stage_id, SEAT.c.party_id, DELIVERABLE.c.id)
    )
    for row in connection.execute(seats):
        stages[row.stage_id].cells.append(cell(row[1:]))
    strands = sa.select(STRAND).where(
        among(connection, STRAND.c.stage_id, stages), STRAND.c.held_on.is_(None)
    )
    for row in connection.execute(strands.order_by(STRAND.c.id)):
        stages[row.stage_id].strands.append(row)
    return stages


def parties_of_projects(connection: Connection, project_ids: Collection[int]) -> dict[int, dict[int, Any]]:
    query = sa.select(PARTY).where(among(connection, PARTY.c.project_id, project_ids)).order_by(PARTY.c.id)
    found: defaultdict[int, dict[int, Any]] = defaultdict(dict)
    for row in connection.execute(query):
        found[row.project_id][row.id] = row
    return found


def offices_to_name(
    connection: Connection, stages: dict[int, StageAtWork]
) -> set[tuple[Role, str, int | None]]:
    """The roles held for the cities of the stages where they are to be named."""
    codes = {
        party.code
        for stage in stages.values()
        if stage.row.key == "constitution"
        for party in stage.parties.values()
    }
    query = sa.select(MANDATE.c.role, MANDATE.c.authority_code, MANDATE.c.project_id).where(
        among(connection, MANDATE.c.authority_code, codes), MANDATE.c.until.is_(None)
    )
    return {(role, code, project_id) for role, code, project_id in connection.execute(query)}


def signed_by_agency(connection: Connection, stages: dict[int, StageAtWork]) -> set[int]:
    """The stages whose charter the ANCT has signed, in its current content and after every city."""
    later = sa.exists().where(
        SIGN_OFF.c.deliverable_id == DELIVERABLE.c.id,
        is_live(),
        SIGN_OFF.c.at > AGENCY_SIGNATURE.c.signed_at,
    )
    query = (
        sa.select(AGENCY_SIGNATURE.c.stage_id)
        .join(DELIVERABLE, DELIVERABLE.c.version_id == AGENCY_SIGNATURE.c.version_id)
        .where(among(connection, AGENCY_SIGNATURE.c.stage_id, stages), ~later)
    )
    return set(connection.execute(query).scalars())


def awarded(connection: Connection, stages: dict[int, StageAtWork]) -> set[int]:
    """The projects whose contract is awarded."""
    projects = {stage.row.project_id for stage in stages.values()}
    query = sa.select(AWARD.c.project_id).where(among(connection, AWARD.c.project_id, projects))
    return set(connection.execute(query).scalars())

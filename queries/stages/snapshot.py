"""Load stages with all that may keep them from ending: parties, deliverables, seats, strands, offices, signature."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from database.bound import DAY, NOW, among
from database.engine import Database
from models.contractor import is_contact
from models.paris_time import paris_day
from models.party import PartyRole
from models.person import Role, is_held_in, is_in_force
from models.sign_off import is_live
from models.stage import Stage, is_seated
from models.stage_needs import (
    AnsweredCell,
    DeliverableSnapshot,
    Missing,
    PartySnapshot,
    StageSnapshot,
    StrandToHold,
    missing_of,
)
from models.stored_row import identity
from models.tables import (
    AGENCY_SIGNATURE,
    AWARD,
    CONTRACTOR,
    DELIVERABLE,
    MANDATE,
    PARTY,
    PROJECT,
    SEAT,
    SIGN_OFF,
    STAGE,
    STRAND,
    VERSION,
)
from queries.signing.matrix import FILLS_CELL, SIGNED_BY_SEAT

_STAGES = (
    sa.select(STAGE.c.id, STAGE.c.project_id, PROJECT.c.slug, STAGE.c.key, STAGE.c.status, STAGE.c.fact_seq,
              PROJECT.c.status, PROJECT.c.lifecycle_key, PROJECT.c.lifecycle_version, PROJECT.c.agency_agent_id)
    .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
    .where(among(STAGE.c.id, "stages"))
    .order_by(STAGE.c.id)
)  # fmt: skip
_PARTIES = (
    sa.select(PARTY.c.project_id, PARTY.c.id, PARTY.c.code, PARTY.c.name, PARTY.c.role, PARTY.c.left_at)
    .where(among(PARTY.c.project_id, "projects"))
    .order_by(PARTY.c.id)
)
_OF_DELIVERABLE = VERSION.c.deliverable_id == DELIVERABLE.c.id
_INSTANT = VERSION.c.submitted_at.type
_FIRST = sa.select(sa.func.min(VERSION.c.submitted_at, type_=_INSTANT)).where(_OF_DELIVERABLE)
_ASKED_AT = sa.func.coalesce(VERSION.c.objected_at, VERSION.c.submitted_at)
"""A minor revision that a signer objected to is asked about from then on."""
_ASKED = sa.select(sa.func.min(_ASKED_AT, type_=_INSTANT)).where(
    _OF_DELIVERABLE, VERSION.c.round == DELIVERABLE.c.round
)
_OBJECTIONS_UNTIL = sa.select(VERSION.c.objections_until).where(
    VERSION.c.id == DELIVERABLE.c.version_id,
    VERSION.c.objected_at.is_(None),
    VERSION.c.objections_until >= DAY,
)
_DELIVERABLES = (
    sa.select(DELIVERABLE.c.stage_id, DELIVERABLE.c.id, DELIVERABLE.c.key, DELIVERABLE.c.title,
              DELIVERABLE.c.party_id, DELIVERABLE.c.number, DELIVERABLE.c.round, _FIRST.scalar_subquery(),
              _ASKED.scalar_subquery(), _OBJECTIONS_UNTIL.scalar_subquery())
    .where(among(DELIVERABLE.c.stage_id, "stages"))
    .order_by(DELIVERABLE.c.id)
)  # fmt: skip
_CELLS = (
    sa.select(SEAT.c.stage_id, SEAT.c.party_id, DELIVERABLE.c.id, DELIVERABLE.c.number > 0,
              SIGN_OFF.c.decision, SIGN_OFF.c.at)
    .select_from(SEAT.join(DELIVERABLE, SIGNED_BY_SEAT).outerjoin(SIGN_OFF, FILLS_CELL))
    .where(among(SEAT.c.stage_id, "stages"), is_seated())
    .order_by(SEAT.c.stage_id, SEAT.c.party_id, DELIVERABLE.c.id)
)  # fmt: skip
_STRANDS = (
    sa.select(STRAND.c.stage_id, STRAND.c.party_id, STRAND.c.title)
    .where(among(STRAND.c.stage_id, "stages"), STRAND.c.held_on.is_(None))
    .order_by(STRAND.c.id)
)
_ROLES = sa.select(MANDATE.c.role, MANDATE.c.authority_code, MANDATE.c.project_id).where(
    among(MANDATE.c.authority_code, "codes"), is_in_force(NOW)
)
_SIGNED_LATER = sa.exists().where(
    SIGN_OFF.c.deliverable_id == DELIVERABLE.c.id,
    is_live(),
    SIGN_OFF.c.at > AGENCY_SIGNATURE.c.signed_at,
)
_AGENCY_SIGNED = (
    sa.select(AGENCY_SIGNATURE.c.stage_id)
    .join(DELIVERABLE, DELIVERABLE.c.version_id == AGENCY_SIGNATURE.c.version_id)
    .where(among(AGENCY_SIGNATURE.c.stage_id, "stages"), ~_SIGNED_LATER)
)
_CONTRACTS = (
    sa.select(AWARD.c.project_id, CONTRACTOR.c.contact_id)
    .outerjoin(CONTRACTOR, (CONTRACTOR.c.award_id == AWARD.c.id) & is_contact(NOW))
    .where(among(AWARD.c.project_id, "projects"))
)


def still_missing(session: Session, stage: Stage, now: datetime) -> list[Missing]:
    """All that stands between the stage and its end; empty when it may be closed, or is not at work."""
    return missing_of(load_stages(session.connection(), [identity(stage)], now)[identity(stage)])


def load_stage(db: Database, stage_id: int, now: datetime) -> StageSnapshot:
    """The stage as its flow sees it at ``now``; raises ``KeyError`` when there is none of this id. Writes nothing."""
    with db.read() as session:
        return load_stages(session.connection(), [stage_id], now)[stage_id]


def load_stages(
    connection: Connection, stage_ids: Collection[int], now: datetime
) -> dict[int, StageSnapshot]:
    """The snapshots of these stages by id, in its order, at ``now``: eight queries at most, however many stages."""
    stages = {}
    for *columns, agent_id in connection.execute(_STAGES, {"stages": [*stage_ids]}):
        stage = stages[columns[0]] = StageSnapshot(*columns)
        if agent_id is not None:
            stage.people.add((None, Role.agency_agent))
    if not stages:
        return {}
    by_project: dict[int, list[StageSnapshot]] = {}
    for stage in stages.values():
        by_project.setdefault(stage.project_id, []).append(stage)
    _load_parties(connection, by_project)
    _load_deliverables(connection, stages, paris_day(now))
    _load_cells(connection, stages)
    _load_strands(connection, stages)
    _load_people(connection, [each for each in stages.values() if each.key == "constitution"], now)
    for stage_id in signed_by_agency(connection, stages):
        stages[stage_id].is_agency_signed = True
    _load_contracts(connection, by_project, now)
    return stages


def _load_parties(connection: Connection, by_project: dict[int, list[StageSnapshot]]) -> None:
    rows = connection.execute(_PARTIES, {"projects": [*by_project]})
    for project_id, party_id, code, name, role, left_at in rows:
        party = PartySnapshot(party_id, code, name, role is PartyRole.signatory, left_at is not None)
        for stage in by_project[project_id]:
            stage.parties[party_id] = party


def _load_deliverables(connection: Connection, stages: dict[int, StageSnapshot], today: date) -> None:
    for stage_id, *columns in connection.execute(_DELIVERABLES, {"stages": [*stages], "day": today}):
        deliverable = DeliverableSnapshot(*columns)
        stages[stage_id].deliverables[deliverable.id] = deliverable


def _load_cells(connection: Connection, stages: dict[int, StageSnapshot]) -> None:
    for stage_id, *columns in connection.execute(_CELLS, {"stages": [*stages]}):
        stages[stage_id].cells.append(AnsweredCell(*columns))


def _load_strands(connection: Connection, stages: dict[int, StageSnapshot]) -> None:
    for stage_id, *columns in connection.execute(_STRANDS, {"stages": [*stages]}):
        stages[stage_id].strands.append(StrandToHold(*columns))


def _load_people(connection: Connection, stages: Collection[StageSnapshot], now: datetime) -> None:
    """Load the roles held for the cities of these stages."""
    if not stages:
        return
    codes = {party.code for stage in stages for party in stage.parties.values()}
    rows = connection.execute(_ROLES, {"codes": [*codes], "now": now})
    held = {(role, code, project_id) for role, code, project_id in rows}
    for stage in stages:
        for party in stage.parties.values():
            stage.people |= {
                (party.id, role)
                for role, code, held_in in held
                if code == party.code and is_held_in(held_in, stage.project_id)
            }


def signed_by_agency(connection: Connection, stage_ids: Collection[int]) -> set[int]:
    """Those of these stages whose charter the ANCT has signed, in its current content and after every city.

    A city that withdraws and signs again comes after it: the ANCT then signs once more.
    """
    return set(connection.execute(_AGENCY_SIGNED, {"stages": [*stage_ids]}).scalars())


def _load_contracts(
    connection: Connection, by_project: dict[int, list[StageSnapshot]], now: datetime
) -> None:
    for project_id, contact_id in connection.execute(_CONTRACTS, {"projects": [*by_project], "now": now}):
        for stage in by_project[project_id]:
            stage.is_awarded = True
            if contact_id is not None:
                stage.people.add((None, Role.contractor))

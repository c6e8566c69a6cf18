"""In what quality somebody stands in each of their projects: so many queries, however many projects."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.paris_time import paris_day
from models.party import PartyRole
from models.person import Role
from models.tables import AWARD, CONTRACTOR, DELEGATION, MANDATE, PARTY, PROJECT
from queries.access.standing import Standing


@dataclass(slots=True)
class _Held:
    """What is gathered of a standing, project by project."""

    roles: set[Role] = field(default_factory=set)
    acts_for: set[str] = field(default_factory=set)
    signs_for: set[str] = field(default_factory=set)
    observes_for: set[str] = field(default_factory=set)

    def standing(self) -> Standing:
        codes = (frozenset(each) for each in (self.acts_for, self.signs_for, self.observes_for))
        return Standing(frozenset(self.roles), *codes)


def standings(connection: Connection, person_id: int, now: datetime) -> dict[int, Standing]:
    """The standing of a person in every project where they have one, by its number. Four or five queries."""
    found: defaultdict[int, _Held] = defaultdict(_Held)
    for role, observes, code, project_id in _by_party(connection, person_id, now):
        held = found[project_id]
        held.roles.add(Role.observer if observes else role)
        (held.observes_for if observes else held.acts_for).add(code)
        if not observes and role is Role.signatory:
            held.signs_for.add(code)
    for code, project_id in _by_delegation(connection, person_id, now):
        found[project_id].roles.add(Role.signatory)
        found[project_id].signs_for.add(code)
    for project_id in _by_contract(connection, person_id):
        found[project_id].roles.add(Role.contractor)
    for project_id in _by_agency(connection, person_id, now):
        found[project_id].roles.add(Role.agency_agent)
    return {project_id: held.standing() for project_id, held in found.items()}


def _held_now(person_id: int, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        MANDATE.c.person_id == person_id,
        MANDATE.c.since <= now,
        MANDATE.c.until.is_(None) | (MANDATE.c.until > now),
    )


def _by_party(connection: Connection, person_id: int, now: datetime) -> list[tuple[Role, bool, str, int]]:
    """Each role with a party, whether it only observes, the party's code, and its project."""
    query = (
        sa.select(MANDATE.c.role, PARTY.c.role, PARTY.c.code, PARTY.c.project_id)
        .join(PARTY, PARTY.c.code == MANDATE.c.authority_code)
        .where(
            _held_now(person_id, now),
            MANDATE.c.role != Role.agency_agent,
            PARTY.c.left_at.is_(None),
            MANDATE.c.project_id.is_(None) | (MANDATE.c.project_id == PARTY.c.project_id),
        )
    )
    return [
        (Role(role), as_party == PartyRole.observer or role == Role.observer, code, project_id)
        for role, as_party, code, project_id in connection.execute(query)
    ]


def _by_delegation(connection: Connection, person_id: int, now: datetime) -> list[tuple[str, int]]:
    """The signatory parties for which a delegation of theirs runs, given by who holds the office now."""
    day, given = paris_day(now), DELEGATION.c
    in_office = sa.exists().where(
        MANDATE.c.person_id == given.delegator_id,
        MANDATE.c.role == Role.signatory,
        MANDATE.c.authority_code == given.authority_code,
        MANDATE.c.until.is_(None),
    )
    query = (
        sa.select(PARTY.c.code, PARTY.c.project_id)
        .join(DELEGATION, given.authority_code == PARTY.c.code)
        .where(
            given.delegate_id == person_id,
            given.revoked_at.is_(None),
            given.valid_from <= day,
            given.valid_until >= day,
            in_office,
            PARTY.c.left_at.is_(None),
            PARTY.c.role == PartyRole.signatory,
        )
    )
    return [(code, project_id) for code, project_id in connection.execute(query)]


def _by_contract(connection: Connection, person_id: int) -> list[int]:
    query = (
        sa.select(AWARD.c.project_id)
        .join(CONTRACTOR, CONTRACTOR.c.award_id == AWARD.c.id)
        .where(CONTRACTOR.c.contact_id == person_id)
    )
    return list(connection.execute(query).scalars())


def _by_agency(connection: Connection, person_id: int, now: datetime) -> list[int]:
    """The projects of an agent: all of them, unless the role was given for one."""
    held = sa.select(MANDATE.c.project_id).where(
        _held_now(person_id, now), MANDATE.c.role == Role.agency_agent
    )
    given = list(connection.execute(held).scalars())
    if None not in given:
        return [one for one in given if one is not None]
    return list(connection.execute(sa.select(PROJECT.c.id)).scalars())

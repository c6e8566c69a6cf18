"""When roles that have a first or a last day change hands, and in which projects."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.paris_time import PARIS, paris_day
from models.party import is_present
from models.shared_project import ONGOING
from models.tables import AWARD, CONTRACTOR, DELEGATION, MANDATE, PARTY, PROJECT

A_DAY = timedelta(days=1)


def role_changes(connection: Connection, after: datetime, until: datetime) -> Mapping[datetime, set[int]]:
    """The instants after ``after`` and by ``until`` at which a role or a delegation began or ended, each with the
    ongoing projects that it touches, in order: those that were there before, whose people were not asked at first."""
    changes: defaultdict[datetime, set[int]] = defaultdict(set)
    codes: defaultdict[datetime, set[str]] = defaultdict(set)
    for at, code, project_id in (*_mandates(connection, after, until), *_firms(connection, after, until)):
        if project_id is not None:
            changes[at].add(project_id)
        elif code is not None:
            codes[at].add(code)
    for at, code in _delegations(connection, after, until):
        codes[at].add(code)
    for at, some in codes.items():
        there = sa.select(PARTY.c.project_id).where(PARTY.c.code.in_(sorted(some)), is_present())
        changes[at] |= set(connection.execute(there).scalars())
    query = sa.select(PROJECT.c.id, PROJECT.c.created_at).where(PROJECT.c.status.in_(ONGOING))
    ongoing = {row.id: row.created_at for row in connection.execute(query)}
    touched = {
        at: {each for each in changes[at] if each in ongoing and ongoing[each] < at} for at in sorted(changes)
    }
    return {at: projects for at, projects in touched.items() if projects}


def _mandates(
    connection: Connection, after: datetime, until: datetime
) -> list[tuple[datetime, str | None, int | None]]:
    return [
        (at, code, project_id)
        for edge in (MANDATE.c.since, MANDATE.c.until)
        for at, code, project_id in connection.execute(
            sa.select(edge, MANDATE.c.authority_code, MANDATE.c.project_id).where(edge > after, edge <= until)
        )
    ]


def _firms(connection: Connection, after: datetime, until: datetime) -> list[tuple[datetime, None, int]]:
    edge = CONTRACTOR.c.contact_until
    query = (
        sa.select(edge, AWARD.c.project_id)
        .join(AWARD, AWARD.c.id == CONTRACTOR.c.award_id)
        .where(edge > after, edge <= until)
    )
    return [(at, None, project_id) for at, project_id in connection.execute(query)]


def _delegations(connection: Connection, after: datetime, until: datetime) -> list[tuple[datetime, str]]:
    """Those whose first day begins, or whose last day is over; one that is recorded later is told by its own act."""
    first, last = paris_day(after), paris_day(until)
    table = DELEGATION.c
    query = sa.select(table.authority_code, table.valid_from, table.valid_until).where(
        table.valid_from.between(first, last) | table.valid_until.between(first - A_DAY, last)
    )
    edges = [
        (at, code)
        for code, begins, ends in connection.execute(query)
        for at in (_midnight(begins), _midnight(ends + A_DAY))
    ]
    return [(at, code) for at, code in edges if after < at <= until]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, PARIS)

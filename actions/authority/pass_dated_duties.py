"""Roles that begin or end on a day that has come: what is pending is handed over then too."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from actions.authority.pass_duties import pass_duties_of, passed_at
from database.engine import Database
from database.insert_once import insert_once
from models.periodic_round import HANDOVERS
from models.tables import PERIODIC_ROUND
from queries.people.role_changes import role_changes

AT_FIRST = timedelta(days=1)
"""So far back the first pass looks."""


def pass_dated_duties(db: Database, *, now: datetime) -> int:
    """Hand over what passed at each instant since the last pass, in any process; returns how many instants. Commits
    each. Called again, it tells nobody twice."""
    with db.read() as session:
        after = _followed_until(session.connection()) or now - AT_FIRST
        changes = role_changes(session.connection(), after, now)
    for instant, project_ids in changes.items():
        with db.read() as session:
            if not passed_at(session, project_ids, instant, now):
                continue
        with db.write() as session:
            pass_duties_of(session, project_ids, instant, now)
    with db.write_statements() as connection:
        connection.execute(insert_once(connection, PERIODIC_ROUND, "name"), {"name": HANDOVERS, "repairs": 0})
        mine = sa.update(PERIODIC_ROUND).where(PERIODIC_ROUND.c.name == HANDOVERS)
        connection.execute(mine.values(completed_at=now))
    return len(changes)


def _followed_until(connection: Connection) -> datetime | None:
    query = sa.select(PERIODIC_ROUND.c.completed_at).where(PERIODIC_ROUND.c.name == HANDOVERS)
    return connection.execute(query).scalar()

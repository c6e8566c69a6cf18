"""The lock of what a city's authority touches: its living projects' journals, then the register."""

import sqlalchemy as sa
from sqlmodel import Session

from actions.ledger.journal import lock_register
from models.tables import JOURNAL
from queries.authority.keys import living_projects


def lock_authority(session: Session, authority_code: str) -> None:
    """Lock the journals of the city's projects, in one order, then the register: two who do it never wait for each
    other, and whoever holds a project already takes the register after it too."""
    projects = living_projects(session, authority_code)
    query = sa.select(JOURNAL.c.id).where(JOURNAL.c.project_id.in_(projects)).order_by(JOURNAL.c.id)
    session.connection().execute(query.with_for_update()).all()
    lock_register(session)

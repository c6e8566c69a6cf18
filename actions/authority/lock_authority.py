"""The lock of what a city's authority touches: its living projects' journals, then the register."""

import sqlalchemy as sa
from sqlmodel import Session

from actions.ledger.journal import lock_register
from models.tables import JOURNAL
from queries.authority.keys import living_projects


def lock_authority(session: Session, *authority_codes: str) -> None:
    """Lock the journals of these cities' projects, in one order, then the register: two who do it never wait for each
    other, and whoever holds a project already takes the register after it too."""
    projects = {each for code in authority_codes for each in living_projects(session, code)}
    query = sa.select(JOURNAL.c.id).where(JOURNAL.c.project_id.in_(projects)).order_by(JOURNAL.c.id)
    session.connection().execute(query.with_for_update()).all()
    lock_register(session)

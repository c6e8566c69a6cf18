"""Wake what may wait for somebody to be named in a city."""

from datetime import datetime

from sqlmodel import Session, select

from actions.ledger.wake import wake_all
from models.party import Party, is_present


def wake_projects_of(session: Session, authority_code: str, now: datetime) -> None:
    """Wake the stages of this authority's projects, which may wait for somebody to be named. Does not commit."""
    projects = select(Party.project_id).where(Party.code == authority_code, is_present())
    for project_id in session.exec(projects).all():
        wake_all(session, project_id, now)

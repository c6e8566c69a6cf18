"""The project's lock, which every action takes first: one writer at a time per project."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, select

from models.shared_project import SharedProject
from models.stage import Stage
from models.stored_row import identity
from models.tables import JOURNAL
from queries.ledger.find import find_project

_LOCK = sa.select(JOURNAL.c.id).where(JOURNAL.c.project_id == sa.bindparam("project")).with_for_update()
_PROJECT = (
    select(SharedProject)
    .where(SharedProject.id == sa.bindparam("project"))
    .execution_options(populate_existing=True)
)


def lock_project(session: Session, project_id: int) -> SharedProject:
    """Lock the project's journal until the end of the transaction, and return the project as it then is."""
    session.connection().execute(_LOCK, {"project": project_id}).one()
    return session.exec(_PROJECT, params={"project": project_id}).one()


def lock_projects(session: Session, project_ids: Collection[int]) -> None:
    """Lock the journals of these projects, in one order: two who do it never wait for each other."""
    lock = sa.select(JOURNAL.c.id).where(JOURNAL.c.project_id.in_(list(project_ids)))
    session.connection().execute(lock.order_by(JOURNAL.c.id).with_for_update()).all()


def lock_slug(session: Session, slug: str) -> SharedProject:
    """As ``lock_project``, from the slug. Raises ``UnknownProject``."""
    return lock_project(session, identity(find_project(session, slug)))


def lock_stage(session: Session, stage_id: int) -> tuple[SharedProject, Stage]:
    """Lock the project of a stage, and return both: every step of a flow begins with it."""
    stage = session.get_one(Stage, stage_id)
    project = lock_project(session, stage.project_id)
    session.refresh(stage)
    return project, stage

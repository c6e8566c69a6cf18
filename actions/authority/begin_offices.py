"""On its day, a planned office begins: what is pending is asked of its new holder (rule 3)."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from actions.authority.lock_authority import lock_authority
from actions.authority.office import take_over
from actions.authority.pass_duties import pass_duties_of
from database.engine import Database
from models.person import Mandate, Role, is_in_force
from queries.authority.keys import living_projects


def begin_offices(db: Database, *, now: datetime) -> int:
    """Hand over what is pending to each holder whose planned day has come; returns how many. Commits each.

    Whose signature counts depends on the mandates alone, at each instant: this only tells the new holder. Called
    again, it finds the work done.
    """
    with db.read() as session:
        waiting = list(session.exec(_begun(now)))
    for mandate in waiting:
        with db.write() as session:
            lock_authority(session, mandate.authority_code or "")
            fresh = session.exec(_begun(now).where(Mandate.id == mandate.id)).one_or_none()
            if fresh is not None:
                take_over(session, fresh, now)
                projects = living_projects(session, fresh.authority_code or "")
                pass_duties_of(session, projects, fresh.since, now)
    return len(waiting)


def _begun(now: datetime) -> SelectOfScalar[Mandate]:
    return (
        select(Mandate)
        .where(Mandate.role == Role.signatory, is_in_force(now), col(Mandate.taken_over_at).is_(None))
        .order_by(col(Mandate.id))
    )

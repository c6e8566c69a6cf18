"""An ANCT agent takes charge of a project: mails about it go out in their name, answers come to them."""

from datetime import datetime

from actions.authority.pass_duties import passing_duties
from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake_all
from database.engine import Database
from models.person import Actor
from models.role_rules import LeavesSoon
from models.shared_project import SharedProject
from models.stored_row import identity
from queries.access.rights import require_agency_agent
from queries.people.held_roles import is_to_leave


def take_charge(db: Database, actor: Actor, slug: str, *, now: datetime) -> SharedProject:
    """Put the acting agent in charge (an imported project has none). Commits.

    Raises ``UnknownProject``, ``NotAllowed``, ``LeavesSoon``.
    """
    with db.write() as session:
        project = lock_slug(session, slug)
        require_agency_agent(session, actor, now, "prendre en charge un projet", project)
        if is_to_leave(session, actor.person_id, project.id, now):
            raise LeavesSoon(actor.name)
        if project.agency_agent_id != actor.person_id:
            with passing_duties(session, [identity(project)], now):
                project.agency_agent_id = actor.person_id
            wake_all(session, identity(project), now)
            record(session, "project.taken_in_charge", project_id=project.id, actor=actor, now=now)
        return project

"""The real project a new system starts with: « Démocratie culturelle », its calendar moved to today."""

from datetime import datetime
from pathlib import Path

from sqlmodel import col, select

from actions.confirmation.settle import confirm_proposal
from actions.projects.create_project import ProjectRequest, create_project
from actions.stages.request_transition import TransitionRequest, request_transition
from database.engine import Database
from models.paris_time import PARIS
from models.person import Person
from models.project_file import ProjectFile, moved_to
from models.proposal import Proposal, ProposalKind, is_open
from models.shared_project import SharedProject
from models.stored_row import identity
from models.yaml_file import read_yaml
from queries.authority.keyring import contacts_in
from queries.ledger.find import find_project, identify, parties_of
from settings import Settings

EXAMPLES = Path(__file__).parent.parent / "examples"
SLUG = "democratie-culturelle"
SEED_FILE = EXAMPLES / f"{SLUG}.yaml"


def wants_seed(settings: Settings, db: Database) -> bool:
    """A system on its embedded default that has no project yet gets the real one to begin with."""
    if settings.database_url:
        return False
    with db.read() as session:
        return session.exec(select(SharedProject.id).limit(1)).first() is None


def load_seed(db: Database, *, now: datetime) -> SharedProject:
    """Create the real project, begun this month, and have the ANCT ask for its first stage. Commits.

    Its mayors are confirmed by their cities. When it is there already, another copy is made under the next free slug.
    """
    file = read_yaml(SEED_FILE, ProjectFile)
    today = now.astimezone(PARIS).date()
    project = create_project(
        db, None, ProjectRequest(moved_to(file, today.replace(day=1)), _free_slug(db)), now=now
    )
    confirm_mayors(db, project.slug, now=now)
    with db.read() as session:
        agent = identify(session, file.agency_agent.email)
    request_transition(db, agent, TransitionRequest(project.slug, "constitution"), now=now)
    return project


def confirm_mayors(db: Database, slug: str, *, now: datetime) -> None:
    """The contact of each city of the project confirms the mayor whom the ANCT has proposed. Commits each."""
    with db.read() as session:
        project_id = identity(find_project(session, slug))
        codes = [each.code for each in parties_of(session, project_id)]
        query = select(Proposal).where(
            Proposal.kind == ProposalKind.office, col(Proposal.authority_code).in_(codes), is_open(now)
        )
        keys = [
            (identity(each), identify(session, session.get_one(Person, contacts[0]).email))
            for each in session.exec(query.order_by(col(Proposal.id)))
            if (contacts := contacts_in(session, each.authority_code, [project_id], now))
        ]
    for number, contact in keys:
        confirm_proposal(db, contact, number, now=now)


def _free_slug(db: Database) -> str:
    with db.read() as session:
        taken = set(session.exec(select(SharedProject.slug).where(col(SharedProject.slug).startswith(SLUG))))
    slugs = [SLUG, *(f"{SLUG}-{number}" for number in range(2, len(taken) + 3))]
    return next(slug for slug in slugs if slug not in taken)

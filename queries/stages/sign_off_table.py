"""The sign-off table of a stage as a person reads it: each city, each deliverable, its version, its decision."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from database.engine import Database
from models.deliverable import Deliverable
from models.paris_time import PARIS
from models.party import Party
from models.shared_project import SharedProject
from models.sign_off import SignOff
from models.stage import Stage
from queries.ledger.find import deliverables_of, identity, lifecycle_of
from queries.signing.matrix import matrix_of
from queries.stages.still_missing import still_missing


@dataclass(frozen=True, slots=True)
class SignOffTable:
    """The title and the Markdown of a stage's table."""

    title: str
    markdown: str


def sign_off_table(db: Database, stage_id: int, *, at: datetime) -> SignOffTable:
    """Who has and has not signed at ``at`` (now), and what is awaited. Writes nothing."""
    with db.read() as session:
        stage = session.get_one(Stage, stage_id)
        project = session.get_one(SharedProject, stage.project_id)
        title = f"{lifecycle_of(project).stage(stage.key).title} – {project.title}"
        awaited = [f"- {each.text}" for each in still_missing(session, project, stage)] or ["- rien"]
        lines = [
            f"# {title}",
            f"Étape {stage.status.label}, au {at.astimezone(PARIS):%d/%m/%Y à %H:%M:%S}.",
            "| Livrable | Collectivité | Version | Décision |\n| --- | --- | --- | --- |\n"
            + "\n".join(_rows(session, stage)),
            "**Ce qui est attendu**",
            "\n".join(awaited),
        ]
        return SignOffTable(title, "\n\n".join(lines))


def _rows(session: Session, stage: Stage) -> list[str]:
    parties = {
        each.id: each.name for each in session.exec(select(Party).where(Party.project_id == stage.project_id))
    }
    deliverables = {each.id: each for each in deliverables_of(session, identity(stage))}
    rows = []
    for cell in matrix_of(session.connection(), identity(stage)):
        deliverable: Deliverable = deliverables[cell.deliverable_id]
        version = f"v{deliverable.number}" if deliverable.number else "pas encore déposé"
        decision = "attendue" if cell.is_submitted else "–"
        if cell.decision is not None:
            given = session.get_one(SignOff, cell.sign_off_id)
            decision = f"{cell.decision.label} le {given.at.astimezone(PARIS):%d/%m/%Y}"
        rows.append(f"| {deliverable.title} | {parties[cell.party_id]} | {version} | {decision} |")
    return rows

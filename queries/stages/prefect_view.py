"""A stage as Prefect's pages show it: its steps once each, what it waits for, where its page is. No person is named."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, select

from database.engine import Database
from models.deliverable import Deliverable
from models.paris_time import PARIS
from models.party import Party
from models.shared_project import SharedProject
from models.sign_off import SignOff
from models.stage import Stage
from models.stored_row import identity
from models.tables import AUDIT_ENTRY, JOURNAL
from queries.ledger.find import deliverables_of, lifecycle_of
from queries.ledger.journal_words import Names, sentence
from queries.signing.matrix import matrix_of
from queries.stages.snapshot import still_missing

STEPS = (
    "stage_transition.requested",
    "stage.opened",
    "consultation_strand.held",
    "deliverable.submitted",
    "deliverable.revised_minor",
    "deliverable.minor_objected",
    "deliverable.minor_settled",
    "review.started",
    "sign_off.recorded",
    "sign_off.withdrawn",
    "charter.signed_by_agency",
    "contract.awarded",
    "deadline.extended",
    "lessons.published",
    "stage.closed",
)
"""The facts that move a stage along. None of their sentences names a person."""
OF_ONE_STAGE = {
    "charter.signed_by_agency": "charter",
    "contract.awarded": "terms_of_reference",
    "consultation_strand.held": "consultation",
}
MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Step:
    """One fact of the stage: its number in the project's journal, its sentence, its date."""

    seq: int
    at: datetime
    text: str

    @property
    def line(self) -> str:
        """The step with its date, in Paris."""
        return f"{self.at.astimezone(PARIS):%d/%m/%Y %H:%M} · {self.text}"

    @property
    def plain_line(self) -> str:
        """The same in ASCII: Prefect draws the tasks of a run in such letters, and drops the others."""
        text = re.sub(r"«\s*|\s*»", '"', self.line).translate({0x2019: "'", 0xB7: "-", 0x2013: "-"})
        return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


@dataclass(frozen=True, slots=True)
class StageArtifact:
    """``key`` names the artifact (letters, digits, dashes); ``page`` is the path of the stage's page."""

    key: str
    title: str
    page: str
    steps: list[Step]
    awaited: list[str]
    table: str

    @property
    def waits_for(self) -> str:
        """What the stage waits for, in one line."""
        if not self.awaited:
            return "En attente de la suite"
        rest = len(self.awaited) - MOST_NAMED
        named = [*self.awaited[:MOST_NAMED], *([f"et {rest} autre(s)"] if rest > 0 else [])]
        return f"En attente – {' ; '.join(named)}"

    def markdown(self, public_url: str) -> str:
        """The artifact: the link to the page, the table of the sign-offs, what is awaited, what is done."""
        link = f"[Ouvrir la page de l’étape]({public_url}{self.page})"
        steps = "\n".join(f"- {step.line}" for step in self.steps)
        return "\n\n".join((link, self.table, "**Ce qui est fait**", steps))


def stage_artifact(db: Database, stage_id: int, *, at: datetime) -> StageArtifact:
    """Read the stage as it is at ``at`` (now). Writes nothing."""
    with db.read() as session:
        stage = session.get_one(Stage, stage_id)
        project = session.get_one(SharedProject, stage.project_id)
        title = f"{lifecycle_of(project).stage(stage.key).title} – {project.title}"
        awaited = [each.text for each in still_missing(session, stage, at)]
        return StageArtifact(
            key=f"{stage.key.replace('_', '-')}-{project.slug}",
            title=title,
            page=f"/projets/{project.slug}/etapes/{stage.key}",
            steps=_steps(session, project, stage),
            awaited=awaited,
            table=_table(session, stage, title, awaited, at),
        )


def _table(session: Session, stage: Stage, title: str, awaited: list[str], at: datetime) -> str:
    """In Markdown: each city, each deliverable, its version, its decision; and what is awaited."""
    lines = [
        f"# {title}",
        f"Étape {stage.status.label}, au {at.astimezone(PARIS):%d/%m/%Y à %H:%M:%S}.",
        "| Livrable | Collectivité | Version | Décision |\n| --- | --- | --- | --- |\n"
        + "\n".join(_rows_of_table(session, stage)),
        "**Ce qui est attendu**",
        "\n".join(f"- {each}" for each in awaited or ["rien"]),
    ]
    return "\n\n".join(lines)


def _rows_of_table(session: Session, stage: Stage) -> list[str]:
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
            sign_off = session.get_one(SignOff, cell.sign_off_id)
            decision = f"{cell.decision.label} le {sign_off.at.astimezone(PARIS):%d/%m/%Y}"
        rows.append(f"| {deliverable.title} | {parties[cell.party_id]} | {version} | {decision} |")
    return rows


def _steps(session: Session, project: SharedProject, stage: Stage) -> list[Step]:
    parties = session.exec(select(Party.code, Party.name).where(Party.project_id == project.id))
    names = Names({}, {code: f"{name} ({code})" for code, name in parties}, lifecycle_of(project))
    deliverables = {each.key for each in deliverables_of(session, identity(stage))}
    query = (
        sa.select(
            AUDIT_ENTRY.c.seq,
            AUDIT_ENTRY.c.at,
            AUDIT_ENTRY.c.event,
            AUDIT_ENTRY.c.party_code,
            AUDIT_ENTRY.c.payload,
        )
        .join(JOURNAL, JOURNAL.c.id == AUDIT_ENTRY.c.journal_id)
        .where(JOURNAL.c.project_id == project.id, AUDIT_ENTRY.c.event.in_(STEPS))
        .order_by(AUDIT_ENTRY.c.seq)
    )
    return [
        Step(seq, when, sentence(event, payload, code, names))
        for seq, when, event, code, payload in session.connection().execute(query)
        if OF_ONE_STAGE.get(event, payload.get("stage")) == stage.key
        or payload.get("deliverable") in deliverables
    ]

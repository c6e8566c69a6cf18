"""The people of the demonstration: who is who in one project, and what they are asked for."""

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import col, select

from actions.files.store_file import FileStore
from actions.mail.notify import is_notice_about
from actions.stages.opening_mails import asked_at_opening
from database.engine import Database
from models.deliverable import Deliverable
from models.notice import Notice
from models.person import Actor, Mandate, Person, Role, is_in_force, reaches
from models.stage import Stage
from models.stage_needs import Missing
from models.stored_row import identity
from models.subject import Subject
from queries.ledger.find import deliverables_of, find_party, find_project, find_stage, identify


@dataclass
class Cast:
    """The people of one project, and the folder where their documents are written."""

    db: Database
    files: FileStore
    slug: str
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="projet-partage-")))

    def agent(self) -> Actor:
        with self.db.read() as session:
            project = find_project(session, self.slug)
            person = session.get_one(Person, project.agency_agent_id)
            return identify(session, person.email)

    def holder(self, role: Role, party_code: str | None = None) -> Actor:
        with self.db.read() as session:
            project = find_project(session, self.slug)
            query = (
                select(Person.email)
                .join(Mandate)
                .where(Mandate.role == role, Mandate.authority_code == party_code)
                .where(is_in_force(datetime.now(UTC)), reaches(project.id))
                .order_by(col(Mandate.id))
            )
            return identify(session, session.exec(query).first() or "")

    def city(self, code: str) -> str:
        with self.db.read() as session:
            return find_party(session, find_project(session, self.slug), code).name

    def deliverable(self, stage_key: str, missing: Missing) -> Deliverable:
        with self.db.read() as session:
            project = find_project(session, self.slug)
            stage = find_stage(session, project, stage_key)
            owner = (
                find_party(session, project, missing.deliverable_party) if missing.deliverable_party else None
            )
            return next(
                each
                for each in deliverables_of(session, identity(stage), missing.deliverable)
                if each.party_id == (owner.id if owner else None)
            )

    def was_asked_for(self, deliverable: Deliverable) -> bool:
        """By the mail that asks for it, or by that of the stage's opening."""
        with self.db.read() as session:
            asked = is_notice_about(Subject.of("deliverable", deliverable.id), "deliverable_requested")
            if session.exec(select(Notice.id).where(asked).limit(1)).first() is not None:
                return True
            stage = session.get_one(Stage, deliverable.stage_id)
            return bool(asked_at_opening(session, stage, deliverable))

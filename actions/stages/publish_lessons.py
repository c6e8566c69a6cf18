"""Publish what the project learnt, under Licence Ouverte 2.0: the last stage's end."""

from datetime import datetime

from sqlmodel import Session

from actions.ledger.journal import record
from actions.mail.message_values import current_version
from actions.mail.notify import tell
from models.party import Party
from models.person import SYSTEM
from models.publication import Publication
from models.shared_project import SharedProject
from models.stage import Stage
from models.stored_row import identity
from models.subject import Subject
from queries.ledger.find import deliverables_of
from queries.people.recipients import everybody


def publish_lessons(session: Session, project: SharedProject, stage: Stage, now: datetime) -> None:
    """Make public each city's resources and the shared lessons, in their current version. Does not commit."""
    titles = []
    for deliverable in deliverables_of(session, identity(stage)):
        if deliverable.number == 0:
            continue
        version = current_version(session, deliverable)
        owner = session.get_one(Party, deliverable.party_id) if deliverable.party_id else None
        title = f"{deliverable.title} – {owner.name}" if owner else deliverable.title
        titles.append(title)
        publication = Publication(
            project_id=identity(project), version_id=identity(version), title=title, published_at=now
        )
        session.add(publication)
        session.flush()
        record(
            session,
            "lessons.published",
            project_id=project.id,
            actor=SYSTEM,
            now=now,
            party_code=owner.code if owner else None,
            deliverable=deliverable.key,
            sha256=version.sha256,
            licence=publication.licence,
        )
    values = {"resources": titles, "path": f"/projets/{project.slug}"}
    about = Subject.of("stage", stage.id)
    tell(
        session, everybody(session, project, now), "lessons_published", about, now, project=project, **values
    )

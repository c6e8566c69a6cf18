"""The plain values that messages carry, read from the rows they are about."""

from typing import Any

from sqlmodel import Session, col, select

from actions.find import lifecycle_of
from models.deliverable import Deliverable, DeliverableVersion
from models.party import Party
from models.person import Person
from models.shared_project import SharedProject
from models.stage import Stage


def about_stage(project: SharedProject, stage: Stage) -> dict[str, Any]:
    """The stage by its French title, and where the button of the mail leads."""
    return {
        "stage_title": lifecycle_of(project).stage(stage.key).title,
        "path": f"/projets/{project.slug}/etapes/{stage.key}",
    }


def about_deliverable(
    session: Session, project: SharedProject, stage: Stage, deliverable: Deliverable
) -> dict[str, Any]:
    """The deliverable by its title, and the city whose own it is, if it is one's own."""
    owner = session.get_one(Party, deliverable.party_id) if deliverable.party_id else None
    return about_stage(project, stage) | {
        "deliverable_title": deliverable.title,
        "deliverable_party": owner.name if owner else None,
        "path": f"/projets/{project.slug}/etapes/{stage.key}#livrable-{deliverable.id}",
    }


def short(sha256: str | None) -> str:
    """The first characters of a hash, enough for a person to compare."""
    return (sha256 or "")[:12]


def iso(day: Any) -> str | None:
    """A date or an instant as JSON keeps it."""
    return day.isoformat() if day else None


def name_of(session: Session, person_id: int | None) -> str:
    """The name of a person; the engine's own when nobody did it."""
    return session.get_one(Person, person_id).name if person_id else "projet-partage"


def party_names(session: Session, party_ids: list[int]) -> list[str]:
    """The names of these parties, in the order of their numbers."""
    query = select(Party.name).where(col(Party.id).in_(party_ids)).order_by(col(Party.id))
    return list(session.exec(query))


def current_version(session: Session, deliverable: Deliverable) -> DeliverableVersion:
    """The version a deliverable stands at; it has one."""
    return session.get_one(DeliverableVersion, deliverable.version_id)

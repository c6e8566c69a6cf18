"""The plain values that messages carry, read from the rows they are about."""

from typing import Any

from sqlmodel import Session

from models.act_kind import ActKind
from models.deliverable import Deliverable, DeliverableVersion
from models.party import Party
from models.person import Person
from models.shared_project import SharedProject
from models.stage import Stage, deadline_event
from models.stored_row import identity
from queries.ledger.find import lifecycle_of
from queries.stages.deadlines import Deadline, due_of


def act_asked_for(expected: ActKind) -> str | None:
    """How a mail names the act that is expected, after « par »; a technical validation needs no name."""
    return None if expected is ActKind.technical_validation else expected.with_article


def about_stage(project: SharedProject, stage: Stage) -> dict[str, Any]:
    """The stage by its French title, and where the button of the mail leads."""
    return {
        "stage_title": lifecycle_of(project).stage(stage.key).title,
        "path": f"/projets/{project.slug}/etapes/{stage.key}",
    }


def until(session: Session, stage: Stage, party_id: int | None) -> dict[str, Any]:
    """The last day of the stage for a party (or for no party: its own), and its entry in a calendar."""
    return dated(stage, party_id, due_of(session, stage, party_id))


def dated(stage: Stage, party_id: int | None, deadline: Deadline) -> dict[str, Any]:
    """As ``until``, when the deadline is known."""
    return {
        "due_on": iso(deadline.due_on),
        "event_uid": deadline_event(identity(stage), party_id),
        "event_sequence": deadline.sequence,
    }


def about_deliverable(
    session: Session, project: SharedProject, stage: Stage, deliverable: Deliverable
) -> dict[str, Any]:
    """The deliverable by its title, the city whose own it is, if it is one's own, and the page where it is read,
    answered and revised."""
    owner = session.get_one(Party, deliverable.party_id) if deliverable.party_id else None
    return about_stage(project, stage) | {
        "deliverable_title": deliverable.title,
        "deliverable_party": owner.name if owner else None,
        "path": f"/projets/{project.slug}/livrables/{deliverable.id}",
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


def current_version(session: Session, deliverable: Deliverable) -> DeliverableVersion:
    """The version a deliverable stands at; it has one."""
    return session.get_one(DeliverableVersion, deliverable.version_id)

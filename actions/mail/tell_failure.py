"""Report a mail that was given up to the ANCT's agent: who did not get what, and why."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.mail.notify import tell
from models.channel import Channel
from models.columns import LONGEST_ERROR
from models.notice import Notice
from models.paris_time import paris_day
from models.person import Person
from models.shared_project import SharedProject
from models.stored_row import identity
from queries.people.recipients import agent_of

DELIVERY_FAILED = "delivery_failed"


def tell_failure(session: Session, notice_id: int, subject: str, reason: str, now: datetime) -> None:
    """Owe ``delivery_failed`` to the agent in charge, once a day for a person and a project. Does not commit.

    A digest is reported to the agent of each of its projects. Nobody gets a report of their own failures, nor of
    the failure of a report: those stand in the list of notices.
    """
    notice = session.get_one(Notice, notice_id)
    if notice.message == DELIVERY_FAILED:
        return
    person = session.get_one(Person, notice.recipient_id)
    day = paris_day(now).isoformat()
    values: dict[str, Any] = {
        "person_name": person.name,
        "address": _address(session, notice, person),
        "failed_subject": subject,
        "reason": reason[:LONGEST_ERROR],
        "failed_on": day,
    }
    whose = f"channel-{notice.channel_id}" if notice.channel_id else f"person-{person.id}"
    for project in _projects(session, notice):
        agents = [agent for agent in agent_of(project) if agent != person.id]
        about = f"{whose}/project-{identity(project)}/{day}"
        path = f"/projets/{project.slug}"
        tell(session, agents, DELIVERY_FAILED, about, now, project=project, path=path, **values)


def _address(session: Session, notice: Notice, person: Person) -> str:
    if notice.channel_id is None:
        return person.email
    channel = session.get_one(Channel, notice.channel_id)
    return f"canal {channel.label} (n° {channel.id})"


def _projects(session: Session, notice: Notice) -> list[SharedProject]:
    """The project of the notice; those of a digest about several."""
    if notice.project_id is not None:
        return [session.get_one(SharedProject, notice.project_id)]
    slugs = [project.get("slug") for project in notice.payload.get("projects", ())]
    query = select(SharedProject).where(col(SharedProject.slug).in_(slugs))
    return list(session.exec(query.order_by(col(SharedProject.id))))

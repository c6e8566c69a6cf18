"""Who may see a project: those who hold a role in it. Nobody else learns that it exists."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session, select

from models.lifecycle import Lifecycle
from models.paris_time import paris_day
from models.refusal import Refusal
from models.shape import Shape
from models.shared_project import ProjectStatus, SharedProject
from models.stored_row import identity
from queries.access.standing import Standing, standing_in
from queries.ledger.find import lifecycle_of
from queries.ledger.moving import moving_stages

_PROJECT = select(SharedProject).where(SharedProject.slug == sa.bindparam("slug"))


class NotVisible(Refusal):
    """There is no such thing, or nothing that this person may know of: the same answer for both."""

    sentence = (
        "Cette page n’existe pas, ou elle est celle d’un projet où vous n’avez pas de rôle : vérifiez "
        "l’adresse, ou demandez à l’ANCT de vous y inviter."
    )


class Header(Shape):
    """What stands at the top of every page of a project."""

    slug: str
    title: str
    theme: str
    period_from: date
    period_until: date
    status: ProjectStatus
    status_reason: str | None
    moving: tuple[str, ...] = ()
    """The titles of the stages that are about to show what has just happened."""

    @property
    def path(self) -> str:
        """The project's own page."""
        return f"/projets/{self.slug}"


@dataclass(frozen=True, slots=True)
class ProjectAccess:
    """A project as one person may see it, on one day. Below the pages: templates get ``header``."""

    project: SharedProject
    project_id: int
    header: Header
    lifecycle: Lifecycle
    standing: Standing
    person_id: int
    now: datetime

    @property
    def today(self) -> date:
        """The day in Paris."""
        return paris_day(self.now)


def access_to_project(session: Session, slug: str, person_id: int, now: datetime) -> ProjectAccess:
    """The project of this slug, in which the person stands; raises ``NotVisible``."""
    project = session.exec(_PROJECT, params={"slug": slug}).one_or_none()
    if project is None:
        raise NotVisible
    project_id = identity(project)
    standing = require_standing(session.connection(), person_id, project_id, now)
    moving = tuple(each.title for each in moving_stages(session.connection(), [project_id]))
    header = Header.model_validate(project).model_copy(update={"moving": moving})
    return ProjectAccess(project, project_id, header, lifecycle_of(project), standing, person_id, now)


def require_standing(connection: Connection, person_id: int, project_id: int, now: datetime) -> Standing:
    """The standing of a person in a project; raises ``NotVisible`` for an outsider."""
    standing = standing_in(connection, person_id, project_id, now)
    if standing.is_outsider:
        raise NotVisible
    return standing

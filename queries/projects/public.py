"""What anybody may read: the projects that published something, and what they published. Nothing personal."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session

from models.shared_project import ProjectStatus
from models.tables import PROJECT, PUBLICATION, VERSION
from queries.access.project_access import NotVisible
from queries.ledger.party_names import parties_by_project


@dataclass(frozen=True, slots=True)
class PublicLine:
    """A project in the list of the published ones; ``cities`` are its parties', in the order they joined."""

    slug: str
    title: str
    theme: str
    cities: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class PublicDocument:
    """A version that anybody may read and use again; ``size`` in bytes. ``path`` is the document itself."""

    id: int
    title: str
    licence: str
    published_at: datetime
    size: int
    sha256: str
    path: str


@dataclass(frozen=True, slots=True)
class PublicPage:
    """The public page of a project."""

    slug: str
    title: str
    theme: str
    period_from: date
    period_until: date
    status: ProjectStatus
    cities: tuple[str, ...]
    documents: tuple[PublicDocument, ...]


def list_public(session: Session) -> list[PublicLine]:
    """The projects that published something, by title. Writes nothing."""
    connection = session.connection()
    published = sa.select(PUBLICATION.c.project_id)
    query = sa.select(PROJECT.c.id, PROJECT.c.slug, PROJECT.c.title, PROJECT.c.theme)
    rows = connection.execute(query.where(PROJECT.c.id.in_(published)).order_by(PROJECT.c.title)).all()
    cities = parties_by_project(connection, [row.id for row in rows])
    return [
        PublicLine(
            row.slug,
            row.title,
            row.theme,
            tuple(each.name for each in cities[row.id]),
            f"/publics/{row.slug}",
        )
        for row in rows
    ]


def read_public(session: Session, slug: str) -> PublicPage:
    """The page; raises ``NotVisible`` while the project has published nothing, as when there is none."""
    connection = session.connection()
    project = connection.execute(sa.select(PROJECT).where(PROJECT.c.slug == slug)).one_or_none()
    if project is None:
        raise NotVisible
    query = (
        sa.select(PUBLICATION, VERSION.c.size, VERSION.c.sha256)
        .join(VERSION, VERSION.c.id == PUBLICATION.c.version_id)
        .where(PUBLICATION.c.project_id == project.id)
        .order_by(PUBLICATION.c.id)
    )
    documents = tuple(
        PublicDocument(
            row.id, row.title, row.licence, row.published_at, row.size, row.sha256,
            f"/publics/{slug}/documents/{row.id}",
        )
        for row in connection.execute(query)
    )  # fmt: skip
    if not documents:
        raise NotVisible
    cities = tuple(each.name for each in parties_by_project(connection, [project.id])[project.id])
    return PublicPage(
        slug, project.title, project.theme, project.period_from, project.period_until, project.status,
        cities, documents,
    )  # fmt: skip

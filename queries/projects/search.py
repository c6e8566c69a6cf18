"""Look for words among what one person may see: their projects, the deliverables of these, what awaits them.

Words are compared as ``models.folded`` does, in the program: the same on both databases, and nothing that is typed
is a pattern.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from database.bound import among
from models.folded import folded, is_said_in
from models.lifecycle import lifecycle_or_none
from models.place_name import is_said_of
from models.shared_project import ProjectStatus
from models.tables import DELIVERABLE, PARTY, PROJECT, STAGE
from queries.access.standing import standings
from queries.ledger.party_names import parties_by_project
from queries.reminders.pending import read_pending

MOST_FOUND = 20
"""So many of each kind are shown; ``more`` tells that there are others."""
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class FoundProject:
    """A project by its title, theme, cities or their codes."""

    title: str
    theme: str
    status: ProjectStatus
    cities: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class FoundDeliverable:
    """A deliverable by its title, or by its title and its project's."""

    title: str
    owner_name: str | None
    stage_title: str
    project_title: str
    path: str


@dataclass(frozen=True, slots=True)
class FoundThing:
    """Something awaited of the searcher, or of the parties they act for."""

    text: str
    project_title: str
    due_on: date
    path: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for ``words``, as they were looked for (empty: nothing is looked for)."""

    words: str
    projects: tuple[FoundProject, ...]
    deliverables: tuple[FoundDeliverable, ...]
    things: tuple[FoundThing, ...]
    more: bool

    @property
    def is_empty(self) -> bool:
        """Nothing at all."""
        return not (self.projects or self.deliverables or self.things)


def search(session: Session, person_id: int, words: str, now: datetime) -> Found:
    """All that the person may see and that says each of these words; the beginnings of words are enough. Reads only."""
    wanted = folded(words[:LONGEST_WORDS])
    if not wanted:
        return Found("", (), (), (), more=False)
    connection = session.connection()
    seen = list(standings(connection, person_id, now))
    typed = words[:LONGEST_WORDS]
    projects, deliverables = _projects(connection, seen, typed), _deliverables(connection, seen, typed)
    things = [
        FoundThing(each.about, each.project_title, each.due_on, each.path)
        for each in read_pending(session, person_id, now).things
        if is_said_of(typed, f"{each.about} {each.project_title}")
    ]
    more = max(len(projects), len(deliverables), len(things)) > MOST_FOUND
    return Found(
        wanted,
        tuple(projects[:MOST_FOUND]),
        tuple(deliverables[:MOST_FOUND]),
        tuple(things[:MOST_FOUND]),
        more,
    )


def _projects(connection: Connection, project_ids: Collection[int], typed: str) -> list[FoundProject]:
    query = sa.select(PROJECT).where(among(PROJECT.c.id, "projects")).order_by(PROJECT.c.title)
    parties = parties_by_project(connection, project_ids)
    matching = []
    for row in connection.execute(query, {"projects": [*project_ids]}):
        cities = parties[row.id]
        codes = " ".join(f"{each.name} {each.code}" for each in cities)
        if is_said_of(typed, f"{row.title} {row.theme} {codes}"):
            names = tuple(each.name for each in cities)
            matching.append(FoundProject(row.title, row.theme, row.status, names, f"/projets/{row.slug}"))
    return matching


def _deliverables(connection: Connection, project_ids: Collection[int], typed: str) -> list[FoundDeliverable]:
    """The distinct titles are few, as they come from the lifecycle: they are looked at first."""
    titles = list(connection.execute(sa.select(DELIVERABLE.c.title).distinct()).scalars())
    query = (
        sa.select(
            DELIVERABLE.c.id, DELIVERABLE.c.title, PARTY.c.name.label("owner_name"), STAGE.c.key,
            PROJECT.c.title.label("project_title"), PROJECT.c.slug, PROJECT.c.lifecycle_key,
            PROJECT.c.lifecycle_version,
        )
        .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
        .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
        .outerjoin(PARTY, PARTY.c.id == DELIVERABLE.c.party_id)
        .where(among(PROJECT.c.id, "projects"), among(DELIVERABLE.c.title, "titles"))
        .order_by(PROJECT.c.title, STAGE.c.position, DELIVERABLE.c.id)
    )  # fmt: skip
    values = {"projects": [*project_ids], "titles": _touched(titles, folded(typed))}
    return [_deliverable(row) for row in connection.execute(query, values) if is_said_of(typed, _said(row))]


def _touched(titles: Iterable[str], wanted: str) -> list[str]:
    """The titles that say at least one of the words; the others may be said by the city or the project."""
    return [each for each in titles if any(is_said_in(word, each) for word in wanted.split())]


def _said(row: Any) -> str:
    return f"{row.title} {row.owner_name or ''} {row.project_title}"


def _deliverable(row: Any) -> FoundDeliverable:
    lifecycle = lifecycle_or_none(row.lifecycle_key, row.lifecycle_version)
    stage = lifecycle.stage(row.key).title if lifecycle else row.key
    path = f"/projets/{row.slug}/livrables/{row.id}"
    return FoundDeliverable(row.title, row.owner_name, stage, row.project_title, path)

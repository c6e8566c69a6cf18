"""What the pages show, read as the pages read it."""

from collections.abc import Callable
from typing import Any

from cast import Cast

from models.person import Actor
from models.refusal import Refusal
from models.stored_row import identity
from queries.deliverables.deliverable import DeliverablePage, read_deliverable
from queries.projects.board import Board, BoardFilters, read_board
from queries.projects.project import read_project


def board(cast: Cast, who: Actor | None = None, page: int = 1, **filters: Any) -> Board:
    with cast.db.read() as session:
        return read_board(session, (who or cast.agent).person_id, cast.now, page, BoardFilters(**filters))


def answer(act: Callable[[], object]) -> str | None:
    """The sentence of the refusal, if it is refused."""
    try:
        act()
    except Refusal as refusal:
        return str(refusal)
    return None


def page_of(cast: Cast, key: str, who: Actor, owner: str | None = None) -> DeliverablePage:
    number = identity(cast.deliverable(key, owner))
    with cast.db.read() as session:
        return read_deliverable(session, cast.slug, number, who.person_id, cast.now)


def project_page(cast: Cast, who: Actor) -> Any:
    with cast.db.read() as session:
        return read_project(session, cast.slug, who.person_id, cast.now)

"""What the shell completes: slugs, stages, deliverables, parties, people. Quiet when it cannot be known."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

Found = list[tuple[str, str]]


def _quietly(read: Callable[[Any, dict[str, Any]], Iterator[tuple[str, str]]]) -> Callable[..., Found]:
    """A completion that reads the database, and gives nothing rather than an error."""

    def complete(ctx: typer.Context, incomplete: str) -> Found:
        # Imported here: the shell waits at each press of the key, and most presses complete a command.
        try:
            from database.engine import Database
            from settings import settings

            url = settings().domain_url
            if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
                return []
            db = Database(url)
            try:
                with db.read() as session:
                    choices = [(value, label) for value, label in read(session, ctx.params)]
                    return [each for each in choices if each[0].startswith(incomplete)]
            finally:
                db.close()
        except Exception:
            return []

    return complete


def _project(session: Any, arguments: dict[str, Any]) -> Any:
    from queries.ledger.find import find_project

    return find_project(session, arguments["slug"])


def _slugs(session: Any) -> Iterator[tuple[str, str]]:
    from sqlmodel import col, select

    from models.shared_project import SharedProject

    for project in session.exec(select(SharedProject).order_by(col(SharedProject.id).desc())):
        yield project.slug, project.title


@_quietly
def project_slugs(session: Any, arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The slugs, the newest first."""
    yield from _slugs(session)


@_quietly
def audited(session: Any, arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The register, then the slugs."""
    yield "register", "le registre"
    yield from _slugs(session)


@_quietly
def stage_keys(session: Any, arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The stages of the project already written on the line."""
    from queries.ledger.find import stage_title, stages_of

    project = _project(session, arguments)
    for stage in stages_of(session, project):
        yield stage.key, stage_title(project, stage)


@_quietly
def deliverable_keys(session: Any, arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The deliverables of the stage already written on the line."""
    from queries.ledger.find import lifecycle_of

    for deliverable in lifecycle_of(_project(session, arguments)).stage(arguments["stage"]).deliverables:
        yield deliverable.key, deliverable.title


@_quietly
def party_codes(session: Any, arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The parties of the project already written on the line; all of them before."""
    from sqlmodel import select

    from models.party import Party

    query = select(Party.code, Party.name).distinct()
    if arguments.get("slug"):
        query = query.where(Party.project_id == _project(session, arguments).id)
    yield from session.exec(query)


@_quietly
def emails(session: Any, arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The people."""
    from sqlmodel import select

    from models.person import Person

    yield from session.exec(select(Person.email, Person.name))


@_quietly
def strand_keys(session: Any, arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The strands of the consultation of the project already written on the line."""
    from queries.ledger.find import lifecycle_of

    for strand in lifecycle_of(_project(session, arguments)).stage("consultation").strands:
        yield strand.key, strand.title


@_quietly
def commitment_ids(session: Any, arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The numbers of the commitments still to keep."""
    from sqlmodel import col, select

    from models.commitment import STILL_OPEN, Commitment

    for commitment in session.exec(select(Commitment).where(col(Commitment.status).in_(STILL_OPEN))):
        yield str(commitment.id), f"{commitment.owner} : {commitment.text[:60]}"

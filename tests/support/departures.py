"""A city leaves a project by a decision of its council; who is left."""

from pathlib import Path

import sqlalchemy as sa
from cast import Cast

from actions.projects.leave_project import DepartureRequest, propose_departure
from models.person import Actor
from models.proposal import Proposal


def propose(
    cast: Cast,
    code: str,
    *,
    actor: Actor | None = None,
    reason: str = "Changement de majorité",
    decision_file: Path | None = None,
) -> Proposal:
    """The city's contact proposes that it leaves, with its council's decision."""
    path = decision_file or cast.write("le conseil décide de quitter le projet.", "depart.pdf")
    request = DepartureRequest(cast.slug, code, reason, cast.files.receive_path(path))
    return propose_departure(cast.db, actor or cast.contact(code), request, now=cast.now)


def leave(
    cast: Cast,
    code: str,
    *,
    actor: Actor | None = None,
    reason: str = "Changement de majorité",
    decision_file: Path | None = None,
) -> None:
    """The same, confirmed by the ANCT."""
    cast.confirm(propose(cast, code, actor=actor, reason=reason, decision_file=decision_file))


def roster(cast: Cast, key: str) -> set[str]:
    """The codes of the parties that count in the stage's gate."""
    query = (
        "SELECT party.code FROM roster_seat JOIN party ON party.id = party_id "
        "WHERE stage_id = :stage AND roster_seat.left_at IS NULL"
    )
    with cast.db.read() as session:
        return set(session.connection().execute(sa.text(query), {"stage": cast.stage_id(key)}).scalars())

"""A city leaves a project by a decision of its council."""

from pathlib import Path

from cast import Cast

from actions.projects.change_parties import DepartureRequest, leave_project
from models.person import Actor


def leave(
    cast: Cast,
    code: str,
    *,
    actor: Actor | None = None,
    reason: str = "Changement de majorité",
    decision_file: Path | None = None,
) -> None:
    who = actor or cast.contact(code)
    path = decision_file or cast.write("%PDF-1.7 : le conseil décide de quitter le projet.", "depart.pdf")
    request = DepartureRequest(cast.slug, code, reason, cast.files.receive_path(path))
    leave_project(cast.db, who, request, now=cast.now)

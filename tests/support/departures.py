"""A city leaves a project by a decision of its council."""

from pathlib import Path

from cast import Cast

from actions.projects.change_parties import leave_project


def leave(cast: Cast, code: str, **changes: object) -> None:
    given = {
        "actor": cast.contact(code),
        "reason": "Changement de majorité",
        "decision_file": cast.write("%PDF-1.7 : le conseil décide de quitter le projet.", "depart.pdf"),
    } | changes
    actor, file, reason = given["actor"], given["decision_file"], given["reason"]
    leave_project(
        cast.db,
        cast.files,
        actor,  # type: ignore[arg-type]
        cast.slug,
        code,
        reason=str(reason),
        decision_file=cast.files.receive_path(Path(str(file))),
        now=cast.now,
    )

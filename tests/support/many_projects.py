"""Many projects of the same cities, each under the review of its first stage; and a counter of statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from cast import BOURGES, NIORT, Cast, seed_file

from database.engine import Database
from models.sign_off import Decision

NOTE = "note_de_cadrage"


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """The statements run during the block."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def add_projects(cast: Cast, folder: Path, first: int, last: int) -> list[Cast]:
    """The projects number ``first`` to ``last``, two of their cities having answered."""
    added = []
    for number in range(first, last + 1):
        file = seed_file(cast.today).model_copy(
            update={"title": f"Projet {number}", "theme": "Forêts et alpages"}
        )
        cast.create(file)
        one = Cast(cast.db, folder, f"projet-{number}")
        one.set_clock(cast.now)
        one.review("constitution")
        one.sign(NOTE, NIORT)
        one.sign(NOTE, BOURGES, Decision.refused, reason="Il manque les associations.")
        added.append(one)
    return added

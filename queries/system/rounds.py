"""When each periodic round last began and ended."""

from sqlmodel import select

from database.engine import Database
from models.periodic_round import PeriodicRound


def read_rounds(db: Database) -> dict[str, PeriodicRound]:
    """The traces that there are, by name."""
    with db.read() as session:
        return {row.name: row for row in session.exec(select(PeriodicRound))}

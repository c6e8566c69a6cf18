"""When each periodic round last began and ended."""

from sqlmodel import Session, select

from database.engine import Database
from models.periodic_round import PeriodicRound


def read_rounds(db: Database) -> dict[str, PeriodicRound]:
    """The traces that there are, by name."""
    with db.read() as session:
        return rounds_by_name(session)


def rounds_by_name(session: Session) -> dict[str, PeriodicRound]:
    """As ``read_rounds``, in a transaction that is open."""
    return {row.name: row for row in session.exec(select(PeriodicRound))}

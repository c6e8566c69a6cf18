"""The deadline of a stage for each party: the stage's own, or the later one that the ANCT granted a party."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from database.bound import among
from models.stage import Stage
from models.stored_row import identity
from models.tables import PARTY_DEADLINE, STAGE

_OF_STAGES = sa.select(
    STAGE.c.id,
    STAGE.c.due_on,
    sa.func.coalesce(STAGE.c.due_set_at, STAGE.c.opened_at, type_=STAGE.c.due_set_at.type),
    STAGE.c.due_sequence,
).where(among(STAGE.c.id, "stages"))
_OF_PARTIES = sa.select(
    PARTY_DEADLINE.c.stage_id,
    PARTY_DEADLINE.c.party_id,
    PARTY_DEADLINE.c.due_on,
    PARTY_DEADLINE.c.set_at,
    PARTY_DEADLINE.c.sequence,
).where(among(PARTY_DEADLINE.c.stage_id, "stages"))


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day, when it was announced, and how many times it was moved (a sequence, for calendars)."""

    due_on: date | None
    told_at: datetime | None
    sequence: int


class Deadlines:
    """The deadlines of some stages, for whichever party."""

    def __init__(
        self, of_stages: dict[int, Deadline], of_parties: dict[tuple[int, int | None], Deadline]
    ) -> None:
        self._of_stages, self._of_parties = of_stages, of_parties

    def of(self, stage_id: int, party_id: int | None) -> Deadline:
        """The party's own deadline when it is later than the stage's, else the stage's (as for no party)."""
        shared, own = self._of_stages[stage_id], self._of_parties.get((stage_id, party_id))
        if own is None:
            return shared
        is_later = shared.due_on is None or (own.due_on is not None and own.due_on > shared.due_on)
        last = own if is_later else shared
        return Deadline(last.due_on, last.told_at, shared.sequence + own.sequence)


def deadlines_of(connection: Connection, stage_ids: Iterable[int]) -> Deadlines:
    """The deadlines of these stages, in two queries."""
    stages = {"stages": [*stage_ids]}
    return Deadlines(
        {row[0]: Deadline(*row[1:]) for row in connection.execute(_OF_STAGES, stages)},
        {(row[0], row[1]): Deadline(*row[2:]) for row in connection.execute(_OF_PARTIES, stages)},
    )


def due_of(session: Session, stage: Stage, party_id: int | None) -> Deadline:
    """The deadline of a stage for a party; for no party, the stage's."""
    return deadlines_of(session.connection(), [identity(stage)]).of(identity(stage), party_id)

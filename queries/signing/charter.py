"""The charter once it is signed, and who has signed it: at its stage, or since by adhering to it."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.sign_off import Decision, is_live
from models.stage import StageStatus
from models.tables import DELIVERABLE, PARTY, SIGN_OFF, STAGE

CHARTER = "charte"


def closed_charter(connection: Connection, project_id: int) -> int | None:
    """The number of the charter, once its stage is closed; None before. Its content does not change any more."""
    query = (
        sa.select(DELIVERABLE.c.id)
        .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
        .where(
            STAGE.c.project_id == project_id,
            STAGE.c.status == StageStatus.closed,
            DELIVERABLE.c.key == CHARTER,
        )
    )
    return connection.execute(query).scalar()


def approvals_of(connection: Connection, deliverable_id: int) -> set[str]:
    """The codes of the parties whose approval of a deliverable stands."""
    query = (
        sa.select(PARTY.c.code)
        .join(SIGN_OFF, SIGN_OFF.c.party_id == PARTY.c.id)
        .where(
            SIGN_OFF.c.deliverable_id == deliverable_id, SIGN_OFF.c.decision != Decision.refused, is_live()
        )
    )
    return set(connection.execute(query).scalars())

"""The delay to object to a minor revision ends by itself: note it, and let the stage go on."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from actions.ledger.journal import record
from actions.ledger.locks import lock_stage
from actions.ledger.wake import wake
from database.engine import Database
from models.deliverable import Deliverable, DeliverableVersion
from models.paris_time import paris_day
from models.party import Party
from models.person import SYSTEM
from models.shared_project import BEFORE_FOLLOW_UP
from models.stage import LAID_OUT
from models.stored_row import identity
from models.tables import DELIVERABLE, PROJECT, STAGE, VERSION


def settle_revisions(db: Database, *, now: datetime) -> int:
    """Note in the journal each minor revision whose delay has ended without an objection, and wake its stage.

    Returns how many. One transaction each, commits; done before, it changes nothing.
    """
    with db.read() as session:
        due = session.connection().execute(_due(now)).all()
    return sum(_settle(db, stage_id, version_id, now) for stage_id, version_id in due)


def _due(now: datetime) -> sa.Select[int, int]:
    """The current versions that are minor revisions, their delay over and not noted, with their stages."""
    return (
        sa.select(STAGE.c.id, VERSION.c.id)
        .select_from(VERSION)
        .join(DELIVERABLE, DELIVERABLE.c.version_id == VERSION.c.id)
        .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
        .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
        .where(
            VERSION.c.objections_until < paris_day(now),
            VERSION.c.objected_at.is_(None),
            VERSION.c.settled_at.is_(None),
            STAGE.c.status.in_(LAID_OUT),
            PROJECT.c.status.in_(BEFORE_FOLLOW_UP),
        )
        .order_by(VERSION.c.id)
    )


def _settle(db: Database, stage_id: int, version_id: int, now: datetime) -> bool:
    with db.write() as session:
        project, stage = lock_stage(session, stage_id)
        due = session.connection().execute(_due(now).where(VERSION.c.id == version_id)).first()
        if due is None:
            return False
        version = session.get_one(DeliverableVersion, version_id)
        deliverable = session.get_one(Deliverable, version.deliverable_id)
        version.settled_at = now
        session.flush()
        record(
            session,
            "deliverable.minor_settled",
            project_id=project.id,
            actor=SYSTEM,
            now=now,
            party_code=_owner(session, deliverable),
            stage=stage.key,
            deliverable=deliverable.key,
            version=version.number,
            round=version.round,
            sha256=version.sha256,
        )
        wake(session, identity(stage), now)
        return True


def _owner(session: Session, deliverable: Deliverable) -> str | None:
    return session.get_one(Party, deliverable.party_id).code if deliverable.party_id else None

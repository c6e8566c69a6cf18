"""A city that comes back takes up what its departure had waived (docs/rules.md, « Commitments »)."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from models.commitment import Commitment, CommitmentOrigin, CommitmentStatus
from models.paris_time import paris_day
from models.party import PartyDeparture
from models.shared_project import SharedProject
from models.stage import NOT_LAID_OUT
from queries.ledger.find import stages_of

DAYS_TO_TAKE_UP = 30
"""From its return, for what fell due while the city was away, or would at once."""


def take_up_again(
    session: Session, project: SharedProject, departure: PartyDeparture, now: datetime
) -> list[int]:
    """Open again what this departure waived; returns the numbers of those commitments. Does not commit.

    What was due at the end of a stage in which the city has no seat stays waived.
    """
    query = select(Commitment).where(
        Commitment.project_id == project.id,
        Commitment.party_id == departure.party_id,
        Commitment.status == CommitmentStatus.waived,
        Commitment.settled_at == departure.recorded_at,
    )
    to_come = {each.key for each in stages_of(session, project) if each.status in NOT_LAID_OUT}
    soonest = paris_day(now) + timedelta(days=DAYS_TO_TAKE_UP)
    taken_up = []
    for commitment in session.exec(query):
        stage = _stage_of(commitment)
        if stage is not None and stage not in to_come:
            continue
        commitment.status, commitment.settled_at, commitment.evidence = CommitmentStatus.to_do, None, None
        if commitment.due_on is not None and commitment.due_on < soonest:
            commitment.due_on, commitment.due_set_at = soonest, now
        taken_up.append(commitment.id or 0)
    session.flush()
    return taken_up


def _stage_of(commitment: Commitment) -> str | None:
    """The stage at whose end it is due, for one that comes again with each."""
    if commitment.origin is not CommitmentOrigin.charter or "/" not in commitment.reference:
        return None
    return commitment.reference.partition("/")[2].partition("@")[0]

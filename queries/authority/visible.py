"""Who learns that a proposal exists: those who take part in it, and those of its city and its projects."""

from datetime import datetime

from sqlmodel import Session

from models.person import Actor
from models.proposal import Proposal
from queries.access.standing import standing_in
from queries.authority.keys import key_holder_of


def is_visible_to(session: Session, proposal: Proposal, actor: Actor, now: datetime) -> bool:
    """May this person read it? Its author, whom it names, who may turn a key, and the parties of its project."""
    if actor.person_id in (proposal.proposed_by, proposal.subject_id, proposal.decided_by):
        return True
    who = key_holder_of(session, actor, proposal, now)
    if who.capacities or who.key_from is not None:
        return True
    if proposal.project_id is None:
        return actor.person_id == proposal.request.get("replaces")
    return not standing_in(session.connection(), actor.person_id, proposal.project_id, now).is_outsider

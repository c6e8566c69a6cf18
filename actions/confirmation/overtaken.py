"""Drop what can no longer be confirmed: the city has decided since, the text was replaced, its proposer has left."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.authority.put_forward import record_settled
from actions.confirmation.settle import lock_proposal
from database.engine import Database
from models.person import SYSTEM
from models.proposal import Proposal, ProposalKind, ProposalState, is_open
from models.shared_project import ProjectStatus
from models.sign_off import is_live
from models.stage import StageStatus
from models.tables import DELIVERABLE, PROJECT, PROPOSAL, SIGN_OFF, STAGE
from queries.authority.keys import proposer_speaks

OVER = "L’étape est close, ou le projet annulé."
DECIDED = "La collectivité s’est prononcée entre-temps."
REPLACED = "Une nouvelle version a remplacé le texte sur lequel l’acte portait."
WITHDRAWN = "La décision à retirer ne tient déjà plus."
PROPOSER_LEFT = (
    "La personne qui l’avait proposé n’a plus le rôle qu’il faut ; au besoin, proposez-le de nouveau."
)


def drop_overtaken(db: Database, *, now: datetime) -> int:
    """Drop each proposal that nobody can confirm any more, and tell its people why; returns how many. Commits each.

    A city may decide by a click while its act on paper waits for the second key. What is only paused keeps waiting.
    """
    with db.read() as session:
        waiting = session.exec(select(Proposal.id).where(is_open(now)).order_by(col(Proposal.id))).all()
        numbers = [number for number in waiting if _overtaken(session, number, now)]
    dropped = 0
    for number in numbers:
        with db.write() as session:
            proposal = lock_proposal(session, number, now)
            reason = _overtaken(session, number, now)
            if proposal is not None and reason is not None:
                record_settled(session, proposal, ProposalState.dropped, SYSTEM, now, reason=reason)
                dropped += 1
    return dropped


def _overtaken(session: Session, number: int | None, now: datetime) -> str | None:
    """Why this proposal can be confirmed no more; None while it can, or when it waits no longer."""
    proposal = session.get(Proposal, number)
    if proposal is None or not proposal.is_open_at(now):
        return None
    if not proposer_speaks(session, proposal, now):
        return PROPOSER_LEFT
    return session.connection().scalar(_ACT_OVERTAKEN, {"number": number})


def _reason_of_an_act() -> sa.Select[str | None]:
    """Why the act on paper, or the withdrawal, of this number applies no more; no row for another kind of proposal."""
    decides = PROPOSAL.c.kind == ProposalKind.paper_act
    withdraws = PROPOSAL.c.kind == ProposalKind.withdrawal
    seat = (SIGN_OFF.c.deliverable_id == PROPOSAL.c.deliverable_id) & (
        SIGN_OFF.c.party_id == PROPOSAL.c.party_id
    )
    named = SIGN_OFF.c.id == PROPOSAL.c.request["sign_off_id"].as_integer()
    reason = sa.case(
        ((STAGE.c.status == StageStatus.closed) | (PROJECT.c.status == ProjectStatus.cancelled), OVER),
        (decides & sa.exists().where(seat, is_live()), DECIDED),
        (decides & (DELIVERABLE.c.sha256 != PROPOSAL.c.request["sha256"].as_string()), REPLACED),
        (withdraws & ~sa.exists().where(named, is_live()), WITHDRAWN),
        else_=sa.null(),
    )
    return (
        sa.select(reason)
        .select_from(PROPOSAL)
        .join(DELIVERABLE, DELIVERABLE.c.id == PROPOSAL.c.deliverable_id)
        .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
        .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
        .where(decides | withdraws, PROPOSAL.c.id == sa.bindparam("number"))
    )


_ACT_OVERTAKEN = _reason_of_an_act()

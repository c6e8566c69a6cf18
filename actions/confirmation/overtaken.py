"""Drop what can no longer be confirmed: the city has decided since, the text was replaced, the stage is closed."""

from datetime import datetime

import sqlalchemy as sa

from actions.authority.put_forward import record_settled
from actions.confirmation.settle import lock_proposal
from database.engine import Database
from models.person import SYSTEM
from models.proposal import ProposalKind, ProposalState, is_open
from models.shared_project import ProjectStatus
from models.sign_off import is_live
from models.stage import StageStatus
from models.tables import DELIVERABLE, PROJECT, PROPOSAL, SIGN_OFF, STAGE, VERSION

OVER = "L’étape est close, ou le projet annulé."
DECIDED = "La collectivité s’est prononcée entre-temps."
REPLACED = "Une nouvelle version a remplacé le texte sur lequel l’acte portait."
WITHDRAWN = "La décision à retirer ne tient déjà plus."


def drop_overtaken(db: Database, *, now: datetime) -> int:
    """Drop each act on paper that waits for nothing any more, and tell its people why; returns how many. Commits each.

    A city may decide by a click while its act waits for the second key. What is only paused keeps waiting.
    """
    with db.read() as session:
        numbers = [number for number, _reason in session.connection().execute(_overtaken(now))]
    dropped = 0
    for number in numbers:
        with db.write() as session:
            proposal = lock_proposal(session, number, now)
            reasons = dict(session.connection().execute(_overtaken(now)).all())
            if proposal is not None and number in reasons:
                record_settled(session, proposal, ProposalState.dropped, SYSTEM, now, reason=reasons[number])
                dropped += 1
    return dropped


def _overtaken(now: datetime) -> sa.Select[int, str]:
    """The open proposals of an act that no longer applies, each with the reason."""
    seat = (SIGN_OFF.c.deliverable_id == PROPOSAL.c.deliverable_id) & (
        SIGN_OFF.c.party_id == PROPOSAL.c.party_id
    )
    has_decided = sa.exists().where(seat, is_live())
    named = SIGN_OFF.c.id == PROPOSAL.c.request["sign_off_id"].as_integer()
    still_stands = sa.exists().where(named, is_live())
    replaced = sa.exists().where(
        VERSION.c.deliverable_id == PROPOSAL.c.deliverable_id,
        VERSION.c.submitted_at > PROPOSAL.c.proposed_at,
        VERSION.c.minor_reason.is_(None),
    )
    decides = PROPOSAL.c.kind == ProposalKind.paper_act
    withdraws = PROPOSAL.c.kind == ProposalKind.withdrawal
    is_over = (STAGE.c.status == StageStatus.closed) | (PROJECT.c.status == ProjectStatus.cancelled)
    reason = sa.case(
        (is_over, OVER),
        (decides & has_decided, DECIDED),
        (decides & replaced, REPLACED),
        (withdraws & ~still_stands, WITHDRAWN),
        else_=sa.null(),
    )
    acts = (
        sa.select(PROPOSAL.c.id, reason.label("reason"))
        .join(DELIVERABLE, DELIVERABLE.c.id == PROPOSAL.c.deliverable_id)
        .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
        .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
        .where(decides | withdraws, is_open(now))
        .subquery()
    )
    return sa.select(acts.c.id, acts.c.reason).where(acts.c.reason.is_not(None)).order_by(acts.c.id)

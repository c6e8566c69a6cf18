"""Authority: who may sign what, on what evidence; what is proposed, and its second key."""

from typing import Annotated

from fastapi import Path
from pydantic import Field

from actions.confirmation.settle import Drop, confirm_proposal, drop_proposal
from models.proposal_shapes import ProposalShown
from queries.authority.read_proposal import proposals_for
from web.api.caller import Caller
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import LARGEST, Asked, Reason, now

router = ApiRouter(prefix="/proposals", tags=[Tag.authority])

Number = Annotated[int, Path(ge=1, le=LARGEST, description="Le numéro de la proposition.")]


class Dropped(Asked):
    """Why it is dropped."""

    reason: Reason | None = Field(default=None, description="Dit aux personnes concernées.")


@router.reads("", "list_proposals", "Ce qui attend d’être confirmé")
def list_open(caller: Caller) -> list[ProposalShown]:
    """De tout ce que le titulaire du jeton peut lire ; d’abord ce qui l’attend, lui."""
    with caller.db.read() as session:
        pages = proposals_for(session, caller.holder.actor, now())
    return [ProposalShown.of(each.proposal) for each in pages]


@router.writes("/{number}/confirm", "confirm_proposal", "Confirmer une proposition")
def confirm(caller: Caller, number: Number) -> ProposalShown:
    """Par une autre personne, de l’autre côté que celle qui propose : c’est alors fait."""
    return ProposalShown.of(caller.act(confirm_proposal, number))


@router.writes("/{number}/drop", "drop_proposal", "Retirer ou écarter une proposition")
def drop(caller: Caller, number: Number, dropped: Dropped) -> ProposalShown:
    """Par son auteur, par quelqu’un de son côté, ou par qui aurait pu la confirmer."""
    return ProposalShown.of(caller.act(drop_proposal, Drop(number, dropped.reason)))

"""The delegations of signature: recorded, ended."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field, StringConstraints

from actions.signing.delegate_signature import DelegationRequest, delegate_signature, revoke_delegation
from models.answer_shapes import DelegationEnded, DelegationShown
from models.person import LONGEST_EMAIL
from models.signature_delegation import LONGEST_ORDER, LONGEST_SCOPE
from web.api.bearer import Caller
from web.api.declared import LARGEST, WRITES, Asked, Clean, Code, Day, now, problems
from web.dependencies import db_of

router = APIRouter(prefix="/delegations", tags=["Délégations"])


class NewDelegation(Asked):
    """The order that delegates the signature."""

    party: Code
    delegate: Annotated[str, StringConstraints(min_length=3, max_length=LONGEST_EMAIL), Clean] = Field(
        description="L’adresse de qui pourra signer.", examples=["adjointe@niort.example"]
    )
    order: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ORDER), Clean] = Field(
        description="La référence de l’arrêté.", examples=["Arrêté 2026-118"]
    )
    scope: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SCOPE), Clean] = Field(
        description="« all », ou des clés d’étapes et de livrables, entre virgules.", examples=["charter"]
    )
    from_: Day = Field(alias="from", description="Le premier jour.", examples=["2026-12-01"])
    until: Day = Field(description="Le dernier jour.", examples=["2027-11-30"])
    elected: bool = Field(
        default=False, description="À un élu (CGCT L2122-18), et non à un agent (L2122-19)."
    )


@router.post(
    "",
    operation_id="add_delegation",
    summary="Enregistrer une délégation",
    status_code=201,
    responses=problems(*WRITES),
)
def add(request: Request, caller: Caller, delegation: NewDelegation) -> DelegationShown:
    """Par le maire ou président de la collectivité, ou son interlocuteur privilégié. Le même arrêté, c’est la même."""
    order = DelegationRequest(
        authority_code=delegation.party,
        delegate_email=delegation.delegate,
        order_reference=delegation.order,
        scope=delegation.scope,
        valid_from=delegation.from_,
        valid_until=delegation.until,
        to_elected=delegation.elected,
    )
    recorded = delegate_signature(db_of(request), caller.actor, order, now=now())
    return DelegationShown.of(recorded, delegation.delegate)


@router.post(
    "/{number}/revoke",
    operation_id="revoke_delegation",
    summary="Mettre fin à une délégation",
    responses=problems(*WRITES),
)
def revoke(
    request: Request,
    caller: Caller,
    number: Annotated[int, Path(ge=1, le=LARGEST, description="Le numéro de la délégation.")],
) -> DelegationEnded:
    """Tout de suite ; ce qui a été signé sous elle demeure."""
    ended = revoke_delegation(db_of(request), caller.actor, number, now=now())
    return DelegationEnded.model_validate(ended)

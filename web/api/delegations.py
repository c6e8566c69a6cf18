"""The delegations of signature: recorded, ended."""

from typing import Annotated

from anyio import to_thread
from fastapi import Path, Request
from pydantic import Field, StringConstraints

from actions.files.store_file import ReceivedFile
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from actions.signing.revoke_delegation import revoke_delegation
from models.answer_shapes import DelegationEnded, DelegationShown
from models.person import LONGEST_EMAIL
from models.signature_delegation import ORDER, SCOPE
from web.api.caller import Caller
from web.api.forms import read_form, takes_form
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import LARGEST, Asked, Clean, Code, Day

router = ApiRouter(prefix="/delegations", tags=[Tag.delegations])


class NewDelegation(Asked):
    """The order that delegates the signature."""

    party: Code
    delegate: Annotated[str, StringConstraints(min_length=3, max_length=LONGEST_EMAIL), Clean] = Field(
        description="L’adresse de qui pourra signer.", examples=["adjointe@niort.example"]
    )
    order: Annotated[str, ORDER.needed] = Field(
        description="La référence de l’arrêté.", examples=["Arrêté 2026-118"]
    )
    scope: Annotated[str, SCOPE.needed] = Field(
        description="« all », ou des clés d’étapes et de livrables, entre virgules.", examples=["charter"]
    )
    from_: Day = Field(alias="from", description="Le premier jour.", examples=["2026-12-01"])
    until: Day = Field(description="Le dernier jour.", examples=["2027-11-30"])
    elected: bool = Field(
        default=False, description="À un élu (CGCT L2122-18), et non à un agent (L2122-19)."
    )


@router.writes("", "add_delegation", "Enregistrer une délégation", status=201)
def add(caller: Caller, delegation: NewDelegation) -> DelegationShown:
    """Par le maire ou président de la collectivité, ou son interlocuteur privilégié. Le même arrêté, c’est la même."""
    return _delegate(caller, delegation, None)


@router.writes(
    "/with-order",
    "add_delegation_with_order",
    "Enregistrer une délégation, l’arrêté joint",
    status=201,
    form=takes_form(NewDelegation, "order_file", "L’arrêté signé."),
)
async def add_with_order(request: Request, caller: Caller) -> DelegationShown:
    """Ce que propose l’interlocuteur, un agent de l’ANCT peut alors le confirmer aussi, l’arrêté lu."""
    async with read_form(request, NewDelegation, "order_file") as (delegation, file):
        return await to_thread.run_sync(_delegate, caller, delegation, file)


def _delegate(caller: Caller, delegation: NewDelegation, file: ReceivedFile | None) -> DelegationShown:
    order = DelegationRequest(
        authority_code=delegation.party,
        delegate_email=delegation.delegate,
        order_reference=delegation.order,
        scope=delegation.scope,
        valid_from=delegation.from_,
        valid_until=delegation.until,
        to_elected=delegation.elected,
        order_file=file,
    )
    return DelegationShown.of(caller.act(delegate_signature, order), delegation.delegate)


@router.writes("/{number}/revoke", "revoke_delegation", "Mettre fin à une délégation")
def revoke(
    caller: Caller,
    number: Annotated[int, Path(ge=1, le=LARGEST, description="Le numéro de la délégation.")],
) -> DelegationEnded:
    """Tout de suite ; ce qui a été signé sous elle demeure."""
    return DelegationEnded.model_validate(caller.act(revoke_delegation, number))

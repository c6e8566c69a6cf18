"""The sign-offs: a party decides on a content, or takes its decision back, by the same rules as a click."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints

from actions.access.token_holder import TokenHolder
from actions.signing.sign_off import SignOffRequest, sign_off
from actions.signing.sign_on_paper import PaperAct
from actions.signing.withdraw_sign_off import SignOffWithdrawal, withdraw_sign_off
from models.answer_shapes import SignOffGiven, SignOffWithdrawn
from models.sign_off import Decision
from models.stored_row import identity
from web.api.bearer import Caller
from web.api.declared import (
    WRITES,
    Asked,
    Code,
    DeliverableName,
    Reason,
    Slug,
    StageName,
    Text,
    now,
    problems,
)
from web.api.project_access import caller_access
from web.api.seats import find_seat, version_signed
from web.dependencies import db_of

router = APIRouter(
    prefix="/projects/{slug}/stages/{stage}/deliverables/{key}/sign-offs", tags=["Validations"]
)

Sha256 = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(description="L’empreinte du contenu qui a été lu."),
]
OwnersCode = Annotated[
    Code | None, Field(description="La ville dont c’est le livrable, si ce n’est pas celle qui se prononce.")
]


class DecisionGiven(Asked):
    """What a party decides, on the content that was read."""

    party: Code
    decision: Decision = Field(description="Approuver, approuver avec réserves, refuser.")
    sha256: Sha256
    reason: Text | None = Field(default=None, description="Nécessaire pour une réserve ou un refus.")
    deliverable_party: OwnersCode = None


class Withdrawal(Asked):
    """Whose decision is taken back, and why."""

    party: Code
    reason: Reason = Field(examples=["Le conseil souhaite relire l’article 4."])
    deliverable_party: OwnersCode = None


@router.post(
    "",
    operation_id="give_sign_off",
    summary="Donner sa décision",
    status_code=201,
    responses=problems(*WRITES),
)
def give(
    request: Request,
    caller: Caller,
    slug: Slug,
    stage: StageName,
    key: DeliverableName,
    answer: DecisionGiven,
) -> SignOffGiven:
    """Vaut signature du titulaire du jeton : maire, président, ou titulaire d’une délégation qui couvre cet acte.

    Elle porte sur le contenu dont l’empreinte est donnée ; un autre l’a-t-il remplacé, rien n’est signé (409). Ce
    n’est jamais l’acte d’un conseil. La même décision redonnée est le même fait, et garde son numéro, même
    quand l’étape est close depuis.
    """
    return record_decision(request, caller, (slug, stage, key), answer)


def record_decision(
    request: Request,
    caller: TokenHolder,
    place: tuple[str, str, str],
    answer: DecisionGiven,
    paper: PaperAct | None = None,
) -> SignOffGiven:
    """Record the decision on the deliverable at ``place`` (slug, stage, key); given on paper, with its act."""
    slug, stage, key = place
    seat = find_seat(request, caller, slug, stage, key, answer.party, answer.deliverable_party)
    asked = SignOffRequest(
        identity(seat.deliverable), seat.party_id, answer.sha256, answer.decision, answer.reason, paper
    )
    number = sign_off(db_of(request), caller.actor, asked, now=now())
    return SignOffGiven(
        id=number,
        slug=slug,
        stage=stage,
        deliverable=key,
        party=answer.party,
        decision=answer.decision,
        version=version_signed(request, seat, answer.sha256),
        sha256=answer.sha256,
    )


@router.post(
    "/withdraw",
    operation_id="withdraw_sign_off",
    summary="Retirer sa décision",
    responses=problems(*WRITES),
)
def withdraw(
    request: Request, caller: Caller, slug: Slug, stage: StageName, key: DeliverableName, taken: Withdrawal
) -> SignOffWithdrawn:
    """Par qui peut signer, avec un motif, tant que l’étape n’est pas close."""
    caller_access(request, caller, slug)
    withdrawal = SignOffWithdrawal(slug, stage, key, taken.party, taken.reason, taken.deliverable_party)
    withdrawn = withdraw_sign_off(db_of(request), caller.actor, withdrawal, now=now())
    return SignOffWithdrawn(
        id=identity(withdrawn), slug=slug, stage=stage, deliverable=key, party=taken.party, withdrawn=True
    )

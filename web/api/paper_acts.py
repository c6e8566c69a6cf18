"""An act that a party gave on paper, recorded with its scan; a council's deliberation, with its data (rules 5, 7)."""

from anyio import to_thread
from fastapi import Request
from pydantic import Field, Json

from actions.signing.paper_act import PaperAct
from actions.signing.withdraw_on_paper import PaperWithdrawal, withdraw_on_paper
from actions.signing.withdraw_sign_off import SignOffWithdrawal
from models.act_kind import ActKind
from models.council_deliberation import CouncilDeliberation
from models.proposal_shapes import ProposalShown
from models.recorded_act import act_kind_and_day
from models.sign_off import Decision
from web.api.caller import Caller
from web.api.forms import read_form, takes_form
from web.api.places import Place
from web.api.router import ApiRouter
from web.api.sign_offs import DecisionGiven, OwnersCode, propose_paper_act
from web.api.tags import Tag
from web.api.values import Asked, Code, Day, Reason

router = ApiRouter(
    prefix="/projects/{slug}/stages/{stage}/deliverables/{key}/paper-acts", tags=[Tag.sign_offs]
)


class ActFields(Asked):
    """The act that takes a decision back, of at least its rank."""

    party: Code
    reason: Reason = Field(examples=["Le conseil souhaite relire l’article 4."])
    deliverable_party: OwnersCode = None
    act_kind: ActKind | None = Field(default=None, description="La sorte d’acte.")
    signed_on: Day | None = Field(default=None, description="La date que porte le papier.")
    deliberation: Json[CouncilDeliberation] | None = Field(
        default=None, description="Les données de la délibération du conseil, en JSON."
    )


class PaperFields(DecisionGiven):
    """What the paper says. Without data of a deliberation, it is an elected person's signature unless told."""

    decision: Decision
    act_kind: ActKind | None = Field(default=None, description="La sorte d’acte.")
    signed_on: Day | None = Field(default=None, description="La date que porte le papier.")
    early_reason: Reason | None = Field(
        default=None, description="Pourquoi l’acte est antérieur au texte qu’il valide ; montré à tous."
    )
    deliberation: Json[CouncilDeliberation] | None = Field(
        default=None, description="Les données de la délibération du conseil, en JSON."
    )


@router.writes(
    "",
    "record_paper_act",
    "Enregistrer un acte donné sur papier",
    status=201,
    form=takes_form(PaperFields, "proof", "L’acte signé, numérisé."),
)
async def record_act(request: Request, caller: Caller, place: Place) -> ProposalShown:
    """Par l’interlocuteur privilégié de la collectivité, son signataire, ou l’ANCT : l’acte, sa date, son original.

    Il compte une fois confirmé par l’autre côté : la réponse dit qui l’on attend.

    Avec les données d’une délibération, ses règles sont vérifiées (quorum, majorité, dates).
    """
    await to_thread.run_sync(caller.require_access, place.slug)
    async with read_form(request, PaperFields, "proof") as (fields, proof):
        council = fields.deliberation
        kind, acted_on = act_kind_and_day(
            fields.act_kind, fields.signed_on, council, field="signed_on", how="dans « signed_on »"
        )
        paper = PaperAct(kind, acted_on, proof, council, fields.early_reason)
        return await to_thread.run_sync(propose_paper_act, caller, place, fields, paper)


@router.writes(
    "/withdraw",
    "withdraw_by_paper_act",
    "Retirer une décision par un acte",
    status=201,
    form=takes_form(ActFields, "proof", "L’acte qui retire, numérisé."),
)
async def withdraw_by_act(request: Request, caller: Caller, place: Place) -> ProposalShown:
    """Ce qu’un conseil a décidé, son conseil le retire : par un acte de même rang, confirmé par l’autre côté."""
    await to_thread.run_sync(caller.require_access, place.slug)
    async with read_form(request, ActFields, "proof") as (fields, proof):
        kind, acted_on = act_kind_and_day(
            fields.act_kind,
            fields.signed_on,
            fields.deliberation,
            field="signed_on",
            how="dans « signed_on »",
        )
        withdrawal = SignOffWithdrawal(
            place.slug, place.stage, place.key, fields.party, fields.reason, fields.deliverable_party
        )
        asked = PaperWithdrawal(withdrawal, PaperAct(kind, acted_on, proof, fields.deliberation))
        return ProposalShown.of(await to_thread.run_sync(caller.act, withdraw_on_paper, asked))

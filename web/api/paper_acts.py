"""An act that a party gave on paper, recorded with its scan; a council's deliberation, with its data (rules 5, 7)."""

from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import Field, Json

from actions.signing.sign_on_paper import PaperAct
from models.act_kind import ActKind
from models.answer_shapes import SignOffGiven
from models.council_deliberation import CouncilDeliberation
from models.recorded_act import act_kind_and_day
from models.sign_off import Decision
from web.api.bearer import Caller
from web.api.declared import WRITES, Day, DeliverableName, Slug, StageName, problems
from web.api.forms import read_form, takes_form
from web.api.project_access import caller_access
from web.api.sign_offs import DecisionGiven, record_decision

router = APIRouter(
    prefix="/projects/{slug}/stages/{stage}/deliverables/{key}/paper-acts", tags=["Validations"]
)


class PaperFields(DecisionGiven):
    """What the paper says. Without data of a deliberation, it is an elected person's signature unless told."""

    decision: Decision
    act_kind: ActKind | None = Field(default=None, description="La sorte d’acte.")
    signed_on: Day | None = Field(default=None, description="La date que porte le papier.")
    deliberation: Json[CouncilDeliberation] | None = Field(
        default=None, description="Les données de la délibération du conseil, en JSON."
    )


@router.post(
    "",
    operation_id="record_paper_act",
    summary="Enregistrer un acte donné sur papier",
    status_code=201,
    responses=problems(*WRITES, 507),
    openapi_extra=takes_form(PaperFields, "proof", "L’acte signé, numérisé."),
)
async def record_act(
    request: Request, caller: Caller, slug: Slug, stage: StageName, key: DeliverableName
) -> SignOffGiven:
    """Par l’interlocuteur privilégié de la collectivité, son signataire, ou l’ANCT : l’acte, sa date, son original.

    Avec les données d’une délibération, ses règles sont vérifiées (quorum, majorité, dates).
    """
    await to_thread.run_sync(caller_access, request, caller, slug)
    async with read_form(request, PaperFields, "proof") as (fields, proof):
        council = fields.deliberation
        kind, acted_on = act_kind_and_day(
            fields.act_kind, fields.signed_on, council, field="signed_on", how="dans « signed_on »"
        )
        paper = PaperAct(kind, acted_on, proof, council)
        return await to_thread.run_sync(record_decision, request, caller, (slug, stage, key), fields, paper)

"""An act that a party gave on paper, recorded with its scan; a council's deliberation, with its data (rules 5, 7)."""

from datetime import date

from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import Field, Json

from actions.files.store_file import ReceivedFile
from actions.signing.sign_off import SignOffRequest, sign_off
from actions.signing.sign_on_paper import PaperAct
from models.act_kind import ActKind
from models.answer_shapes import SignOffGiven
from models.council_deliberation import CouncilDeliberation
from models.recorded_act import InvalidPaperAct
from models.sign_off import Decision
from models.stored_row import identity
from web.api.bearer import Caller
from web.api.declared import (
    WRITES,
    Asked,
    Code,
    Day,
    DeliverableName,
    Slug,
    StageName,
    Text,
    now,
    problems,
)
from web.api.forms import read_form, takes_form
from web.api.project_access import caller_access
from web.api.seats import find_seat, version_signed
from web.api.sign_offs import OwnersCode, Sha256
from web.dependencies import db_of

router = APIRouter(
    prefix="/projects/{slug}/stages/{stage}/deliverables/{key}/paper-acts", tags=["Validations"]
)


class PaperFields(Asked):
    """What the paper says. Without data of a deliberation, it is an elected person's signature unless told."""

    party: Code
    decision: Decision
    sha256: Sha256
    reason: Text | None = Field(default=None, description="Nécessaire pour une réserve ou un refus.")
    deliverable_party: OwnersCode = None
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
    async with read_form(request, PaperFields, "proof") as (said, proof):
        paper = _paper(said, proof)

        def record() -> SignOffGiven:
            seat = find_seat(request, caller, slug, stage, key, said.party, said.deliverable_party)
            asked = SignOffRequest(
                identity(seat.deliverable), seat.party_id, said.sha256, said.decision, said.reason, paper
            )
            return SignOffGiven(
                id=sign_off(db_of(request), caller.actor, asked, now=now()),
                slug=slug,
                stage=stage,
                deliverable=key,
                party=said.party,
                decision=said.decision,
                version=version_signed(request, seat, said.sha256),
                sha256=said.sha256,
            )

        return await to_thread.run_sync(record)


def _paper(said: PaperFields, proof: ReceivedFile) -> PaperAct:
    council = said.deliberation
    kind = said.act_kind or (ActKind.deliberation if council else ActKind.elected_signature)
    return PaperAct(kind, _date(council, said.signed_on), proof, council)


def _date(council: CouncilDeliberation | None, signed_on: date | None) -> date:
    held_on = council.session_date if council else None
    if held_on and signed_on and held_on != signed_on:
        raise InvalidPaperAct(
            f"La délibération est du {held_on:%d/%m/%Y}, et « signed_on » dit le {signed_on:%d/%m/%Y} : retirez "
            "« signed_on », ou corrigez la date de séance."
        )
    acted_on = held_on or signed_on
    if acted_on is None:
        raise InvalidPaperAct("Un acte donné sur papier porte une date : donnez-la dans « signed_on ».")
    return acted_on

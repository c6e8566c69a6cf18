"""The stages: the ANCT opens one, or moves its deadline."""

from fastapi import APIRouter, Request, Response
from pydantic import Field

from actions.stages.extend_deadline import DeadlineExtension, extend_deadline
from actions.stages.request_transition import TransitionRequest, request_transition
from models.answer_shapes import DeadlineMoved
from models.shape import Shape
from models.stage import StageStatus
from web.api.bearer import Caller
from web.api.declared import WRITES, Asked, Code, Day, Reason, Slug, StageName, now, problems
from web.api.project_access import caller_access
from web.dependencies import db_of

router = APIRouter(prefix="/projects/{slug}/stages/{stage}", tags=["Étapes"])


class StageAsked(Shape):
    """A stage whose opening is recorded."""

    slug: str
    stage: str
    status: StageStatus
    message: str = Field(examples=["ouverture en cours"])


class NewDeadline(Asked):
    """A later day, and why; for one party only when it is named."""

    until: Day = Field(description="La nouvelle échéance.", examples=["2027-02-26"])
    reason: Reason = Field(examples=["Le conseil de Niort se réunit le 22."])
    party: Code | None = Field(default=None, description="La seule collectivité à qui donner ce délai.")


@router.post(
    "/open",
    operation_id="open_stage",
    summary="Ouvrir l’étape",
    status_code=202,
    responses=problems(*WRITES)
    | {200: {"model": StageAsked, "description": "Elle avait déjà été demandée."}},
)
def open_stage(
    request: Request, response: Response, caller: Caller, slug: Slug, stage: StageName
) -> StageAsked:
    """Réservé à l’ANCT, quand l’étape précédente n’attend plus rien.

    La demande est enregistrée ; l’étape s’ouvre un instant après (202). Demandée deux fois, c’est une seule demande.
    """
    caller_access(request, caller, slug)
    opened = request_transition(db_of(request), caller.actor, TransitionRequest(slug, stage), now=now())
    is_opening = opened.status is StageStatus.opening
    response.status_code = 202 if is_opening else 200
    message = "ouverture en cours" if is_opening else f"{opened.status.label}, elle avait déjà été demandée"
    return StageAsked(slug=slug, stage=opened.key, status=opened.status, message=message)


@router.post(
    "/extend", operation_id="extend_deadline", summary="Reporter l’échéance", responses=problems(*WRITES)
)
def extend(
    request: Request, caller: Caller, slug: Slug, stage: StageName, deadline: NewDeadline
) -> DeadlineMoved:
    """Réservé à l’ANCT, avec un motif ; chacun est prévenu de ce qui change pour lui."""
    caller_access(request, caller, slug)
    extension = DeadlineExtension(slug, stage, deadline.until, deadline.reason, deadline.party)
    moved = extend_deadline(db_of(request), caller.actor, extension, now=now())
    return DeadlineMoved(slug=slug, stage=moved.key, party=deadline.party, due_on=deadline.until)

"""The stages: the ANCT opens one, or moves its deadline."""

from fastapi import Response
from pydantic import Field

from actions.stages.extend_deadline import DeadlineExtension, extend_deadline
from actions.stages.request_transition import TransitionRequest, request_transition
from models.answer_shapes import DeadlineMoved
from models.iso_date import DueDate
from models.shape import Shape
from models.stage import StageStatus
from web.api.caller import Caller
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import Asked, Code, Reason, Slug, StageName

router = ApiRouter(prefix="/projects/{slug}/stages/{stage}", tags=[Tag.stages])


class StageAsked(Shape):
    """A stage whose opening is recorded."""

    slug: str
    stage: str
    status: StageStatus
    message: str = Field(examples=["ouverture en cours"])


class NewDeadline(Asked):
    """A later day, and why; for one party only when it is named."""

    until: DueDate = Field(description="La nouvelle échéance.", examples=["2027-02-26"])
    reason: Reason = Field(examples=["Le conseil de Niort se réunit le 22."])
    party: Code | None = Field(default=None, description="La seule collectivité à qui donner ce délai.")


@router.writes(
    "/open",
    "open_stage",
    "Ouvrir l’étape",
    status=202,
    answers={200: {"model": StageAsked, "description": "Elle avait déjà été demandée."}},
)
def open_stage(response: Response, caller: Caller, slug: Slug, stage: StageName) -> StageAsked:
    """Réservé à l’ANCT, quand l’étape précédente n’attend plus rien.

    La demande est enregistrée ; l’étape s’ouvre un instant après (202). Demandée deux fois, c’est une seule demande.
    """
    opened = caller.act_in(slug, request_transition, TransitionRequest(slug, stage))
    is_opening = opened.status is StageStatus.opening
    response.status_code = 202 if is_opening else 200
    message = "ouverture en cours" if is_opening else f"{opened.status.label}, elle avait déjà été demandée"
    return StageAsked(slug=slug, stage=opened.key, status=opened.status, message=message)


@router.writes("/extend", "extend_deadline", "Reporter l’échéance")
def extend(caller: Caller, slug: Slug, stage: StageName, deadline: NewDeadline) -> DeadlineMoved:
    """Réservé à l’ANCT, avec un motif ; chacun est prévenu de ce qui change pour lui."""
    extension = DeadlineExtension(slug, stage, deadline.until, deadline.reason, deadline.party)
    moved = caller.act_in(slug, extend_deadline, extension)
    return DeadlineMoved(slug=slug, stage=moved.key, party=deadline.party, due_on=deadline.until)

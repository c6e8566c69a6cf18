"""The meetings of the steering committee."""

from datetime import date
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import Field

from actions.list_meetings import list_meetings
from web.api.bearer import Caller
from web.api.declared import Instant, Shown, Slug, now, problems
from web.api.sight import look_at
from web.at_hand import db_of

router = APIRouter(prefix="/projects/{slug}/meetings", tags=["Réunions"])


class LateThing(Shown):
    """What is late, and joins the agenda by itself."""

    party: str | None
    text: str
    due_on: date
    days_late: int


class MeetingShown(Shown):
    """A meeting."""

    id: int
    title: str
    starts_at: Instant
    ends_at: Instant
    place: str | None
    agenda: str | None
    status: Literal["to_come", "held", "cancelled"]
    cancel_reason: str | None
    late: list[LateThing] = Field(description="Ce qui, en retard, est à l’ordre du jour de la prochaine.")


@router.get("", operation_id="list_meetings", summary="Les réunions", responses=problems(404, 422))
def list_(request: Request, caller: Caller, slug: Slug) -> list[MeetingShown]:
    """Celles du comité de pilotage, dans l’ordre de leurs jours."""
    project = look_at(request, caller, slug).project
    with db_of(request).read() as session:
        return [MeetingShown.model_validate(each) for each in list_meetings(session, project, now())]

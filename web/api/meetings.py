"""The meetings of the steering committee: read, convened, cancelled."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from actions.meetings.change_meeting import MeetingCancellation, cancel_meeting
from actions.meetings.convene_meeting import MeetingPlan, convene_meeting
from models.answer_shapes import MeetingConvened
from models.meeting import LONGEST_PLACE, UnknownMeeting
from queries.meetings.meetings import MeetingShown, has_meeting, list_meetings
from web.api.bearer import Caller
from web.api.declared import (
    WRITES,
    Asked,
    Clean,
    Number,
    Reason,
    Slug,
    Text,
    Words,
    now,
    of_our_time,
    problems,
)
from web.api.project_access import caller_access
from web.dependencies import db_of

router = APIRouter(prefix="/projects/{slug}/meetings", tags=["Réunions"])


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


When = Annotated[AwareDatetime, AfterValidator(of_our_time), AfterValidator(_in_utc)]


class NewMeeting(Asked):
    """What is convened."""

    title: Words = Field(examples=["Comité de pilotage nº 3"])
    starts_at: When = Field(description="Avec son décalage.", examples=["2027-01-12T14:00:00+01:00"])
    ends_at: When = Field(examples=["2027-01-12T16:00:00+01:00"])
    place: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PLACE), Clean] | None = Field(
        default=None, description="Une salle, ou l’adresse d’une visioconférence."
    )
    agenda: Text | None = Field(
        default=None, description="L’ordre du jour ; ce qui est en retard s’y ajoute."
    )


class CancelledFor(Asked):
    """Why it does not take place."""

    reason: Reason = Field(examples=["Alerte météo"])


@router.get("", operation_id="list_meetings", summary="Les réunions", responses=problems(404, 422))
def list_(request: Request, caller: Caller, slug: Slug) -> list[MeetingShown]:
    """Celles du comité de pilotage, dans l’ordre de leurs jours."""
    project = caller_access(request, caller, slug).project
    with db_of(request).read() as session:
        return list_meetings(session, project, now())


@router.post(
    "",
    operation_id="convene_meeting",
    summary="Convoquer une réunion",
    status_code=201,
    responses=problems(*WRITES),
)
def convene(request: Request, caller: Caller, slug: Slug, meeting: NewMeeting) -> MeetingConvened:
    """Réservé à l’ANCT ; chacun reçoit l’invitation."""
    caller_access(request, caller, slug)
    plan = MeetingPlan(slug, meeting.title, meeting.starts_at, meeting.ends_at, meeting.place, meeting.agenda)
    convened = convene_meeting(db_of(request), caller.actor, plan, now=now())
    return MeetingConvened.model_validate(convened)


@router.post(
    "/{number}/cancel",
    operation_id="cancel_meeting",
    summary="Annuler une réunion",
    responses=problems(*WRITES),
)
def cancel(
    request: Request, caller: Caller, slug: Slug, number: Number, cancelled: CancelledFor
) -> MeetingConvened:
    """Réservé à l’ANCT, avec un motif ; chacun en est prévenu."""
    project = caller_access(request, caller, slug).project
    with db_of(request).read() as session:
        if not has_meeting(session, project, number):
            raise UnknownMeeting(number)
    cancellation = MeetingCancellation(number, cancelled.reason)
    meeting = cancel_meeting(db_of(request), caller.actor, cancellation, now=now())
    return MeetingConvened.model_validate(meeting)

"""The meetings of the steering committee: read, convened, cancelled."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints
from sqlmodel import select

from actions.meetings.change_meeting import cancel_meeting
from actions.meetings.convene_meeting import MeetingPlan, convene_meeting
from models.meeting import Meeting, UnknownMeeting
from queries.ledger.find import identity
from queries.meetings.list_meetings import list_meetings
from web.api.bearer import Caller
from web.api.declared import (
    WRITES,
    Asked,
    Clean,
    Instant,
    Number,
    Reason,
    Shown,
    Slug,
    Words,
    now,
    of_our_time,
    problems,
)
from web.api.sight import look_at
from web.dependencies import db_of

router = APIRouter(prefix="/projects/{slug}/meetings", tags=["Réunions"])


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


When = Annotated[AwareDatetime, AfterValidator(of_our_time), AfterValidator(_in_utc)]


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


class NewMeeting(Asked):
    """What is convened."""

    title: Words = Field(examples=["Comité de pilotage nº 3"])
    starts_at: When = Field(description="Avec son décalage.", examples=["2027-01-12T14:00:00+01:00"])
    ends_at: When = Field(examples=["2027-01-12T16:00:00+01:00"])
    place: Annotated[str, StringConstraints(min_length=1, max_length=300), Clean] | None = Field(
        default=None, description="Une salle, ou l’adresse d’une visioconférence."
    )
    agenda: Annotated[str, StringConstraints(min_length=1, max_length=5000), Clean] | None = Field(
        default=None, description="L’ordre du jour ; ce qui est en retard s’y ajoute."
    )


class CancelledFor(Asked):
    """Why it does not take place."""

    reason: Reason = Field(examples=["Alerte météo"])


class MeetingConvened(Shown):
    """A meeting as it now stands."""

    id: int
    title: str
    starts_at: Instant
    ends_at: Instant
    place: str | None
    agenda: str | None
    sequence: int
    cancelled_at: Instant | None


@router.get("", operation_id="list_meetings", summary="Les réunions", responses=problems(404, 422))
def list_(request: Request, caller: Caller, slug: Slug) -> list[MeetingShown]:
    """Celles du comité de pilotage, dans l’ordre de leurs jours."""
    project = look_at(request, caller, slug).project
    with db_of(request).read() as session:
        return [MeetingShown.model_validate(each) for each in list_meetings(session, project, now())]


@router.post(
    "",
    operation_id="convene_meeting",
    summary="Convoquer une réunion",
    status_code=201,
    responses=problems(*WRITES),
)
def convene(request: Request, caller: Caller, slug: Slug, meeting: NewMeeting) -> MeetingConvened:
    """Réservé à l’ANCT ; chacun reçoit l’invitation."""
    look_at(request, caller, slug)
    plan = MeetingPlan(meeting.title, meeting.starts_at, meeting.ends_at, meeting.place, meeting.agenda)
    return _shown(convene_meeting(db_of(request), caller.actor, slug, plan, now=now()))


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
    project = look_at(request, caller, slug).project
    with db_of(request).read() as session:
        query = select(Meeting.id).where(Meeting.id == number, Meeting.project_id == project.id)
        if session.exec(query).first() is None:
            raise UnknownMeeting(number)
    return _shown(cancel_meeting(db_of(request), caller.actor, number, reason=cancelled.reason, now=now()))


def _shown(meeting: Meeting) -> MeetingConvened:
    return MeetingConvened(
        id=identity(meeting),
        title=meeting.title,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=meeting.place,
        agenda=meeting.agenda,
        sequence=meeting.sequence,
        cancelled_at=meeting.cancelled_at,
    )

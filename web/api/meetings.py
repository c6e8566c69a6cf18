"""The meetings of the steering committee: read, convened, cancelled."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from actions.meetings.change_meeting import MeetingCancellation, cancel_meeting
from actions.meetings.convene_meeting import MeetingPlan, convene_meeting
from models.answer_shapes import MeetingConvened
from models.meeting import AGENDA, HOURS, PLACE, TITLE, UnknownMeeting
from queries.meetings.meetings import MeetingShown, has_meeting, list_meetings
from web.api.caller import Caller
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import Asked, Number, Reason, Slug, now

router = ApiRouter(prefix="/projects/{slug}/meetings", tags=[Tag.meetings])


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


When = Annotated[AwareDatetime, HOURS, AfterValidator(_in_utc)]


class NewMeeting(Asked):
    """What is convened."""

    title: Annotated[str, TITLE.needed] = Field(examples=["Comité de pilotage nº 3"])
    starts_at: When = Field(description="Avec son décalage.", examples=["2027-01-12T14:00:00+01:00"])
    ends_at: When = Field(examples=["2027-01-12T16:00:00+01:00"])
    place: Annotated[str, PLACE.needed] | None = Field(
        default=None, description="Une salle, ou l’adresse d’une visioconférence."
    )
    agenda: Annotated[str, AGENDA.needed] | None = Field(
        default=None, description="L’ordre du jour ; ce qui est en retard s’y ajoute."
    )


class CancelledFor(Asked):
    """Why it does not take place."""

    reason: Reason = Field(examples=["Alerte météo"])


@router.reads("", "list_meetings", "Les réunions")
def list_(caller: Caller, slug: Slug) -> list[MeetingShown]:
    """Celles du comité de pilotage, dans l’ordre de leurs jours."""
    with caller.read(slug) as (session, project):
        return list_meetings(session, project, now())


@router.writes("", "convene_meeting", "Convoquer une réunion", status=201)
def convene(caller: Caller, slug: Slug, meeting: NewMeeting) -> MeetingConvened:
    """Réservé à l’ANCT ; chacun reçoit l’invitation."""
    plan = MeetingPlan(slug, meeting.title, meeting.starts_at, meeting.ends_at, meeting.place, meeting.agenda)
    return MeetingConvened.model_validate(caller.act_in(slug, convene_meeting, plan))


@router.writes("/{number}/cancel", "cancel_meeting", "Annuler une réunion")
def cancel(caller: Caller, slug: Slug, number: Number, cancelled: CancelledFor) -> MeetingConvened:
    """Réservé à l’ANCT, avec un motif ; chacun en est prévenu."""
    with caller.read(slug) as (session, project):
        if not has_meeting(session, project, number):
            raise UnknownMeeting(number)
    meeting = caller.act(cancel_meeting, MeetingCancellation(number, cancelled.reason))
    return MeetingConvened.model_validate(meeting)

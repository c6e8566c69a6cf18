"""The reminders: who would be mailed what on any day, what is awaited in a project, and the agent's own reminder."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field, StringConstraints

from actions.reminders.remind_by_hand import ReminderRequest, remind_by_hand
from models.answer_shapes import Reminded
from models.reminder import LONGEST_SUBJECT
from notifications.digest_values import digest_subject
from queries.access.rights import require_agency_agent
from queries.reminders.followed import FollowedShown, follow
from queries.reminders.preview import PlannedMail, preview_reminders
from web.api.bearer import Caller
from web.api.declared import WRITES, Asked, Clean, Day, Slug, now, problems
from web.api.project_access import caller_access
from web.dependencies import db_of, public_url_of

router = APIRouter(tags=["Rappels"])


class ReminderAsked(Asked):
    """What to remind of, by the name that the list gives."""

    subject: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SUBJECT), Clean] = Field(
        examples=["deliverable-4/party-2/round-1"]
    )


@router.get(
    "/reminders/preview",
    operation_id="preview_reminders",
    summary="Qui serait prévenu ce jour-là",
    responses=problems(403, 422),
)
def preview(
    request: Request,
    caller: Caller,
    on: Annotated[Day, Query(description="Le jour, passé ou à venir.", examples=["2027-01-04"])],
) -> list[PlannedMail]:
    """Réservé à l’ANCT. N’envoie rien."""
    db = db_of(request)
    with db.read() as session:
        require_agency_agent(session, caller.actor, now(), "lire les rappels de tous les projets")
    return [
        each.mail(digest_subject(each.message, each.payload, each.name, public_url_of(request)))
        for each in preview_reminders(db, day=on, now=now())
    ]


@router.get(
    "/projects/{slug}/reminders",
    operation_id="list_reminders",
    summary="Ce qui est attendu dans un projet",
    responses=problems(404, 422),
)
def list_(request: Request, caller: Caller, slug: Slug) -> list[FollowedShown]:
    """Le plus urgent d’abord, avec le dernier rappel et le prochain."""
    caller_access(request, caller, slug)
    with db_of(request).read() as session:
        return follow(session, slug, now())


@router.post(
    "/projects/{slug}/reminders",
    operation_id="remind_now",
    summary="Rappeler une chose tout de suite",
    status_code=201,
    responses=problems(*WRITES),
)
def remind(request: Request, caller: Caller, slug: Slug, asked: ReminderAsked) -> Reminded:
    """Réservé à l’ANCT, une fois par jour au plus pour la même chose."""
    caller_access(request, caller, slug)
    thing = remind_by_hand(db_of(request), caller.actor, ReminderRequest(slug, asked.subject), now=now())
    return Reminded(subject=thing.subject, recipients=len(thing.readers))

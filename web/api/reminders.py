"""The reminders: who would be mailed what on any day, what is awaited in a project, and the agent's own reminder."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import Field, StringConstraints

from actions.reminders.remind_by_hand import ReminderRequest, remind_by_hand
from models.answer_shapes import Reminded
from models.reminder import LONGEST_SUBJECT
from notifications.digest_values import digest_subject
from queries.access.rights import require_agency_agent
from queries.reminders.followed import FollowedShown, follow
from queries.reminders.preview import PlannedMail, preview_reminders
from web.api.caller import Caller
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import Asked, Clean, Day, Slug, now
from web.site import site_of

router = ApiRouter(tags=[Tag.reminders])


class ReminderAsked(Asked):
    """What to remind of, by the name that the list gives."""

    subject: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SUBJECT), Clean] = Field(
        examples=["deliverable-4/party-2/round-1"]
    )


@router.reads("/reminders/preview", "preview_reminders", "Qui serait prévenu ce jour-là", statuses=(403, 422))
def preview(
    request: Request,
    caller: Caller,
    on: Annotated[Day, Query(description="Le jour, passé ou à venir.", examples=["2027-01-04"])],
) -> list[PlannedMail]:
    """Réservé à l’ANCT. N’envoie rien."""
    with caller.db.read() as session:
        act = "lire les rappels de tous les projets"
        require_agency_agent(session, caller.holder.actor, now(), act)
    return [
        each.mail(digest_subject(each.message, each.payload, each.name, site_of(request).public_url))
        for each in preview_reminders(caller.db, day=on, now=now())
    ]


@router.reads("/projects/{slug}/reminders", "list_reminders", "Ce qui est attendu dans un projet")
def list_(caller: Caller, slug: Slug) -> list[FollowedShown]:
    """Le plus urgent d’abord, avec le dernier rappel et le prochain."""
    with caller.read(slug) as (session, _project):
        return follow(session, slug, now())


@router.writes("/projects/{slug}/reminders", "remind_now", "Rappeler une chose tout de suite", status=201)
def remind(caller: Caller, slug: Slug, asked: ReminderAsked) -> Reminded:
    """Réservé à l’ANCT, une fois par jour au plus pour la même chose."""
    thing = caller.act_in(slug, remind_by_hand, ReminderRequest(slug, asked.subject))
    return Reminded(subject=thing.subject, recipients=len(thing.readers))

"""Who the token acts as, and what awaits them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from models.reminder import ReminderKind
from queries.reminders.pending import read_pending
from web.api.bearer import Caller
from web.api.declared import A_PAGE, PAGED, Day, Instant, Page, Shown, link_pages, now, problems
from web.dependencies import db_of

router = APIRouter(prefix="/me", tags=["Moi"])


class TokenShown(Shown):
    """The token that asks."""

    name: str
    is_read_only: bool
    expires_at: Instant


class Me(Shown):
    """The person and their token."""

    name: str
    email: str
    token: TokenShown


class PendingShown(Shown):
    """One thing that is awaited."""

    kind: ReminderKind
    subject: str = Field(examples=["deliverable-4/party-2/round-1"])
    about: str
    project: str
    project_title: str
    party: str | None = Field(description="Le nom de la collectivité.")
    due_on: date
    days_left: int = Field(description="Négatif quand c’est en retard.")
    path: str = Field(description="La page où cela se fait.")
    is_mine: bool = Field(description="À faire soi-même, et non par une autre personne de la collectivité.")
    last_reminded_on: date | None
    next_reminder_on: date | None


@router.get("", operation_id="show_me", summary="Qui je suis", responses=problems())
def show(caller: Caller) -> Me:
    """Le titulaire du jeton, et le jeton : de quoi vérifier qu’il sert."""
    token = TokenShown(name=caller.token_name, is_read_only=caller.is_read_only, expires_at=caller.expires_at)
    return Me(name=caller.actor.name, email=caller.email, token=token)


@router.get(
    "/pending", operation_id="list_pending", summary="Ce qui m’attend", responses=problems(422) | PAGED
)
def pending(
    request: Request,
    response: Response,
    caller: Caller,
    until: Annotated[
        Day | None, Query(description="Le dernier jour regardé ; sans lui, trois mois devant.")
    ] = None,
    page: Page = 1,
) -> list[PendingShown]:
    """Ce qui est attendu du titulaire et des collectivités pour qui il agit, le plus urgent d’abord."""
    with db_of(request).read() as session:
        things = read_pending(session, caller.person_id, now(), until).things
    link_pages(request, response, page, len(things))
    return [
        PendingShown(
            kind=each.kind,
            subject=each.subject,
            about=each.text,
            project=each.project_slug,
            project_title=each.project_title,
            party=each.party_name,
            due_on=each.due_on,
            days_left=each.days_left,
            path=each.path,
            is_mine=each.is_mine,
            last_reminded_on=each.last_reminded_on,
            next_reminder_on=each.next_reminder_on,
        )
        for each in things[(page - 1) * A_PAGE : page * A_PAGE]
    ]

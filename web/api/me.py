"""Who the token acts as, and what awaits them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from models.shape import Instant, Shape
from queries.reminders.pending import PendingShown, read_pending
from web.api.bearer import Caller
from web.api.declared import A_PAGE, PAGED, Day, Page, link_pages, now, problems
from web.dependencies import db_of

router = APIRouter(prefix="/me", tags=["Moi"])


class TokenShown(Shape):
    """The token that asks."""

    name: str
    is_read_only: bool
    expires_at: Instant


class Me(Shape):
    """The person and their token."""

    name: str
    email: str
    token: TokenShown


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
    return list(things[(page - 1) * A_PAGE : page * A_PAGE])

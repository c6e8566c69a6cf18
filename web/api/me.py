"""Who the token acts as, and what awaits them."""

from typing import Annotated

from fastapi import Query

from models.shape import Instant, Shape
from queries.reminders.pending import PendingShown, read_pending
from web.api.caller import Caller
from web.api.paging import Page
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import Day, now

router = ApiRouter(prefix="/me", tags=[Tag.me])


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


@router.reads("", "show_me", "Qui je suis", statuses=())
def show(caller: Caller) -> Me:
    """Le titulaire du jeton, et le jeton : de quoi vérifier qu’il sert."""
    holder = caller.holder
    token = TokenShown(name=holder.token_name, is_read_only=holder.is_read_only, expires_at=holder.expires_at)
    return Me(name=holder.actor.name, email=holder.email, token=token)


@router.reads("/pending", "list_pending", "Ce qui m’attend", statuses=(422,), paged=True)
def pending(
    caller: Caller,
    page: Page,
    until: Annotated[
        Day | None, Query(description="Le dernier jour regardé ; sans lui, trois mois devant.")
    ] = None,
) -> list[PendingShown]:
    """Ce qui est attendu du titulaire et des collectivités pour qui il agit, le plus urgent d’abord."""
    with caller.db.read() as session:
        things = read_pending(session, caller.person_id, now(), until).things
    page.link(len(things))
    return page.of(things)

"""What the holder of a token may know of: the same answer for what does not exist and for what is not theirs."""

from fastapi import Request

from actions.in_sight import Sight, see
from actions.who_holds_token import TokenHolder
from web.api.declared import now
from web.at_hand import db_of


def look_at(request: Request, caller: TokenHolder, slug: str) -> Sight:
    """The project, in which the caller stands; raises ``OutOfSight``. Asked before anything is done in a project."""
    with db_of(request).read() as session:
        return see(session, slug, caller.person_id, now())

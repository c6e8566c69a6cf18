"""What the holder of a token may know of: the same answer for what does not exist and for what is not theirs."""

from fastapi import Request

from actions.access.token_holder import TokenHolder
from queries.access.project_access import ProjectAccess, access_to_project
from web.api.declared import now
from web.dependencies import db_of


def caller_access(request: Request, caller: TokenHolder, slug: str) -> ProjectAccess:
    """The project, in which the caller stands; raises ``NotVisible``. Asked before anything is done in a project."""
    with db_of(request).read() as session:
        return access_to_project(session, slug, caller.person_id, now())

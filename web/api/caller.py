"""Who asks, for the operations: what they may know of, and what is done in their name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from sqlmodel import Session

from actions.access.token_holder import TokenHolder
from actions.ledger.action import Action, RequestT, ResultT
from database.engine import Database
from models.shared_project import SharedProject
from queries.access.project_access import access_to_project
from web.api.values import now
from web.site import site_of

_SCHEME = HTTPBearer(
    auto_error=False,
    scheme_name="jeton",
    description="Un jeton personnel, créé à la page « Mes jetons » : il agit au nom de son titulaire.",
)


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """The holder of the token of a request.

    A project that does not exist and one in which they have no role are the same to them: ``NotVisible``.
    """

    db: Database
    holder: TokenHolder

    @property
    def person_id(self) -> int:
        """The id of the person."""
        return self.holder.person_id

    @contextmanager
    def read(self, slug: str) -> Iterator[tuple[Session, SharedProject]]:
        """A session and the project, in which the caller has a role. Raises ``NotVisible``."""
        with self.db.read() as session:
            yield session, access_to_project(session, slug, self.person_id, now()).project

    def require_access(self, slug: str) -> None:
        """Raises ``NotVisible``, unless the caller has a role in the project."""
        with self.read(slug):
            pass

    def act(self, action: Action[RequestT, ResultT], asked: RequestT) -> ResultT:
        """Call an action in the caller's name. It commits, and raises what it raises."""
        return action(self.db, self.holder.actor, asked, now=now())

    def act_in(self, slug: str, action: Action[RequestT, ResultT], asked: RequestT) -> ResultT:
        """As ``act``, in a project; raises ``NotVisible`` before anything that the action raises."""
        self.require_access(slug)
        return self.act(action, asked)


def caller_of(request: Request, _declared: Annotated[Any, Security(_SCHEME)]) -> ApiCaller:
    """Who asks, as ``Bearer`` has recognised them."""
    return ApiCaller(site_of(request).db, request.state.holder)


Caller = Annotated[ApiCaller, Depends(caller_of)]

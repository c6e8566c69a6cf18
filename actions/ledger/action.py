"""The form of an action, for what calls any of them: the pages, the API and the command line."""

from datetime import datetime
from typing import Protocol, TypeVar

from database.engine import Database
from models.person import Actor

RequestT = TypeVar("RequestT", contravariant=True)
ResultT = TypeVar("ResultT", covariant=True)


class Action(Protocol[RequestT, ResultT]):
    """Do what is asked in the name of an actor, and commit. Raises a ``Refusal``, and then writes nothing."""

    def __call__(self, db: Database, actor: Actor, asked: RequestT, /, *, now: datetime) -> ResultT: ...

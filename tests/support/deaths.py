"""A process killed in the middle of an act, at a function named by where it is called from."""

import importlib
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

from cast import Cast

from database.engine import Database


@dataclass(frozen=True)
class Death:
    """At which point of the story, doing what, and at which function, once inside the transaction.

    ``first`` is done before, by a process that lives.
    """

    point: str
    act: Callable[[Cast], object]
    place: str
    first: Callable[[Cast], object] = lambda _cast: None


def kill_while(cast: Cast, act: Callable[[Cast], object], place: str) -> None:
    """Do the act in a process of its own, which is killed as it comes to the place."""
    cast.db.close()
    child = multiprocessing.get_context("fork").Process(target=_die, args=(cast, act, place))
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL


def _die(cast: Cast, act: Callable[[Cast], object], place: str) -> None:
    cast.db = Database(cast.db.url)
    module, function = place.rsplit(".", 1)
    room = importlib.import_module(module)
    assert hasattr(room, function), f"{place} n’existe plus : dites où mourir"
    setattr(room, function, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    act(cast)

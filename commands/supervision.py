"""What supervisors of processes need: to know when they are asked to stop, whether a port answers, how to end all."""

import signal
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from commands.child import Child
from commands.processes import HOST


@contextmanager
def stop_signals() -> Iterator[Callable[[], bool]]:
    """Whether SIGINT or SIGTERM has come since."""
    asked: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda got, _: asked.append(got)) for number in numbers}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def listens(port: int) -> bool:
    """Whether somebody answers on this port of loopback."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def stop_in_order(running: Iterable[Child], seconds: float) -> None:
    """Those who use a server end before it, so that the runs at work can tell it how they ended.

    Each of the two groups has ``seconds``; what lives longer is killed.
    """
    children = list(running)
    for is_server in (False, True):
        group = [child for child in children if child.is_server is is_server]
        until = time.monotonic() + seconds
        for child in group:
            child.ask_to_stop()
        for child in group:
            child.stop(until - time.monotonic())

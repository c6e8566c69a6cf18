"""Prefect's engine in the process of a run, without what no run of ours needs.

**Websockets.** Each run would hold two for as long as it works: one to send events (a heartbeat), one to hear that
somebody else suspends it. Prefect serves a hundred requests at a time on SQLite, and an open websocket is one. Our
runs last seconds, suspend themselves, and send their facts over HTTP (`flows.tell_prefect`).

**Waiting.** It is normal, and the engine of an asynchronous flow logs it as an error.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect import flow_engine
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

OBSERVER = "observe_flow_run_suspension"
WAITS = "Finished in state Suspended"


@contextmanager
def lean_engine() -> Iterator[None]:
    """Have the engine do without, in this process, during the block."""
    getattr(
        flow_engine, OBSERVER
    )  # another Prefect, that listens otherwise: said at once, not found out one day
    setattr(flow_engine, OBSERVER, _no_observer)
    logging.getLogger("prefect.flow_runs").addFilter(waiting_is_normal)
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


@contextmanager
def _no_observer(*_arguments: Any, **_named: Any) -> Iterator[None]:
    yield


def waiting_is_normal(record: logging.LogRecord) -> bool:
    """Log as information that a run waits; any other end keeps its level."""
    if record.levelno == logging.ERROR and str(record.msg).startswith(WAITS):
        record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
    return True

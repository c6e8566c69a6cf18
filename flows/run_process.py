"""The process of one flow run, forked from the preloaded one: environment, then Prefect's engine."""

import os
import runpy
import signal
import sys
import threading
import warnings
from collections.abc import Mapping
from multiprocessing import connection, parent_process
from typing import NoReturn

from prefect.context import refresh_global_settings_context
from prefect.results import ResultStore

from flows.lean_engine import lean_engine


class StoredResultRefused(Exception):
    """Prefect was about to read a stored result."""


def execute(run_id: str, entrypoint: str, environment: Mapping[str, str | None]) -> None:
    """Do here what ``python -m prefect.engine RUN_ID`` does in a new process, and end with its exit code.

    ``entrypoint`` is what runs, whatever the server says of the deployment by then. ``environment`` completes the
    process's own; a ``None`` takes a variable away.
    """
    threading.Thread(target=_end_with_the_worker, daemon=True, name="end-with-the-worker").start()
    _set_environment({**environment, "PREFECT__FLOW_ENTRYPOINT": entrypoint})
    refuse_stored_results()
    sys.argv = ["prefect.engine", run_id]
    with warnings.catch_warnings():
        # It is loaded already, on purpose; running it again as a program is harmless.
        warnings.filterwarnings("ignore", message="'prefect.engine' found in sys.modules")
        with lean_engine():
            runpy.run_module("prefect.engine", run_name="__main__")


def refuse_stored_results() -> None:
    """Have Prefect read no stored result in this process: it would build any object that the server names.

    The state of a run can name a result, where it lies and how it is read (pickle…). Our flows keep none.
    """
    for name in ("_read", "_aread"):
        setattr(ResultStore, name, _refuse)


def _refuse(*_: object, **__: object) -> NoReturn:
    raise StoredResultRefused("no flow of ours stores a result: one named by the server is not read")


def _set_environment(environment: Mapping[str, str | None]) -> None:
    before = dict(os.environ)
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    changed = {name for name in environment if before.get(name) != os.environ.get(name)}
    if any(name.startswith("PREFECT_") and not name.startswith("PREFECT__") for name in changed):
        refresh_global_settings_context()  # prefect read its settings when it was preloaded


def _end_with_the_worker() -> None:
    """A worker that is killed cannot stop its runs; without it nobody would ever report how they ended."""
    worker = parent_process()
    if worker is not None:
        connection.wait([worker.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

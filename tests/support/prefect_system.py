"""A real Prefect server with our worker, for the tests that need one: free ports, a folder of its own."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from actions.prefect.client import FlowRun, PrefectApi
from commands.child import Child
from commands.processes import children
from database.engine import Database
from database.upgrade import upgrade_database
from settings import Settings


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool], seconds: float = 240) -> None:
    """Look until it is so; fails after ``seconds``."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"not so after {seconds} s"
        time.sleep(0.1)


@dataclass
class PrefectSystem:
    """The processes, and what a test does to them."""

    folder: Path
    settings: Settings
    server: Child
    worker: Child
    ready: Path
    api: PrefectApi = field(init=False)

    def __post_init__(self) -> None:
        self.api = PrefectApi.of(self.settings, timeout=30)

    @property
    def api_url(self) -> str:
        return self.settings.prefect_api_url

    @property
    def login(self) -> tuple[str, str]:
        """User and secret of Prefect's API."""
        user, _, secret = self.settings.prefect_login().partition(":")
        return user, secret

    def start_worker(self) -> None:
        """Declare the deployments and start working; returns when runs can start."""
        self.ready.unlink(missing_ok=True)
        self.worker.start()
        wait_until(lambda: self.ready.exists() or not self.worker.is_running)
        assert self.worker.is_running, self.log("flows")

    def stop_worker(self) -> None:
        """Ask the worker to end, as `up` does."""
        self.worker.ask_to_stop()
        self.worker.stop(15)

    def kill_worker(self) -> None:
        """Kill the worker alone, as the kernel does when memory is short; its runs are left to themselves."""
        os.kill(self.worker.pid or 0, signal.SIGKILL)
        wait_until(lambda: not self.worker.is_running)

    def kill_everything(self) -> None:
        """Kill server, worker and runs at once, as a power cut does."""
        self.worker.stop(0)
        self.server.stop(0)

    def start_server(self) -> None:
        """Start the server on its database; returns when it answers."""
        self.server.start()
        wait_until(self.api.is_healthy)

    def wait_for_state(self, run_id: str, *state_types: str, seconds: float = 120) -> FlowRun:
        """The run, once it is in one of these states."""
        reached: list[FlowRun] = []

        def is_there() -> bool:
            run = self.api.run(run_id)
            reached[:] = [run] if run and run.state_type in state_types else []
            return bool(reached)

        wait_until(is_there, seconds)
        return reached[0]

    def log(self, name: str) -> str:
        """What « prefect » or « flows » has printed."""
        return (self.folder / "log" / f"{name}.log").read_text(encoding="utf-8")


@contextmanager
def prefect_system(
    folder: Path, *, env: Mapping[str, str] | None = None, deployments: Path | None = None
) -> Iterator[PrefectSystem]:
    """Server, deployments (``prefect.yaml``'s, or another file's) and worker; all stopped at the end.

    ``env`` completes the environment of the processes, such as ``PYTHONPATH`` or ``PROJET_PARTAGE_…``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(_env_file=None, data_dir=folder, prefect_port=free_port(), apprise_urls="none://")
    with closing(Database(settings.domain_url)) as db:
        upgrade_database(db)
    programs = children(settings, web=False, deployments=deployments)
    environment = {**programs["flows"].environment, "PREFECT_WORKER_QUERY_SECONDS": "0.2", **(env or {})}
    for child in programs.values():
        child.environment = environment
    with closing(
        Database(settings.domain_url)
    ) as db:  # the worker reads there that it is one of this system's
        upgrade_database(db)
    system = PrefectSystem(folder, settings, programs["prefect"], programs["flows"], folder / "flows.ready")
    with running(system):
        yield system


@contextmanager
def running(system: PrefectSystem) -> Iterator[None]:
    """Server and worker at work during the block; stopped at its end."""
    try:
        system.start_server()
        system.start_worker()
        yield
    finally:
        system.stop_worker()
        system.server.ask_to_stop()
        system.server.stop(15)
        system.api.close()

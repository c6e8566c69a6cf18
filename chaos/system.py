"""The system under trial: `projet-partage up` in a data directory of its own, kept up as systemd would keep it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from chaos.postgres import free_port
from chaos.prefect_look import PrefectLook
from chaos.processes import Process, processes_of

PATIENCE = 900
"""Seconds: the machine may be busy with other things."""
SECONDS_BEFORE_START_AGAIN = 2


def _ports() -> dict[str, int]:
    names = ("WEB_PORT", "PREFECT_PORT", "MAIL_PORT", "MAIL_PAGE_PORT")
    return {f"PROJET_PARTAGE_{name}": free_port() for name in names}


@dataclass
class System:
    """One system; ``settings`` completes the environment that it is started with.

    Whenever `up` ends without having been asked to, it is started again, as ``Restart=always`` does.
    """

    data_dir: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    database: str = ""
    is_quick: bool = False  # the periodic flows come every minute
    starts: int = 0
    _ports: dict[str, int] = field(default_factory=_ports)
    _process: subprocess.Popen[bytes] | None = None
    _keeper: threading.Thread | None = None
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.database = self.database or f"sqlite:///{self.data_dir / 'projet-partage.db'}"

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the caller's settings: only these."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PROJET_", "PREFECT_"))
        }
        chosen = {name: str(port) for name, port in self._ports.items()}
        chosen |= {
            "PROJET_PARTAGE_DATA_DIR": str(self.data_dir),
            "PROJET_PARTAGE_DATABASE_URL": self.database,
        }
        return kept | chosen | dict(self.settings)

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self._ports['PROJET_PARTAGE_WEB_PORT']}"

    @property
    def prefect(self) -> PrefectLook:
        return PrefectLook(self.data_dir, self._ports["PROJET_PARTAGE_PREFECT_PORT"])

    @property
    def prefect_database(self) -> str:
        return self.prefect.url

    @property
    def maildirs(self) -> list[Path]:
        return [self.data_dir / "mail"]

    @property
    def files(self) -> Path:
        return self.data_dir / "files"

    def start(self) -> None:
        """Start `up` and keep it up; returns when the pages answer and runs can start."""
        self._keeper = threading.Thread(target=self._keep, name="keeper")
        self._keeper.start()
        until = time.monotonic() + PATIENCE
        while not self.is_ready():
            assert time.monotonic() < until, f"not ready after {PATIENCE} s, see {self.log}"
            time.sleep(0.5)

    def is_ready(self) -> bool:
        """Whether the pages answer, and the worker has declared its deployments."""
        options: dict[str, Any] = {
            "timeout": 5,
            "trust_env": False,
            "verify": False,
        }  # `make scale` makes its own certificate
        try:
            is_answered = httpx.get(f"{self.web}/", **options).status_code < 500
        except httpx.TransportError:
            return False
        return is_answered and self.is_declared

    def says_it_is_ready(self) -> bool:
        """What `/readyz` says; a system that has none says nothing wrong."""
        options: dict[str, Any] = {"timeout": 30, "trust_env": False, "verify": False}
        return httpx.get(f"{self.web}/readyz", **options).status_code in (200, 404)

    @property
    def is_declared(self) -> bool:
        """Whether the worker has declared its deployments."""
        return (self.data_dir / "flows.ready").exists()

    def stop(self) -> None:
        """End it as an operator does, then whatever is left of it."""
        self._stop.set()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        if self._keeper is not None:
            self._keeper.join()
        for process in self.processes():
            process.kill()

    def processes(self) -> list[Process]:
        return processes_of(self.data_dir)

    def make_ready(self) -> None:
        """Before anything is written for it."""
        self.data_dir.mkdir(parents=True, exist_ok=True)

    def kill(self, *names: str) -> int:
        """SIGKILL to the processes of these names (« up » too), at once; how many there were."""
        victims = [process for process in self.processes() if process.name in names]
        if "up" in names and self._process is not None:
            self._process.kill()
        for victim in victims:
            victim.kill()
        return len(victims)

    def kill_all(self) -> int:
        """As the machine when it loses its power."""
        victims = self.processes()
        for victim in victims:
            victim.kill()
        return len(victims)

    def memory(self) -> int:
        """Bytes of all its processes (PSS)."""
        return sum(process.memory for process in self.processes())

    @property
    def command(self) -> list[str]:
        if self.is_quick:
            return [sys.executable, "-m", "chaos.quick_up"]
        return [str(Path(sys.executable).with_name("projet-partage")), "up"]

    @property
    def started_in(self) -> Path:
        """Where no settings of the caller's lie in a `.env`."""
        return self.data_dir.parent

    @property
    def log(self) -> Path:
        """Beside the data directory, whose disk may be full."""
        return self.data_dir.parent / "up.log"

    def _keep(self) -> None:
        while not self._stop.is_set():
            self.starts += 1
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self.command,
                    env=self.environment,
                    cwd=self.started_in,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
                while self._process.poll() is None:
                    if self._stop.wait(0.1):
                        self._end()
            self._stop.wait(SECONDS_BEFORE_START_AGAIN)

    def _end(self) -> None:
        assert self._process is not None
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Sampler:
    """Looks at the memory of a system every second, while the ``with`` block runs; ``peak`` in bytes."""

    def __init__(self, system: System) -> None:
        self._system, self._stop = system, threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler")
        self.peak = 0
        self.most_processes = 0

    def __enter__(self) -> "Sampler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(1):
            self.peak = max(self.peak, self._system.memory())
            self.most_processes = max(self.most_processes, len(self._system.processes()))

"""One process that the system keeps running: started in its own group, watched, started again, stopped.

Ours: honcho stops everything when one process ends, and supervisor is a daemon with a configuration of its own.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

OWNER_ONLY = 0o077
"""The umask of every process of the system: what it writes is for its owner only."""
_PR_SET_PDEATHSIG = 1
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0  # seconds before starting again a process that died
_SECONDS_TO_BE_WELL = 60  # alive this long, a process that dies is started again as if for the first time


@dataclass
class Child:
    """A command, its whole environment, and the file its output goes to."""

    label: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    is_server: bool = False  # others need it to end well: it is stopped last
    _process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0  # by the monotonic clock
    _wait: float = field(default=_FIRST_WAIT)
    _start_again_at: float | None = None

    @property
    def pid(self) -> int | None:
        """The process, when there is one."""
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        """Whether the process is there now."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; its output is added to the end of the log."""
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own commands
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=OWNER_ONLY,
                preexec_fn=_end_with_the_parent if sys.platform == "linux" else None,
            )
        self.started_at = time.monotonic()
        self._start_again_at = None

    def watch(self) -> str | None:
        """Start the process again when it died, waiting longer each time; return what to say of it."""
        if self._process is None or self.is_running:
            return None
        now = time.monotonic()
        if self._start_again_at is None:
            if now - self.started_at > _SECONDS_TO_BE_WELL:
                self._wait = _FIRST_WAIT
            self._start_again_at, wait = now + self._wait, self._wait
            self._wait = min(2 * self._wait, _LONGEST_WAIT)
            self._signal_group(signal.SIGTERM)  # a run at work has the time to tell Prefect how it ended
            return f"{self.label} s’est arrêté (code {self._process.returncode}), relance dans {wait:g} s"
        if now >= self._start_again_at:
            self._signal_group(signal.SIGKILL)
            self.start()
            return f"{self.label} relancé"
        return None

    def ask_to_stop(self) -> None:
        """Ask the process to end by itself."""
        if self.is_running and self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End the process and its own at once, even stopped ones; `watch` starts it again."""
        if self.is_running:
            self._signal_group(signal.SIGKILL)

    def stop(self, seconds: float) -> None:
        """Wait for the end that was asked for, then kill whatever remains of the process and its own."""
        if self._process is None:
            return
        try:
            self._process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._signal_group(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def _signal_group(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:  # nobody is left in it
            return


def _end_with_the_parent() -> None:
    """A supervisor that is killed stops nobody: the kernel then asks each of its processes to end (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

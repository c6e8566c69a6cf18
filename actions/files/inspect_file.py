"""Have a file looked at by the process that is made for it (``inspection_server``), a few at a time.

Whatever a file does to its reader, ours only waits: a bounded time, with a bounded number of others.
"""

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any

from actions.files.inspection_limits import SECONDS
from actions.files.not_taken import Why
from models.file_inspection import Inspection
from models.file_kind import RefusedKind, kind_of_key
from models.unreadable_file import DamagedFile, HeavyFile, InspectionBusy, LockedFile

AT_ONCE = 2
"""Files that are looked at together: the other processors are left to the others."""
MOST_WAITING = 16
"""Beyond, one is told at once to try again: each who waits holds one of the threads that serve pages."""
SECONDS_WAITING = 15
_GRACE = 5  # the kernel ends a child at SECONDS
_COMMAND = [sys.executable, "-I", "-m", "actions.files.inspection_server"]


class _Server:
    """The process, started at the first file, and again when it is gone or when it is another process's."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._owner = 0

    def ask(self, file: int, pipe: int) -> None:
        """Send both descriptors; the answer comes through ``pipe``."""
        with self._lock:
            if not self._is_running():
                self._start()
            try:
                self._send(file, pipe)
            except OSError:  # it has just gone
                self._start()
                self._send(file, pipe)

    def is_gone(self) -> bool:
        """Whether no process is there that could answer."""
        with self._lock:
            return not self._is_running()

    def close(self) -> None:
        """End it: it reads the end of its socket."""
        with self._lock:
            if self._process is None or self._owner != os.getpid():
                return
            if self._socket is not None:
                self._socket.close()
            self._process.wait()
            self._process = self._socket = None

    def _is_running(self) -> bool:
        return self._owner == os.getpid() and self._process is not None and self._process.poll() is None

    def _start(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, which gets no argument
                _COMMAND,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                start_new_session=True,
            )
        self._owner = os.getpid()

    def _send(self, file: int, pipe: int) -> None:
        if self._socket is not None:
            socket.send_fds(self._socket, [b"?"], [file, pipe])


class _Turns:
    """``AT_ONCE`` at a time; ``MOST_WAITING`` wait, no longer than ``SECONDS_WAITING``."""

    def __init__(self) -> None:
        self._places = BoundedSemaphore(AT_ONCE)
        self._waiting = BoundedSemaphore(AT_ONCE + MOST_WAITING)

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Raises ``InspectionBusy``."""
        if not self._waiting.acquire(blocking=False):
            raise InspectionBusy(name)
        try:
            if not self._places.acquire(timeout=SECONDS_WAITING):
                raise InspectionBusy(name)
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._waiting.release()


_SERVER, _TURNS = _Server(), _Turns()
atexit.register(_SERVER.close)


def inspect_file(path: Path, name: str) -> Inspection:
    """What the file is. ``name`` is what a refusal calls it.

    Raises ``RefusedKind``, ``LockedFile``, ``DamagedFile``, ``HeavyFile``, ``InspectionBusy``; ``OSError`` when the
    file cannot be opened.
    """
    with _TURNS.turn(name), path.open("rb") as file:
        answer = _ask(file.fileno()) or (_ask(file.fileno()) if _SERVER.is_gone() else None)
    if answer is None:
        raise HeavyFile(name)
    if "why" not in answer:
        return Inspection(kind_of_key(answer["kind"]), answer.get("pages"))
    refusals = {Why.locked: LockedFile, Why.damaged: DamagedFile, Why.refused: RefusedKind}
    raise refusals[Why(answer["why"])](name, answer["what"])


def _ask(file: int) -> dict[str, Any] | None:
    """The answer; None when the child was stopped before it gave one."""
    reader, writer = os.pipe()
    try:
        _SERVER.ask(file, writer)
    finally:
        os.close(writer)
    with open(reader, "rb", buffering=0) as pipe:  # noqa: PTH123 - a descriptor, not a path
        content = _read(pipe.fileno(), time.monotonic() + SECONDS + _GRACE)
    return json.loads(content) if content else None


def _read(pipe: int, until: float) -> bytes:
    content, polled = b"", select.poll()
    polled.register(pipe, select.POLLIN)
    while polled.poll(max(until - time.monotonic(), 0) * 1000):
        piece = os.read(pipe, 65_536)
        if not piece:
            return content
        content += piece
    return b""

"""Under which name a worker is seen in Prefect: its own, and the same each time it starts again.

Two workers under one name are one row, whose heartbeat hides that one of them is dead; a name drawn at each start
would leave a dead row behind each time.
"""

import fcntl
import itertools
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from settings import Settings


@contextmanager
def worker_name(settings: Settings) -> Iterator[str]:
    """The name of the settings, or the machine's with the first number that no other worker holds here.

    A number is held by a lock on a file of ``data_dir``, which the kernel releases however the process ends.
    """
    if settings.worker_name:
        yield settings.worker_name
        return
    machine = socket.gethostname()
    folder = settings.data_dir.absolute() / "prefect"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for number in itertools.count(1):
        held = _hold(folder / f"worker-{machine}-{number}.lock")
        if held is not None:
            try:
                yield f"{machine}-{number}"
            finally:
                os.close(held)
            return


def _hold(file: Path) -> int | None:
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle

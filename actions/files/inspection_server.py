"""The process that looks at files: it has their readers loaded, and forks one child of itself for each file.

``python -m actions.files.inspection_server``: its standard input is a socket; each byte that comes there brings two
descriptors, the file to read and the pipe for the answer (JSON). It ends with its caller. Forking costs milliseconds
where a new interpreter with these readers costs a fifth of a second; the standard library's fork server would load the
caller's main module again for each file.
"""

import ctypes
import gc
import json
import logging
import os
import resource
import select
import signal
import socket
import time
import warnings
from contextlib import suppress
from typing import Any

from actions.files.detect_file_type import detect_file_type
from actions.files.inspection_limits import CPU_SECONDS, MEMORY, SECONDS
from actions.files.not_taken import NotTaken, Why

_SECONDS_BEFORE_OTHERS = 0.2
_NICE = 5
"""An ordinary file is read at once; one that lasts gives way to everybody else."""
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET: unshare(2)
_BROKEN = NotTaken(Why.damaged, "un fichier abîmé ou incomplet")


def main() -> None:
    """Serve until the other end of the socket closes."""
    _leave_network()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # the children write in no page of what is loaded already
    logging.disable()
    warnings.simplefilter("ignore")
    with socket.socket(fileno=0) as asked:
        began: dict[int, float] = {}
        while True:
            is_asked = select.select([asked], [], [], _SECONDS_BEFORE_OTHERS if began else None)[0]
            _lower(began)
            if is_asked and not _serve(asked, began):
                return


def _serve(asked: socket.socket, began: dict[int, float]) -> bool:
    """Fork a child for one file; False when there is none any more."""
    message, descriptors, _, _ = socket.recv_fds(asked, 1, 2)
    with suppress(OSError):  # no process left: the answer is closed, empty
        pid = os.fork() if message else None
        if pid == 0:
            _answer(*descriptors)
        elif pid is not None:
            began[pid] = time.monotonic()
    for each in descriptors:
        os.close(each)
    return bool(message)


def _lower(began: dict[int, float]) -> None:
    """Give less of the processors to the children that last."""
    now = time.monotonic()
    for pid in [pid for pid, start in began.items() if now - start >= _SECONDS_BEFORE_OTHERS]:
        del began[pid]
        with suppress(OSError):  # it has ended
            os.setpriority(os.PRIO_PROCESS, pid, _NICE)


def _leave_network() -> None:
    """Be in a network of one's own, without a way out, where the system lets anybody do so (Linux)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)


def _answer(file: int, pipe: int) -> None:
    """The child: its limits first, then the file. What stops it leaves the answer empty."""
    try:
        _limit()
        answer = json.dumps(_found(file)).encode()
        os.write(pipe, answer)
    finally:
        os._exit(0)


def _limit() -> None:
    """The kernel ends who takes longer, by its own clock or by everybody's; more memory is refused."""
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _found(file: int) -> dict[str, Any]:
    try:
        with open(file, "rb", closefd=False) as content:
            return detect_file_type(content)
    except NotTaken as reason:
        return {"why": reason.why, "what": reason.what}
    except MemoryError:
        raise
    except Exception:  # a damaged file makes its reader fail in every way there is
        return {"why": _BROKEN.why, "what": _BROKEN.what}


if __name__ == "__main__":
    main()

"""The process that looks at files: it has their readers loaded, and forks one child of itself for each file.

``python -m actions.files.inspection_server``: its standard input is a socket; each byte that comes there brings two
descriptors, the file to read and the pipe for the answer (JSON). It ends with its caller. Forking costs milliseconds
where a new interpreter with these readers costs a fifth of a second; the standard library's fork server would load the
caller's main module again for each file.
"""

import ctypes
import json
import logging
import os
import resource
import signal
import socket
import warnings
from contextlib import suppress
from typing import Any

from actions.files.detect_file_type import detect_file_type
from actions.files.inspection_limits import CPU_SECONDS, MEMORY, SECONDS
from actions.files.not_taken import NotTaken, Why

_NICE = 10
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET: unshare(2)
_BROKEN = NotTaken(Why.damaged, "un fichier abîmé ou incomplet")


def main() -> None:
    """Serve until the other end of the socket closes."""
    os.nice(_NICE)
    _leave_network()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable()
    warnings.simplefilter("ignore")
    with socket.socket(fileno=0) as asked:
        while True:
            message, descriptors, _, _ = socket.recv_fds(asked, 1, 2)
            if not message:
                return
            with suppress(OSError):  # no process left: the answer is closed, empty
                if os.fork() == 0:
                    _answer(*descriptors)
            for each in descriptors:
                os.close(each)


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

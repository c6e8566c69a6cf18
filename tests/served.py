"""An application served by a real server, on a free port of loopback, while a test lasts."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect_system import wait_until
from starlette.types import ASGIApp

from web.serving import HOST, server


@contextmanager
def served(app: ASGIApp, http: Any = None) -> Iterator[str]:
    """The address it answers at; ``http``: by another protocol class than ours."""
    with socket.create_server((HOST, 0)) as listener:
        running = server(app, 0)
        running.config.http = http or running.config.http
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: running.started)
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join()

"""An application served by a real server, on a free port of loopback, while a test lasts."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from web.server.serving import HOST, SECONDS_TO_END, server


@contextmanager
def served(app: ASGIApp, http: Any = None) -> Iterator[str]:
    """The address it answers at; ``http``: by another protocol class than ours."""
    with socket.create_server((HOST, 0)) as listener:
        running = server(app, 0)
        running.config.http = http or running.config.http
        life = _Life(running, listener)
        life.begin()
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            life.end()


class _Life:
    """The server in a thread of its own, as ``uvicorn.Server.run``, whose looks at a clock ten times a second would
    make each of a thousand tests wait: here it is told when it is to end."""

    def __init__(self, running: uvicorn.Server, listener: socket.socket) -> None:
        self._running, self._listener = running, listener
        self._loop = asyncio.new_event_loop()
        self._is_to_end, self._began = asyncio.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)

    def begin(self) -> None:
        """Returns when it answers."""
        self._thread.start()
        self._began.wait()
        assert self._running.started

    def end(self) -> None:
        """Returns when everything that was asked is answered and the application has ended."""
        self._loop.call_soon_threadsafe(self._is_to_end.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._live())
            finally:
                self._began.set()

    async def _live(self) -> None:
        running, state = self._running, self._running.server_state
        running.config.load()
        running.lifespan = running.config.lifespan_class(running.config)
        await running.startup([self._listener])
        await running.on_tick(0)  # the headers of every answer
        self._began.set()
        await self._is_to_end.wait()
        for each in running.servers:
            each.close()
        for connection in list(state.connections):
            connection.shutdown()
        until = time.monotonic() + SECONDS_TO_END
        while (state.connections or state.tasks) and time.monotonic() < until:
            await asyncio.sleep(0.002)
        if state.connections or state.tasks:
            await running.shutdown()
        else:
            await running.lifespan.shutdown()

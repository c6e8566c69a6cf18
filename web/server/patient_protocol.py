"""How long a connection may take: its server waits neither for ever nor for everybody.

uvicorn ends what is idle between two requests, and nothing else: a client that sends a byte now and then would hold
its place for days; uvicorn has no setting for that, and a small installation no proxy in front. How slowly a body may
come is ``web.server.protections.SmallRequests``' affair, which can answer.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    + "Le serveur a trop à faire : réessayez dans un instant.\n".encode()
)


@dataclass(frozen=True, slots=True)
class Patience:
    """``head``: seconds for the head of a request; ``reader``: for its sender to take some of the answer.

    ``rest``, ``rest_bytes``: what is still read of a body once it is answered, so that a browser hears the answer.
    ``connections``: how many at once in a process; beyond, the oldest that asks nothing makes room.
    """

    head: float = 15
    reader: float = 60
    rest: float = 10
    rest_bytes: int = 8 * 1024 * 1024
    connections: int = 400


class PatientProtocol(H11Protocol):
    """One connection. One timer runs while the head of a request, or the rest of its body, is awaited; another
    while nothing of the answer is taken."""

    patience: ClassVar[Patience] = Patience()

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._since = self.loop.time()
        self._request: asyncio.TimerHandle | None = None
        self._reader: asyncio.TimerHandle | None = None
        self._rest = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.patience.connections and not self._make_room():
            transport.write(TOO_MANY)
            transport.close()
            return
        self._request = self.loop.call_later(self.patience.head, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._request, self._reader = _cancel(self._request), _cancel(self._reader)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._request is None and self._asks_nothing() and self.conn.their_state is h11.IDLE:
            self._request = self._after(self.patience.head, self.transport.close)
        super().data_received(data)
        if self._is_answered_early():
            self._rest += len(data)
            if self._rest > self.patience.rest_bytes:
                self.transport.abort()
        elif self.conn.their_state is not h11.IDLE or self._rest:
            self._request, self._rest = _cancel(self._request), 0

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._is_answered_early():
            _cancel(self._request)
            self._request = self._after(self.patience.rest, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reader = self._reader or self._after(self.patience.reader, self.transport.abort)

    def resume_writing(self) -> None:
        self._reader = _cancel(self._reader)
        super().resume_writing()

    def _after(self, seconds: float, act: Callable[[], object]) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, act)

    def _asks_nothing(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _is_answered_early(self) -> bool:
        return self.conn.their_state is h11.SEND_BODY and self._asks_nothing()

    def _make_room(self) -> bool:
        """Close the oldest connection that asks nothing; False when all of them do."""
        idle = [
            each
            for each in self.connections
            if isinstance(each, PatientProtocol) and each is not self and each._asks_nothing()
        ]
        if idle:
            min(idle, key=lambda each: each._since).transport.close()
        return bool(idle)


def _cancel(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """No timer any more."""
    if timer is not None:
        timer.cancel()
    return None

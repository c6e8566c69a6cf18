"""Prefect's server answers only requests to its own name, and no page from another site.

Prefect takes any ``Host`` and any ``Origin``. A page of another site, in a browser on this machine, can send a form or
open a WebSocket to 127.0.0.1 without asking (no preflight), or have its own name lead there (DNS rebinding). The login
stops it; so does this guard, put around the whole server, before anything of the request is read.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HERE = ("localhost", "127.0.0.1", "[::1]")
POLICY = "connect-src 'self'; frame-ancestors 'none'"
"""For Prefect's pages: they tell nobody else what they show (they call an analytics host), and none may frame them."""
POLICY_VIOLATION = 1008  # RFC 6455
SENTENCE = (
    "Requête refusée : elle ne nomme pas ce serveur par son adresse, ou vient d’une page d’ailleurs ; "
    "l’adresse de ce serveur est celle de PROJET_PARTAGE_PREFECT_URL."
)


class ServerGuard:
    """ASGI middleware: refuses a ``Host`` or an ``Origin`` that is not the server's own.

    Its own: the loopback names with the port that it listens on, and ``public_url`` (empty: none). A request
    without ``Host`` passes: no browser can send one.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._scheme, self._public = urlsplit(public_url).scheme, _names(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif self.is_for_us(scope):
            await self._app(scope, receive, _with_policy(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            refused = JSONResponse({"exception_message": SENTENCE}, status_code=403)
            await refused(scope, receive, send)

    def is_for_us(self, scope: Scope) -> bool:
        """Whether the request names this server, and comes from no page but its own."""
        hosts, origins = self._own((scope.get("server") or ("", 0))[1])
        values = {
            name: [value.decode("latin-1").lower() for key, value in scope["headers"] if key == name]
            for name in (b"host", b"origin")
        }
        return all(host in hosts for host in values[b"host"]) and all(
            origin in origins for origin in values[b"origin"]
        )

    def _own(self, port: int) -> tuple[set[str], set[str]]:
        here = {f"{name}:{port}" for name in HERE}
        origins = {f"http://{host}" for host in here} | {f"{self._scheme}://{host}" for host in self._public}
        return here | self._public, origins


def _names(url: str) -> set[str]:
    """What a ``Host`` header says of this address: with its port, and without when it is the usual one."""
    parts = urlsplit(url)
    if not parts.hostname:
        return set()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"https": 443, "http": 80}[parts.scheme]
    return {f"{host}:{parts.port or usual}"} | ({host} if parts.port in (None, usual) else set())


def _with_policy(send: Send) -> Send:
    async def send_with_policy(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Content-Security-Policy"] = POLICY
        await send(message)

    return send_with_policy


def guarded(create_app: Callable[..., FastAPI], public_url: str) -> Callable[..., FastAPI]:
    """``create_app``, whose applications are behind the guard."""
    done: list[FastAPI] = []

    def create(*arguments: Any, **named: Any) -> FastAPI:
        app = create_app(*arguments, **named)
        if app not in done:  # Prefect gives the same one again
            app.add_middleware(ServerGuard, public_url=public_url)
            done.append(app)
        return app

    return create

"""What an address is asked to do: ``HEAD`` wherever it answers ``GET``, and which methods it knows (RFC 9110)."""

from collections.abc import Collection

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_NO_FILE_READ = "http.response.pathsend"
"""The ASGI extension by which a file is named to the server instead of being read."""


class HeadAsGet:
    """Middleware: answers ``HEAD`` with the headers of ``GET``, and no body; a file is not read for it.

    At the addresses of ``once_only``, reading uses something up: they know ``GET`` alone.
    """

    def __init__(self, app: ASGIApp, once_only: Collection[str] = ()) -> None:
        self._app, self._once_only = app, once_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        if not is_head or scope["path"] in self._once_only:
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == _NO_FILE_READ:
                message = {"type": "http.response.body"}
            await send({**message, "body": b""} if "body" in message else message)

        await self._app(_as_get(scope), receive, send_head)


def _as_get(scope: Scope) -> Scope:
    headers = [each for each in scope["headers"] if each[0] != b"range"]  # has a meaning for GET alone
    extensions = {**(scope.get("extensions") or {}), _NO_FILE_READ: {}}
    return {**scope, "method": "GET", "headers": headers, "extensions": extensions}


def answer_options(request: Request, failure: HTTPException) -> Response | None:
    """To ``OPTIONS``, nothing but ``Allow``; to another method that is refused (405) None, its ``Allow`` made whole."""
    if failure.status_code != 405:
        return None
    if known := _known_methods(request):
        failure.headers = {"Allow": ", ".join([*known, "OPTIONS"])}
    return Response(status_code=204, headers=failure.headers) if request.method == "OPTIONS" else None


def _known_methods(request: Request) -> list[str]:
    """Every method that a route answers there: one address may have several routes. None, within mounted files."""
    routes, scope = request.app.router.routes, request.scope
    known = [
        method
        for method in METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    # ``HEAD`` itself is only refused where it is not to be answered as ``GET`` (``HeadAsGet``).
    return [*known, *(["HEAD"] if "GET" in known and request.method != "HEAD" else [])]

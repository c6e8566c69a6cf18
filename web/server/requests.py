"""Each request has a reference that people can quote, is counted by its route, and leaves one line in the log.

The route is a template (``/connexion/{token}``): an address may be a secret, and names people.
"""

import logging
import re
import secrets
import time
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from logs import from_now_on, what_is_done
from web.server.request_counts import count_request

HEADER = "X-Request-ID"
UNMATCHED = "(aucune)"
STATE = "request_seen"
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
logger = logging.getLogger("web.server.requests")


@dataclass(slots=True)
class RequestSeen:
    """What is known of a request once it is answered. ``status`` 499: nobody was there any more to be answered."""

    reference: str
    method: str
    route: str = UNMATCHED
    project: str | None = None
    status: int = 499


class Requests:
    """Around the pages and their API. ``writes_lines``: one line for each request, not only for our failures."""

    def __init__(self, app: ASGIApp, *, writes_lines: bool) -> None:
        self.app, self._writes_lines = app, writes_lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        seen = RequestSeen(_reference(scope), method)
        scope.setdefault("state", {})[STATE] = seen

        answered_at = 0.0

        async def send_with_reference(message: Message) -> None:
            nonlocal answered_at
            if message["type"] == "http.response.start":
                seen.status = message["status"]
                MutableHeaders(scope=message)[HEADER] = seen.reference
            await send(message)
            answered_at = time.perf_counter()

        began = time.perf_counter()
        from_now_on(request=seen.reference)
        try:
            await self.app(scope, receive, send_with_reference)
        except Exception:
            seen.status = 500
            raise
        finally:
            # What is done once somebody is answered (a mail that leaves) is no part of how long they waited.
            self._end(seen, (answered_at or time.perf_counter()) - began)

    def _end(self, seen: RequestSeen, seconds: float) -> None:
        count_request(seen.method, seen.route, seen.status, seconds)
        if not self._writes_lines and seen.status < 500:
            return
        line = {
            "method": seen.method,
            "route": seen.route,
            "status": seen.status,
            "ms": round(1000 * seconds, 1),
        }
        if seen.project:
            line["project"] = seen.project
        level = logging.WARNING if seen.status >= 500 else logging.INFO
        logger.log(level, "%s %s : %d", seen.method, seen.route, seen.status, extra=line)


class NoteRoute:
    """Innermost of an application: reads the route that its router has chosen."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen: RequestSeen | None = scope.get("state", {}).get(STATE) if scope["type"] == "http" else None
        before = scope.get("root_path", "")
        try:
            await self.app(scope, receive, send)
        finally:
            if seen is not None and seen.route == UNMATCHED:
                _note(seen, scope, before)


def _note(seen: RequestSeen, scope: Scope, before: str) -> None:
    route = scope.get("route")
    if route is not None:
        seen.route = before + str(getattr(route, "path", ""))
        slug = scope.get("path_params", {}).get("slug")
        seen.project = slug if isinstance(slug, str) else None
    elif scope.get("root_path", "") != before:
        seen.route = f"{scope['root_path']}/…"  # files served as they are


def reference() -> str | None:
    """The reference of the request that is being answered."""
    request_id = what_is_done().get("request")
    return str(request_id) if request_id else None


def _reference(scope: Scope) -> str:
    """The one that a proxy has drawn, when it is one; else ours."""
    theirs = Headers(scope=scope).get(HEADER, "")
    return theirs if _SANE.fullmatch(theirs) else secrets.token_hex(6)

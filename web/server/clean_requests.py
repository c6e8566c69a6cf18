"""Reject malformed requests before they reach a route: NUL characters, unknown charsets, invalid hosts.

PostgreSQL stores no NUL, and every page would have to check for it. The server decodes bytes that are not UTF-8 to
U+FFFD, which match nothing.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes, urlsplit

from anyio import to_thread
from fastapi import HTTPException, Request
from fastapi.responses import Response
from python_multipart.multipart import parse_options_header
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.server.protections import MOST_BYTES

CHARSETS = ("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1")
_HOST = re.compile(rb"[A-Za-z0-9._-]*(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_ESCAPED_NUL = b"%00"
Refuse = Callable[[Request, int], Response]
"""Makes the answer of this status: a page, a problem."""


class CleanRequests:
    """Answers by ``refuse``: 404 for an address, 400 for a query, a host or a form, 415 for a charset.

    Requests below the path ``elsewhere`` (the API) pass: they have a middleware of their own.
    """

    def __init__(self, app: ASGIApp, refuse: Refuse, elsewhere: str = "") -> None:
        self._app, self._refuse, self._elsewhere = app, refuse, elsewhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_ours = not self._elsewhere or not scope.get("path", "").startswith(self._elsewhere)
        if scope["type"] != "http" or not is_ours:
            await self._app(scope, receive, send)
            return
        scope["headers"] = [each for each in scope["headers"] if not _is_broken_referer(*each)]
        if status := _fault(scope):
            answer = await to_thread.run_sync(self._refuse, Request(_harmless(scope)), status)
            await answer(scope, receive, send)
            return
        await self._app(scope, _looking(scope, receive), send)


def _fault(scope: Scope) -> int | None:
    """The status that answers what is wrong with the head of a request."""
    headers = dict(scope["headers"])
    if "\0" in scope["path"]:
        return 404
    if b"\0" in unquote_to_bytes(scope["query_string"]) or not _HOST.fullmatch(headers.get(b"host", b"")):
        return 400
    return None if _charset(headers.get(b"content-type", b"")) in CHARSETS else 415


def _charset(content_type: bytes) -> str:
    try:
        _, options = parse_options_header(content_type)
    except (ValueError, LookupError):
        return ""
    return options.get(b"charset", b"utf-8").decode("latin-1").strip().lower()


def _is_broken_referer(name: bytes, value: bytes) -> bool:
    """Whether the header is a ``Referer`` that is no valid address: it is dropped."""
    if name != b"referer":
        return False
    try:
        urlsplit(value.decode("latin-1"))
    except ValueError:
        return True
    return False


def _harmless(scope: Scope) -> Scope:
    """The same request with a valid path and host, for the page that refuses it."""
    headers = [each for each in scope["headers"] if each[0] != b"host"]
    return {**scope, "path": "/", "raw_path": b"/", "query_string": b"", "headers": headers}


def _looking(scope: Scope, receive: Receive) -> Receive:
    """Raises 400 at the first NUL of a form; a file, read by ``web.pages.upload``, may have some."""
    kind = dict(scope["headers"]).get(b"content-type", b"").lower()
    if not kind.startswith((b"application/x-www-form-urlencoded", b"multipart/form-data")):
        return receive
    tail = b""

    async def look() -> Message:
        nonlocal tail
        message = await receive()
        body: bytes = tail + message.get("body", b"")
        if MOST_BYTES not in scope and (b"\0" in body or _ESCAPED_NUL in body):
            raise HTTPException(400)
        tail = body[-2:]
        return message

    return look

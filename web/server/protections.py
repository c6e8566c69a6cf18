"""The headers of every answer and the limits of every request, whatever the page."""

import math
import time
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address, ip_network

from anyio import fail_after
from fastapi import HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.access.rate import Rate

SCRIPTLESS_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
CONTENT_POLICY = f"{SCRIPTLESS_POLICY}; script-src 'self'; connect-src 'self'"
NOT_FOUND_BY_ENGINES = "X-Robots-Tag"
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    NOT_FOUND_BY_ENGINES: "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""Given to every answer that does not say otherwise itself."""
A_YEAR = "max-age=31536000"
MOST_BYTES = "most_bytes"
BODY_SECONDS, BYTES_A_SECOND = 30.0, 1000
"""What a body may take to come: slower than any line, and far from for ever."""
FORMS_AT_ONCE, FORMS_BY_SECOND = 60, 1.0
"""What one network address may send: far more than a person, far less than a program that tries everything."""


async def not_too_often(request: Request) -> None:
    """Refuse (429) forms that come from one network address faster than people fill them in.

    Only where the pages are published (``state.pace``): elsewhere every caller is this machine.
    """
    pace: Rate | None = request.app.state.pace
    if pace is None or request.method in ("GET", "HEAD"):
        return
    if seconds := pace.wait(network_of(request)):
        raise HTTPException(429, headers={"Retry-After": str(math.ceil(seconds))})


def network_of(request: Request) -> str:
    """The caller's network address; of an IPv6 one, the /64 that one subscriber holds: each limit counts by it.

    An IPv4 address is the same however it is written (``::ffff:192.0.2.7`` where one socket takes both kinds).
    """
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))


def with_forms_to(policy: str, origin: str) -> str:
    """For a page one of whose forms ends at ``origin``: browsers hold redirections to ``form-action`` too."""
    return policy.replace("form-action 'self'", f"form-action 'self' {origin}")


class SafeAnswers:
    """Puts ``HEADERS`` (and ``more``) on every answer, refusals and failures included.

    What ``is_public`` says of a path may be found by search engines; nothing else may.
    """

    def __init__(
        self, app: ASGIApp, more: Mapping[str, str], is_public: Callable[[str], object] = lambda path: False
    ) -> None:
        self._app, self._is_public = app, is_public
        self._headers = HEADERS | dict(more)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    if name != NOT_FOUND_BY_ENGINES or not self._is_public(scope["path"]):
                        headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_safely if scope["type"] == "http" else send)


class SmallRequests:
    """Refuses a body longer than ``most`` bytes (413), at once when it says so, and one that comes too slowly (408).

    A page that takes files allows more for itself: ``scope[MOST_BYTES]``, set before it reads (``web.pages.upload``). A
    body has ``seconds``, and one more for each ``bytes_a_second``; only waiting for it counts.
    """

    def __init__(
        self, app: ASGIApp, most: int, seconds: float = BODY_SECONDS, bytes_a_second: int = BYTES_A_SECOND
    ) -> None:
        self._app, self._most = app, most
        self._seconds, self._bytes_a_second = seconds, bytes_a_second

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received, waited, is_whole = 0, 0.0, False
        declared = _declared(scope) if scope["type"] == "http" else 0

        async def receive_little() -> Message:
            nonlocal received, waited, is_whole
            if is_whole:
                return await receive()  # nothing comes any more but the end of the connection
            most = scope.get(MOST_BYTES, self._most)
            if declared > most:
                raise HTTPException(413)
            began = time.monotonic()
            try:
                with fail_after(self._seconds + received / self._bytes_a_second - waited):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            waited += time.monotonic() - began
            received += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if received > most:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_little if scope["type"] == "http" else receive, send)


def _declared(scope: Scope) -> int:
    """The length of the body, where its sender says it."""
    length: bytes = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0

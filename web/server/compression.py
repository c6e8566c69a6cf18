"""What we compress ourselves: what anybody may read, and nothing that holds a secret (decision 30)."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

TELLS_WHO = {b"authorization", b"cookie"}
ENCODINGS = "accept-encoding"
QUICK = 6
"""Of zlib: a page of 20 kB takes a quarter of a millisecond, and level 9 saves less than 1 % more."""


def takes_gzip(asked: Headers) -> bool:
    """Whether the request accepts gzip: « gzip;q=0 » refuses it, « * » stands for what is not named."""
    weights = {}
    for each in asked.get(ENCODINGS, "").lower().split(","):
        name, _, weight = each.partition(";")
        weights[name.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return weights.get("gzip", weights.get("*", False))


class OpenPagesCompressed:
    """Middleware: compresses the answers at the addresses that ``is_open`` knows, for visitors who are not signed in.

    Their pages are the same for everybody. What a page holds of one person never shares a compressed answer with words
    that another may have chosen: the length of it would tell them apart (BREACH).
    """

    def __init__(self, app: ASGIApp, is_open: Callable[[str], object]) -> None:
        self._app, self._is_open = app, is_open
        self._compressed = GZipMiddleware(app, compresslevel=QUICK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_open(scope["path"]) or _tells_who(scope):
            await self._app(scope, receive, send)
        else:
            await self._compressed(_plain(scope), receive, send)


def _tells_who(scope: Scope) -> bool:
    return any(name in TELLS_WHO for name, _ in scope["headers"])


def _plain(scope: Scope) -> Scope:
    """The same request, which names gzip only if it takes it: the middleware does not read weights."""
    others = [each for each in scope["headers"] if each[0] != ENCODINGS.encode()]
    taken = [(ENCODINGS.encode(), b"gzip")] if takes_gzip(Headers(scope=scope)) else []
    return {**scope, "headers": others + taken}

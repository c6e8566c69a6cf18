"""What a request is answered while the database, the disk or the files are away: one place, for pages and API.

A read that a lost connection cut short is asked again, of a new connection. What was to be recorded never is: the
answer says that nothing was, or that nobody knows.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from anyio import sleep, to_thread
from fastapi import Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from database.engine import count_commits
from database.outage import Outage, OutageKind, Reader, outage_of, words_of

READS = ("GET", "HEAD")
PAUSES = (0.0, 1.0)
"""Seconds before a read is asked again: connections that were cut, then a database that is starting."""
USES_SECRETS = "/connexion"
"""Under it, reading an address may use up what can be used once."""
SECONDS_BETWEEN_LINES = 30.0
logger = logging.getLogger("web.server.outages")

Answer = Callable[[Request, Outage], Response]


class Outages:
    """Around an application: ``answer`` says what is away. What is no outage is raised on, with its trace."""

    def __init__(self, app: ASGIApp, answer: Answer) -> None:
        self._app, self._answer = app, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        outage = await self._ask(scope, receive, send)
        for pause in _pauses(scope):  # tenacity would say no less: two pauses, and an outcome that is a value
            if outage is None or outage.is_unknown or outage.kind is not OutageKind.database_away:
                break
            await sleep(pause)
            outage = await self._ask(scope, receive, send)
        if outage is not None:
            answer = await to_thread.run_sync(self._answer, Request(scope), outage)
            answer.headers["Retry-After"] = str(outage.retry_after)
            await answer(scope, receive, send)

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> Outage | None:
        """One attempt: the outage that it met, None when it was answered.

        A read has a scope of its own, as it may be asked again; what writes shares that of the applications around.
        """
        is_answered = False
        if scope["method"] in READS:
            scope = {**scope, "state": dict(scope.get("state", {}))}

        async def send_on(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        with count_commits() as commits:
            try:
                await self._app(scope, receive, send_on)
            except ClientDisconnect:
                return None  # nobody is there to be answered
            except Exception as error:
                outage = outage_of(error)
                if outage is None:
                    raise
                _LOG.tell(outage.kind, words_of(error))
                if is_answered:
                    raise  # cut short: what came of it is not whole, and is seen not to be
                return replace(outage, is_unknown=outage.is_unknown or commits.number > 0)
        return None


def sentence_for(request: Request, outage: Outage, reader: Reader) -> str:
    """What the answer says of the outage."""
    return outage.sentence(reader, is_reading=request.method in READS)


def _pauses(scope: Scope) -> tuple[float, ...]:
    is_safe = scope["method"] in READS and not scope["path"].startswith(USES_SECRETS)
    return PAUSES if is_safe else ()


class OutageLog:
    """A line when an outage begins, then at most one every half minute, with how many requests met it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_line_at: dict[OutageKind, float] = {}
        self._silent: dict[OutageKind, int] = {}

    def tell(self, kind: OutageKind, words: str) -> None:
        """``words`` is what the driver or the system said."""
        now = self._clock()
        if now - self._last_line_at.get(kind, -SECONDS_BETWEEN_LINES) < SECONDS_BETWEEN_LINES:
            self._silent[kind] = self._silent.get(kind, 0) + 1
            return
        more = self._silent.pop(kind, 0)
        self._last_line_at[kind] = now
        logger.warning("%s, et %d demandes de plus depuis la dernière ligne (%s)", kind.label, more, words)


_LOG = OutageLog()

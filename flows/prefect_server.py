"""`prefect server start`, behind a login and a guard, on an SQLite that neither freezes nor turns writers away.

It is what `commands.processes` and the Procfile start; every argument is Prefect's own.

**Turned away.** Prefect begins its transactions `DEFERRED`: most read, then write. When another has written in
between, SQLite refuses the write at once, whatever its time-out (`SQLITE_BUSY_SNAPSHOT`), and Prefect answers 503
« database is locked » and drops the connection: four clients that create runs together get three 503 out of four.
Begun `IMMEDIATE`, a transaction waits for its turn before it reads, and none is refused.

**Frozen.** Prefect reaches its SQLite through SQLAlchemy and aiosqlite, which gives each connection a thread.
A statement that fails (an idempotency key seen before…) leaves its cursor open, held by the traceback until the
garbage collector frees it, in the thread of the event loop. Python 3.11 then resets the statement, and so waits for
the mutex of the connection. When that connection is waiting for SQLite's write lock, and the holder of the lock for
the event loop, nothing is answered any more until the connection gives up: 60 s in Prefect. So we close each cursor
in the thread of its connection.

**Silent.** On SQLite Prefect serves a hundred requests at a time, and counts a websocket as one for as long as it is
open: a hundred of them, and nobody is answered any more, not even `/api/health`. A websocket writes nothing by
itself, so only requests are counted.
"""

import sqlite3
from typing import Any

from prefect.cli import app
from prefect.server.api import server
from sqlalchemy import Connection, Engine, event

from database.engine import keep_private
from flows.prefect_settings import use_settings
from flows.server_guard import guarded
from settings import settings


class TidyConnection(sqlite3.Connection):
    """Holds its cursors, and closes them at the end of what they served: SQLAlchemy's pool rolls back there."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._cursors: list[sqlite3.Cursor] = []

    def cursor(self, factory: type[sqlite3.Cursor] = sqlite3.Cursor) -> sqlite3.Cursor:  # type: ignore[override]
        made = super().cursor(factory)
        self._cursors.append(made)
        return made

    def rollback(self) -> None:
        self._close_cursors()
        super().rollback()

    def close(self) -> None:
        self._close_cursors()
        super().close()

    def _close_cursors(self) -> None:
        while self._cursors:
            self._cursors.pop().close()


def tidy(dialect: Any, _record: Any, arguments: Any, named: dict[str, Any]) -> None:
    """Have SQLAlchemy open such connections, to a file that is its owner's only."""
    if dialect.driver == "aiosqlite":
        named["factory"] = TidyConnection
        keep_private(*arguments)


def take_turns(
    connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
) -> tuple[str, Any]:
    """Have each of Prefect's transactions on SQLite wait for its turn to write before it reads."""
    if connection.dialect.name == "sqlite" and statement == "BEGIN DEFERRED":
        statement = "BEGIN IMMEDIATE"
    return statement, parameters


class RequestLimit(server.RequestLimitMiddleware):
    """Prefect's limit, of which websockets take no part."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def prepare() -> None:
    """Give this process our settings, the guard, and an SQLite that serves everybody."""
    use_settings(settings())
    server.RequestLimitMiddleware = RequestLimit  # type: ignore[misc]
    server.create_app = guarded(server.create_app, settings().prefect_url)
    event.listen(Engine, "do_connect", tidy)
    event.listen(Engine, "before_cursor_execute", take_turns, retval=True)


if __name__ in ("__main__", "__mp_main__"):  # the second: each process of `server start --workers N`
    prepare()
if __name__ == "__main__":
    app()

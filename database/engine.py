"""Where the facts are kept: SQLite or PostgreSQL, nothing acknowledged before it is on disk."""

import stat
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, create_engine

import models.every_table  # noqa: F401
from database.outage import CommitUnknown, outage_of

BUSY_SECONDS = 30.0
"""How long a write waits for those before it, and a lock for its holder; then it is an outage, and is told."""
CONNECT_SECONDS = 5
POSTGRES_WRITERS = 6
_NOT_RECORDED = (5, 6, 8, 13)
"""SQLite's codes that say at COMMIT that nothing stands: busy, locked, read-only, full."""


class FairQueue:
    """So many at a time, first come, first served; nobody waits longer than ``seconds``.

    SQLite's own waiting lets some of its writers starve for half a second; and PostgreSQL serves a few
    connections at once sooner than many threads that push each other aside.
    """

    def __init__(self, places: int, seconds: float = BUSY_SECONDS) -> None:
        self._lock = threading.Lock()
        self._free, self._seconds = places, seconds
        self._waiting: deque[threading.Lock] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a place, hold it during the block. Raises SQLAlchemy's ``TimeoutError``."""
        self._take()
        try:
            yield
        finally:
            self._pass_on()

    def _take(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            ticket = threading.Lock()
            ticket.acquire()
            self._waiting.append(ticket)
        if ticket.acquire(timeout=self._seconds):
            return
        with self._lock:
            if ticket not in self._waiting:
                return  # its turn came at that very moment
            self._waiting.remove(ticket)
        raise sa.exc.TimeoutError(f"no turn to write within {self._seconds:g} s")

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


@dataclass(slots=True)
class Commits:
    """How many write transactions stand since ``count_commits`` began."""

    number: int = 0


_COMMITS: ContextVar[Commits | None] = ContextVar("commits", default=None)


@contextmanager
def count_commits() -> Iterator[Commits]:
    """Count what is recorded during the block, in the threads that it starts too: what fails after it says so."""
    commits = Commits()
    token = _COMMITS.set(commits)
    try:
        yield commits
    finally:
        _COMMITS.reset(token)


class Database:
    """One domain database and the two ways into it: ``read()`` and ``write()``.

    ``url`` is an SQLAlchemy address (``sqlite:////path/file.db``, ``postgresql+psycopg://…``). On SQLite a
    write takes the lock at its start (``BEGIN IMMEDIATE``), so that what it has read cannot change before it
    writes; on PostgreSQL the actions lock the project's row. No lock is awaited longer than ``busy_seconds``.
    """

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.url = url
        # Its errors name no value: they are people's, and end in logs.
        self.engine: Engine = create_engine(url, hide_parameters=True, **_options(url, busy_seconds))
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = self.engine.execution_options(writes=True)
        self._reading = self.engine
        if not self.is_sqlite:
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._queue = FairQueue(1 if self.is_sqlite else POSTGRES_WRITERS, busy_seconds)
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One write transaction: committed at the end of the block, undone whole when it raises.

        Raises ``CommitUnknown`` when the answer to the commit never came.
        """
        with self._queue.turn(), Session(self._writing, expire_on_commit=False) as session:
            session.begin()
            yield session
            session.flush()
            with _committing():
                session.commit()

    @contextmanager
    def write_statements(self) -> Iterator[Connection]:
        """As ``write()``, for the paths where ORM objects would cost more than the fact itself."""
        with self._queue.turn(), self._writing.connect() as connection:
            transaction = connection.begin()
            yield connection
            with _committing():
                transaction.commit()

    def note(self, statement: sa.Executable) -> None:
        """Write down what nobody needs (when a session was last used): a database that cannot is no reason to fail."""
        try:
            with self._queue.turn(), self._writing.begin() as connection:
                connection.execute(statement)
        except Exception as error:
            if outage_of(error) is None:
                raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent look; what is changed in it is thrown away."""
        with Session(self._reading, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Give back every connection (before a fork, at the end of a test)."""
        self.engine.dispose()


@contextmanager
def _committing() -> Iterator[None]:
    """Count the commit of the block; one whose end is not known is marked as such."""
    try:
        yield
    except DBAPIError as error:
        if _is_answered(error):
            raise
        raise CommitUnknown from error
    if commits := _COMMITS.get():
        commits.number += 1


def _is_answered(error: DBAPIError) -> bool:
    """Whether the database itself reported that the transaction does not stand."""
    cause: Any = error.orig
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return code & 0xFF in _NOT_RECORDED
    state = getattr(cause, "sqlstate", None)
    return state is not None and not state.startswith(("57P", "08")) and not error.connection_invalidated


def _options(url: str, busy_seconds: float) -> dict[str, Any]:
    if url.startswith("sqlite"):
        waits: dict[str, Any] = {"timeout": busy_seconds, "check_same_thread": False}
        return {"connect_args": waits, "pool_size": 20, "pool_timeout": busy_seconds}
    waits = {
        "options": f"-c synchronous_commit=on -c lock_timeout={round(busy_seconds * 1000)}",
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": round(busy_seconds * 1000),  # a server that vanished without a word
    }
    return {"connect_args": waits, "pool_size": 20, "pool_pre_ping": True, "pool_timeout": busy_seconds}


def keep_private(file: str | Path) -> None:
    """Have an SQLite database, with the files that SQLite keeps beside it, read and written by its owner only.

    SQLite gives the files beside it the mode of the database. Nothing is done to a file of somebody else's.
    """
    for path in (Path(file), Path(f"{file}-wal"), Path(f"{file}-shm")):
        with suppress(FileNotFoundError, PermissionError):
            if stat.S_IMODE(path.stat().st_mode) != 0o600:
                path.chmod(0o600)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; see _begin_sqlite
    cursor = connection.cursor()
    for _number, _name, file in cursor.execute("PRAGMA database_list").fetchall():
        if file:  # empty: a database in memory
            keep_private(file)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    _driver(connection).execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection

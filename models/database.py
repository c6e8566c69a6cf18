"""Where the facts are kept: SQLite or PostgreSQL, nothing acknowledged before it is on disk."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlmodel import Session, create_engine

BUSY_SECONDS = 30
POSTGRES_WRITERS = 6


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware datetime, stored as UTC; a naive one is a mistake and is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: the database keeps aware ones only")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def stored(enum: type[StrEnum]) -> sa.Enum:
    """Column type of an enum kept as its text value, so that a new state needs no change of type."""
    return sa.Enum(
        enum,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


class FairQueue:
    """So many at a time, first come, first served.

    SQLite's own waiting lets some of its writers starve for half a second; and PostgreSQL serves a few
    connections at once sooner than many threads that push each other aside.
    """

    def __init__(self, places: int) -> None:
        self._lock = threading.Lock()
        self._free = places
        self._waiting: deque[threading.Lock] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a place, hold it during the block."""
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
        ticket.acquire()

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


class Database:
    """One domain database and the two ways into it: ``read()`` and ``write()``.

    ``url`` is an SQLAlchemy address (``sqlite:////path/file.db``, ``postgresql+psycopg://…``). On SQLite a
    write takes the lock at its start (``BEGIN IMMEDIATE``), so that what it has read cannot change before it
    writes; on PostgreSQL the actions lock the project's row.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine: Engine = create_engine(url, **_options(url))
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = self.engine.execution_options(writes=True)
        self._reading = self.engine
        if not self.is_sqlite:
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._queue = FairQueue(1 if self.is_sqlite else POSTGRES_WRITERS)
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One write transaction: committed at the end of the block, undone whole when it raises."""
        with self._queue.turn(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def write_statements(self) -> Iterator[Connection]:
        """As ``write()``, for the paths where ORM objects would cost more than the fact itself."""
        with self._queue.turn(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent look; what is changed in it is thrown away."""
        with Session(self._reading, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Give back every connection (before a fork, at the end of a test)."""
        self.engine.dispose()


def _options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}, "pool_size": 20}
    durable = {"options": "-c synchronous_commit=on"}
    return {"connect_args": durable, "pool_size": 20, "pool_pre_ping": True}


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; see _begin_sqlite
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    _driver(connection).execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection

"""Prefect's server can neither be frozen by a statement that has failed, nor turn a writer away."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from flows.prefect_server import TidyConnection, take_turns, tidy

BUSY = 5  # seconds that a connection waits for the write lock, instead of Prefect's 60


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    found = tmp_path / "prefect.db"
    with closing(sqlite3.connect(found)) as connection:
        connection.executescript(
            "PRAGMA journal_mode=WAL; CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)"
        )
        yield found


def test_the_cursor_of_a_statement_that_failed_is_closed_when_the_pool_rolls_back(file: Path) -> None:
    with closing(sqlite3.connect(file, factory=TidyConnection)) as connection:
        cursor = connection.cursor()
        with pytest.raises(sqlite3.IntegrityError):
            cursor.execute("INSERT INTO t VALUES (1)")
        connection.rollback()
        with pytest.raises(sqlite3.ProgrammingError, match="closed cursor"):
            cursor.execute("SELECT 1")


def test_freeing_what_a_failure_left_waits_for_no_connection(file: Path) -> None:
    """What froze the server, with the parts of the event loop and of a connection's thread played here."""
    opened = closing(
        sqlite3.connect(file, factory=TidyConnection, check_same_thread=False, isolation_level=None)
    )
    with opened as connection, closing(sqlite3.connect(file)) as holder:
        connection.execute(f"PRAGMA busy_timeout={BUSY * 1000:.0f}")
        cursor = connection.cursor()
        with pytest.raises(sqlite3.IntegrityError):
            cursor.execute("INSERT INTO t VALUES (1)")
        connection.rollback()
        holder.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(target=connection.execute, args=("INSERT INTO t VALUES (2)",))
        waiting.start()
        time.sleep(0.2)
        del cursor
        assert waiting.is_alive()  # freed at once, and not once the connection has had its turn or given up
        holder.rollback()
        waiting.join()


def test_sqlalchemy_opens_such_connections(file: Path) -> None:
    async def kind_and_rows() -> tuple[type, int]:
        engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
        sa.event.listen(engine.sync_engine, "do_connect", tidy)
        try:
            async with engine.connect() as connection:
                raw = (await connection.get_raw_connection()).driver_connection
                assert raw is not None
                return type(raw._conn), await connection.scalar(sa.text("SELECT x FROM t"))
        finally:
            await engine.dispose()

    assert asyncio.run(kind_and_rows()) == (TidyConnection, 1)


def test_a_transaction_that_reads_then_writes_waits_for_its_turn_and_is_not_refused(file: Path) -> None:
    """Begun as Prefect begins it (`AioSqliteConfiguration`): `DEFERRED`, each would see the other's write coming
    after its own read, and be refused."""

    async def count_one_more(engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            await connection.exec_driver_sql("BEGIN DEFERRED")
            highest = await connection.scalar(sa.text("SELECT max(x) FROM t"))
            await asyncio.sleep(0.02)
            await connection.execute(sa.text("INSERT INTO t VALUES (:x)"), {"x": highest + 1})
            await connection.exec_driver_sql("COMMIT")

    async def count() -> int:
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{file}", connect_args={"timeout": BUSY, "isolation_level": None}
        )
        sa.event.listen(engine.sync_engine, "before_cursor_execute", take_turns, retval=True)
        try:
            await asyncio.gather(*(count_one_more(engine) for _ in range(5)))
            async with engine.connect() as connection:
                return int(await connection.scalar(sa.text("SELECT max(x) FROM t")))
        finally:
            await engine.dispose()

    assert asyncio.run(count()) == 1 + 5

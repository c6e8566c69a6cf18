"""PostgreSQL databases that serve one test after the other, each filled with what its test starts from.

Making a database and dropping it cost a checkpoint each: half a second to two for every test. Emptying one and
filling it again takes 0.05 s. One whose schema was changed by its test, or that has grown, is thrown away.
"""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import make_url

POSTGRES = os.environ.get(
    "PROJET_PARTAGE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)
"""The server of the tests."""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
SCHEMA = """
SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
    SELECT concat_ws(' ', relname, relkind, attname, atttypid, atttypmod, attcollation, attnotnull) AS line
        FROM pg_class LEFT JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname) FROM pg_constraint
    UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS lines
"""
SEND_AWAY = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
NO_ROW = 21  # bytes in which COPY says, in its binary format, that there is none
MOST_BYTES = 30_000_000


@dataclass(frozen=True)
class PostgresContent:
    """The rows of each table, and where the sequences are."""

    rows: dict[str, bytes]
    sequences: dict[str, int | None]


@dataclass
class PostgresCopies:
    """Databases with the schema and the rows of ``template``, on the server of ``url``, whose user is a superuser."""

    url: str
    template: str
    _free: list[str] = field(default_factory=list)
    _made: set[str] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        with self._connect(self.template) as connection:
            for (table,) in connection.execute(TABLES).fetchall():  # rows stay in the order of their writing
                connection.execute(f'ALTER TABLE "{table}" SET (autovacuum_enabled = false)')
            self._schema, self._first = _schema(connection), _content(connection)

    def take(self, content: PostgresContent | None = None) -> str:
        """The address of a database of one's own, with this content or the template's."""
        name = self._free.pop() if self._free else self._make()
        with self._connect(name) as connection, connection.transaction():
            _fill(connection, content or self._first)
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def give_back(self, url: str) -> None:
        """Send away whoever is still there, and keep the database for another test if it can serve."""
        name = make_url(url).database or ""
        with self._connect(name) as connection:
            connection.execute(SEND_AWAY)
            (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
            can_serve = size < MOST_BYTES and _schema(connection) == self._schema
        if can_serve:
            self._free.append(name)
        else:
            self._drop(name)

    def content(self, url: str) -> PostgresContent:
        """What the database holds now."""
        with self._connect(make_url(url).database or "") as connection:
            return _content(connection)

    def close(self) -> None:
        """Drop every database that was made."""
        for name in list(self._made):
            self._drop(name)

    def _make(self) -> str:
        name = f"pp_test_{os.getpid()}_{next(self._numbers)}"
        with self._connect() as server:
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}" STRATEGY wal_log')
            server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')  # no test cuts the power
        self._made.add(name)
        return name

    def _drop(self, name: str) -> None:
        with self._connect() as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        self._made.remove(name)

    def _connect(self, database: str | None = None) -> psycopg.Connection:
        url = make_url(self.url).set(drivername="postgresql")
        url = url if database is None else url.set(database=database)
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, connect_timeout=10)


def _schema(connection: psycopg.Connection) -> str:
    return str(connection.execute(SCHEMA).fetchone())


def _content(connection: psycopg.Connection) -> PostgresContent:
    rows = {}
    for (table,) in connection.execute(TABLES).fetchall():
        with connection.cursor().copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
            rows[table] = b"".join(bytes(part) for part in copy)
    return PostgresContent(rows, dict(connection.execute(SEQUENCES).fetchall()))


def _fill(connection: psycopg.Connection, content: PostgresContent) -> None:
    """Replace all that the database holds, whatever triggers and foreign keys say."""
    connection.execute("SET LOCAL session_replication_role = replica")
    connection.execute(";".join(f'DELETE FROM "{table}"' for table in content.rows))  # noqa: S608
    for table, rows in content.rows.items():
        if len(rows) > NO_ROW:
            with connection.cursor().copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as copy:
                copy.write(rows)
    places = (
        f"setval('\"{name}\"', {last or 1}, {last is not None})" for name, last in content.sequences.items()
    )
    connection.execute(f"SELECT {', '.join(places)}")

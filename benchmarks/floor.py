"""The floor: the least a sign-off on disk can cost. One row inserted and one updated, in plain SQL.

SQLite: the standard ``sqlite3``, WAL, ``synchronous=FULL``, ``BEGIN IMMEDIATE``, the writers of the
process behind the same fair queue as ours. PostgreSQL: psycopg, ``synchronous_commit=on``. Each client is
a thread with one connection, and updates a row of its own, as each plays its own projects.
"""

from collections.abc import Iterator
from functools import partial

from benchmarks.databases import Writer, temporary_database, writers
from benchmarks.play import ACTS, Figures, play, timed

NUMBERED = {True: "INTEGER PRIMARY KEY", False: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"}
INSERT = "INSERT INTO sign_off (project_id, sha256, decision) VALUES (?, ?, 'approved')"
UPDATE = "UPDATE stage SET given = given + 1 WHERE project_id = ?"
HASH = "0" * 64


def measure(kind: str, clients: int, projects: int) -> Figures:
    """Figures of ``projects`` × 24 facts by each client."""
    with temporary_database(kind) as url, writers(url, clients) as opened:
        _prepare(opened[0], clients)
        for _ in _facts(opened[0], 1, 1):
            pass
        return play([partial(_facts, writer, n + 1, projects) for n, writer in enumerate(opened)])


def _prepare(writer: Writer, clients: int) -> None:
    numbered = NUMBERED[writer.is_sqlite]
    writer.transaction(
        (f"CREATE TABLE sign_off (id {numbered}, project_id INTEGER, sha256 TEXT, decision TEXT)", ()),
        ("CREATE TABLE stage (project_id INTEGER PRIMARY KEY, given INTEGER NOT NULL DEFAULT 0)", ()),
        *(("INSERT INTO stage (project_id) VALUES (?)", (n + 1,)) for n in range(clients)),
    )


def _facts(writer: Writer, project_id: int, projects: int) -> Iterator[float]:
    for _ in range(projects * ACTS):
        yield timed(writer.transaction, (INSERT, (project_id, HASH)), (UPDATE, (project_id,)))

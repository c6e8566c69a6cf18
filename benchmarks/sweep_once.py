"""``python -m benchmarks.sweep_once DATABASE``: one daily sweep in a process of its own, timed and weighed.

Beside it, on the same database and afterwards: the bare query (what is due that day, as tuples), and the floor (the
lines and digests that the sweep has written, taken away and written again by the driver's own ``executemany``).
"""

import json
import re
import sys
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import sqlalchemy as sa

from actions.reminders.send_reminders import send_reminders
from benchmarks.commitments import DAY, LADDER
from benchmarks.play import timed
from database.engine import Database
from database.prepared import driver
from models.commitment import STILL_OPEN
from models.lifecycle import load_lifecycle
from models.reminder import opening_of
from models.tables import COMMITMENT

RUNGS = [DAY + timedelta(days=days) for days in LADDER]
DUE = COMMITMENT.c.status.in_(STILL_OPEN), COMMITMENT.c.due_on.in_(RUNGS)
WRITTEN = {"reminder": f"day = '{DAY}'", "notice": "sent_at IS NULL"}
"""What the sweep writes, but for the journal: nothing is ever taken away from that."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Seconds of the sweep (and of processor in this process), of the bare query, of the floor; megabytes of the
    process before and at its highest."""

    seconds: float
    processor: float
    query: float
    floor: float
    before_mb: float
    peak_mb: float
    lines: int
    digests: int


def measure(url: str) -> Sweep:
    """One sweep of ``DAY`` on a database that has not seen that day."""
    db = Database(url)
    try:
        load_lifecycle("territoires-en-commun", 1)
        _warm_up(db)
        before, began, spent = _highest_mb(), perf_counter(), process_time()
        done = send_reminders(db, day=DAY, now=opening_of(DAY))
        seconds, processor, peak = perf_counter() - began, process_time() - spent, _highest_mb()
        assert done is not None
        query = min(timed(_due_today, db) for _ in range(3))
        floor = _write_again(db)
        return Sweep(seconds, processor, query, floor, before, peak, done.lines, done.digests)
    finally:
        db.close()


def _warm_up(db: Database) -> None:
    """A copied database is nowhere in memory; the pages of what is due are, on a server that works."""
    with db.read() as session:
        session.connection().execute(sa.select(sa.func.max(COMMITMENT.c.text)).where(*DUE))


def _due_today(db: Database) -> None:
    with db.read() as session:
        session.connection().execute(sa.select(COMMITMENT.c.id, COMMITMENT.c.text).where(*DUE)).all()


def _write_again(db: Database) -> float:
    """Seconds to write the same lines and digests, in one transaction."""
    again = []
    with db.write_statements() as connection:
        execute = driver(connection).execute
        for table, new in WRITTEN.items():
            again.append((table, execute(f"SELECT * FROM {table} WHERE {new}").fetchall()))
            execute(f"DELETE FROM {table} WHERE {new}")
    return timed(_write, db, again)


def _write(db: Database, tables: list[tuple[str, list[Any]]]) -> None:
    with db.write_statements() as connection:
        for table, rows in tables:
            insert = (
                f"INSERT INTO {table} VALUES ({', '.join(['?' if db.is_sqlite else '%s'] * len(rows[0]))})"
            )
            driver(connection).cursor().executemany(insert, [_as_text(row) for row in rows])


def _as_text(row: Any) -> Any:
    return [json.dumps(value) if isinstance(value, dict) else value for value in row]


def _highest_mb() -> float:
    """The most memory this process has had so far (Linux: proc(5), ``VmHWM``)."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1000 if found else 0


if __name__ == "__main__":
    print(json.dumps(asdict(measure(sys.argv[1]))))

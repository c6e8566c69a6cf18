"""From the last sign-off to the next stage's flow waiting, in seconds; and what the system costs at rest.

``python -m benchmarks.wake_up [--rounds 5]`` starts a whole system of its own (embedded default, free ports,
a temporary data directory) and reads the legs from the facts it leaves behind:

- signed: the last sign-off and the ANCT's request are on disk (the use cases have returned);
- told: Prefect has taken the outbox row that starts the next stage (its ``done_at``);
- opened: the next stage's flow has run its first step (``Stage.opened_at``), the stage before being closed;
- waiting: its run is « Suspended » (Prefect's own timestamp).
"""

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlmodel import col, select

from actions.files.store_file import FileStore
from actions.prefect.client import PrefectApi
from actions.prefect.deliver_nudges import stage_tag
from actions.stages.request_transition import TransitionRequest, request_transition
from commands.demo_acts import answer
from commands.demo_cast import Cast
from commands.seed import load_seed
from database.engine import Database
from models.outbox import Nudge, NudgeKind
from models.stage import StageStatus
from models.stored_row import identity
from queries.ledger.find import find_project, find_stage
from queries.stages.snapshot import still_missing
from settings import Settings
from tests.support.prefect_system import free_port

REST_SECONDS = 20
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WakeUp:
    """Seconds since the last sign-off was asked for; ``waiting`` is what a city and the ANCT wait for."""

    signed: float
    told: float
    opened: float
    waiting: float


@dataclass(frozen=True, slots=True)
class Resting:
    """Proportional memory (PSS) in MB and share of one core in percent, all processes of the system together."""

    memory_mb: float
    core_percent: float


@dataclass(frozen=True, slots=True)
class System:
    """A system of the bench's own: its supervisor's number, its folder, its settings, seconds from start to usable."""

    pid: int
    folder: Path
    settings: Settings
    usable_after: float


@contextmanager
def running_system(folder: Path) -> Iterator[System]:
    """Start ``projet-partage up --no-web`` on free ports; stop it, by its number, at the end."""
    settings = Settings(_env_file=None, data_dir=folder, prefect_port=free_port())
    environment = os.environ | {
        "PROJET_PARTAGE_DATA_DIR": str(folder),
        "PROJET_PARTAGE_PREFECT_PORT": str(settings.prefect_port),
        "PROJET_PARTAGE_MAIL_PORT": str(free_port()),
    }
    began = time.perf_counter()
    command = [sys.executable, "-m", "cli", "up", "--no-web"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            ready = any(line.startswith("Tout est prêt") for line in process.stdout or ())
            assert ready, "the system did not start"
            yield System(process.pid, folder, settings, time.perf_counter() - began)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()


def at_rest(system: System, seconds: float = REST_SECONDS) -> Resting:
    """Watch the system's processes for ``seconds`` (Linux: read from ``/proc``)."""
    pids = family(system.pid)
    before = sum(map(_ticks, pids))
    time.sleep(seconds)
    spent = (sum(map(_ticks, pids)) - before) / os.sysconf("SC_CLK_TCK")
    return Resting(sum(map(proportional_mb, pids)), 100 * spent / seconds)


def wake_up(system: System) -> WakeUp:
    """Play the constitution of a new project to its last sign-off, then ask for the charter and watch."""
    db = Database(f"sqlite:///{system.folder / 'projet-partage.db'}")
    cast = Cast(db, FileStore(system.folder / "files"), load_seed(db, now=datetime.now(UTC)).slug)
    with PrefectApi.of(system.settings) as api:
        _play_until_last_signature(cast, api)
        began = datetime.now(UTC)
        _answer(cast, 1)
        request_transition(db, cast.agent(), TransitionRequest(cast.slug, "charter"), now=datetime.now(UTC))
        signed = datetime.now(UTC)
        waiting = _until(lambda: _waits_since(cast, api, "charter"))
        with db.read() as session:
            charter = find_stage(session, find_project(session, cast.slug), "charter")
            start = select(Nudge.done_at).where(
                Nudge.stage_id == charter.id, col(Nudge.kind) == NudgeKind.start_stage
            )
            told = session.exec(start).one()
    db.close()
    assert told is not None
    assert charter.opened_at is not None
    assert waiting is not None
    legs = (signed, told, charter.opened_at, waiting)
    return WakeUp(*((leg - began).total_seconds() for leg in legs))


def _play_until_last_signature(cast: Cast, api: PrefectApi) -> None:
    _until(lambda: _status(cast, "constitution") is StageStatus.open)
    _until(lambda: _answer(cast, 1))
    _until(lambda: _status(cast, "constitution") is StageStatus.in_review)
    _answer(cast, 3)
    _until(lambda: _waits_since(cast, api, "constitution"))
    time.sleep(2)  # what the first three signatures set going is over


def _answer(cast: Cast, most: int) -> int:
    """Have up to ``most`` awaited things of the constitution done; how many were."""
    with cast.db.read() as session:
        project = find_project(session, cast.slug)
        awaited = still_missing(session, find_stage(session, project, "constitution"), datetime.now(UTC))
    awaited = [each for each in awaited if each.what in ("deliverable", "sign_off")]
    return sum(answer(cast, "constitution", missing) is not None for missing in awaited[:most])


def _status(cast: Cast, key: str) -> StageStatus:
    with cast.db.read() as session:
        return find_stage(session, find_project(session, cast.slug), key).status


def _waits_since(cast: Cast, api: PrefectApi, key: str) -> datetime | None:
    """Since when the run of an open stage is suspended with every fact seen; None while it is not."""
    with cast.db.read() as session:
        stage = find_stage(session, find_project(session, cast.slug), key)
    if stage.opened_at is None or stage.seen_seq < stage.fact_seq:
        return None
    runs = api.runs(tags=[stage_tag(identity(stage))])
    since = [run.state_timestamp for run in runs if run.state_name == "Suspended" and run.state_timestamp]
    return since[0] if since and since[0] > stage.opened_at else None


def _until(look: Callable[[], T], limit: float = 60) -> T:
    until = time.perf_counter() + limit
    while not (found := look()):
        if time.perf_counter() > until:
            raise TimeoutError(f"not there after {limit} s")
        time.sleep(0.05)
    return found


def family(pid: int) -> list[int]:
    """A process and all its descendants that are there now."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return []
    return [pid, *(each for child in children for each in family(int(child)))]


def _ticks(pid: int) -> int:
    """User and system time (proc(5), fields 14 and 15, after the command's closing parenthesis)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def proportional_mb(pid: int) -> float:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) / 1000 if found else 0


def report(rounds: int, console: Console) -> None:
    """Measure and print: the system at rest first, then the wake-ups, medians of ``rounds``."""
    with (
        tempfile.TemporaryDirectory(prefix="projet-partage-") as folder,
        running_system(Path(folder)) as system,
    ):
        rest = at_rest(system)
        wakes = [wake_up(system) for _ in range(rounds)]
    table = Table(title=f"De la dernière validation à l’étape suivante en attente (médianes de {rounds})")
    for name in ("validé", "remis à Prefect", "étape ouverte", "flux en attente"):
        table.add_column(f"{name} (s)", justify="right")
    medians = (statistics.median(leg) for leg in zip(*map(astuple, wakes), strict=True))
    table.add_row(*(f"{seconds:.2f}" for seconds in medians))
    console.print(table)
    console.print(
        f"Utilisable {system.usable_after:.1f} s après le démarrage ; au repos : {rest.memory_mb:.0f} Mo, "
        f"{rest.core_percent:.1f} % d’un cœur."
    )


def main(
    rounds: Annotated[int, typer.Option(help="Nombre de mesures, dont on prend les médianes.", min=1)] = 5,
) -> None:
    """Mesure le réveil d’une étape et le coût du système au repos."""
    report(rounds, Console())


if __name__ == "__main__":
    typer.run(main)

"""Many stages set going at once, as after an outage: how long, how much memory, and whether Prefect keeps answering.

``python -m benchmarks.herd [--stages 50,100,200] [--at-once 8] [--quick]`` fills a database with as many projects, each
of which waits for its first stage, then starts a whole system on it (embedded default, free ports) and watches: from
« Tout est prêt » until each stage is open and its run suspended. ``--at-once 1000`` is a system without a limit.
"""

import os
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table
from sqlmodel import col, func, select

from actions.prefect.client import PrefectApi
from benchmarks.wake_up import System, family, proportional_mb, running_system
from commands.seed import load_seed
from database.engine import Database
from database.upgrade import upgrade_database
from models.stage import Stage

SECONDS_AT_MOST = 3600
SECONDS_BETWEEN_LOOKS = 1
BAR = 40


@dataclass
class Herd:
    """What ``stages`` at once cost: seconds to the end, highest memory (MB, PSS) and number of processes, the longest
    time that ``/api/health`` took (seconds; a time-out counts as it is)."""

    stages: int
    seconds: float = 0
    memory_mb: float = 0
    processes: int = 0
    silence: float = 0


def run_herd(stages: int) -> Herd:
    """Start a system that has this many stages to open, and watch until all wait."""
    with tempfile.TemporaryDirectory(prefix="projet-partage-herd-") as name:
        folder = Path(name)
        with closing(Database(f"sqlite:///{folder / 'projet-partage.db'}")) as db:
            upgrade_database(db)
            for _ in range(stages):
                load_seed(db, now=datetime.now(UTC))
            with running_system(folder) as system:
                return _watch(system, db, Herd(stages))


def _watch(system: System, db: Database, herd: Herd) -> Herd:
    began = time.perf_counter()
    with PrefectApi.of(system.settings, timeout=60) as api:
        while not _is_over(db, api, herd.stages):
            herd.seconds = time.perf_counter() - began
            if herd.seconds > SECONDS_AT_MOST:
                break
            herd.silence = max(herd.silence, _silence(system))
            pids = family(system.pid)
            herd.processes = max(herd.processes, len(pids))
            herd.memory_mb = max(herd.memory_mb, sum(map(proportional_mb, pids)))
            time.sleep(SECONDS_BETWEEN_LOOKS)
    return herd


def _is_over(db: Database, api: PrefectApi, stages: int) -> bool:
    with db.read() as session:
        opened = session.exec(select(func.count()).where(col(Stage.opened_at).is_not(None))).one()
    if opened < stages:
        return False
    return sum(run.is_suspended for run in api.runs(states=["PAUSED"])) >= stages


def _silence(system: System) -> float:
    began = time.perf_counter()
    with suppress(httpx.HTTPError):
        httpx.get(f"{system.settings.prefect_api_url}/health", timeout=60, trust_env=False)
    return time.perf_counter() - began


def report(herds: list[Herd], at_once: int, console: Console) -> None:
    """Print the table, and the seconds as bars: with a limit, twice the stages are a bar twice as long."""
    table = Table(title=f"Des étapes lancées ensemble, {at_once} exécutions à la fois au plus")
    for name in (
        "étapes",
        "secondes",
        "par étape (s)",
        "mémoire (Mo)",
        "processus",
        "silence de Prefect (s)",
    ):
        table.add_column(name, justify="right")
    for herd in herds:
        each = herd.seconds / herd.stages
        table.add_row(str(herd.stages), f"{herd.seconds:.0f}", f"{each:.2f}", f"{herd.memory_mb:.0f}",
                      str(herd.processes), f"{herd.silence:.1f}")  # fmt: skip
    console.print(table)
    longest = max(herd.seconds for herd in herds) or 1
    for herd in herds:
        console.print(
            f"{herd.stages:>5} {'█' * max(round(BAR * herd.seconds / longest), 1)} {herd.seconds:.0f} s"
        )


def main(
    stages: Annotated[
        str, typer.Option(help="Combien d’étapes ensemble, séparés par des virgules.")
    ] = "50,100,200",
    at_once: Annotated[int, typer.Option(help="PROJET_PARTAGE_RUNS_AT_ONCE.", min=4)] = 8,
    quick: Annotated[bool, typer.Option("--quick", help="Un essai : vingt étapes.")] = False,
) -> None:
    """Mesure ce que coûtent de nombreuses étapes lancées ensemble."""
    os.environ["PROJET_PARTAGE_RUNS_AT_ONCE"] = str(at_once)
    herds = [run_herd(int(number)) for number in ("20" if quick else stages).split(",")]
    report(herds, at_once, Console())


if __name__ == "__main__":
    typer.run(main)

"""``python -m chaos``: play the scenarios, print the table; exit code 1 when a promise was not kept."""

import argparse
import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from chaos import harms, report
from chaos.postgres import Postgres, binaries, free_port
from chaos.scaled import Scaled
from chaos.scenarios import SCENARIOS, Scenario
from chaos.system import System
from chaos.trial import Result, Trial, play


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # everything that was started is ended then too
    chosen = _options()
    seed = chosen.seed if chosen.seed is not None else secrets.randbelow(10_000)
    print(f"seed {seed} (--seed {seed} deals the same facts and the same harms)", flush=True)
    results = []
    for name in chosen.only or SCENARIOS:
        scenario = SCENARIOS[name]
        stages = chosen.stages or (scenario.short if chosen.short else scenario.stages)
        reason = _why_not(scenario, chosen.postgres)
        if reason:
            print(f"{name}: left out, {reason}", flush=True)
            continue
        print(f"{name}: {stages} stages", flush=True)
        result = _play(name, scenario, stages, seed, chosen)
        results.append(result)
        for line in report.broken(result):
            print(f"  BROKEN {line}", flush=True)
    print(report.on_screen(results))
    if chosen.markdown:
        chosen.markdown.write_text(report.markdown(results), encoding="utf-8")
    sys.exit(any(report.broken(result) for result in results))


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    options.add_argument(
        "--only", nargs="+", choices=list(SCENARIOS), metavar="SCENARIO", help=", ".join(SCENARIOS)
    )
    options.add_argument("--short", action="store_true", help="few stages")
    options.add_argument(
        "--postgres", action="store_true", help="the domain on PostgreSQL, in every scenario"
    )
    options.add_argument("--quick", action="store_true", help="the periodic flows come every minute")
    options.add_argument("--stages", type=int, help="how many stages wait, in every scenario")
    options.add_argument("--pace", type=float, help="seconds between two facts of a client, on average")
    options.add_argument("--seconds", type=float, default=1200, help="how long the clients try")
    options.add_argument("--seed", type=int)
    options.add_argument("--markdown", type=Path, help="write the table to this file too")
    options.add_argument("--keep", type=Path, help="leave the systems, their logs and notes in this folder")
    return options.parse_args()


def _why_not(scenario: Scenario, postgres: bool) -> str:
    if (postgres or scenario.needs in ("postgres", "scaled")) and binaries() is None:
        return "there is no PostgreSQL here"
    if scenario.needs == "scaled" and not (_is_there("haproxy") and _is_there("redis-server")):
        return "there is no HAProxy or no Redis here"
    if scenario.needs == "disk" and os.geteuid() != 0:
        return "only root may mount a small file system"
    return ""


def _is_there(program: str) -> bool:
    return (
        shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin")
        is not None
    )


def _play(name: str, scenario: Scenario, stages: int, seed: int, chosen: argparse.Namespace) -> Result:
    with _folder(chosen.keep, name) as folder, contextlib.ExitStack() as ends:
        data = folder / "data"
        trial = Trial(
            folder,
            System(data, is_quick=chosen.quick),
            stages,
            seed,
            scenario.pace if chosen.pace is None else chosen.pace,
            chosen.seconds,
            ahead=scenario.ahead,
        )
        if chosen.postgres or scenario.needs in ("postgres", "scaled"):
            ends.callback(_start_postgres(trial).stop)
        if scenario.needs == "scaled":
            trial.system = Scaled(folder / "scaled", server=trial.system.database)
        if scenario.needs == "disk":
            harms.mount_small_disk(data, 600)
            ends.callback(harms.unmount, data)
        if scenario.needs == "smtp":
            ends.callback(_start_mail_server(trial).kill)
        return play(trial, name, scenario.deal)


def _start_postgres(trial: Trial) -> Postgres:
    trial.postgres = Postgres(trial.folder / "postgres")
    trial.postgres.create()
    trial.system.database = trial.postgres.url
    return trial.postgres


def _start_mail_server(trial: Trial) -> "subprocess.Popen[bytes]":
    port = free_port()
    url = f"mailto://127.0.0.1:{port}/?from=essais@projets.example"
    trial.system.settings = {**trial.system.settings, "PROJET_PARTAGE_APPRISE_URLS": url}
    trial.mailbox = trial.folder / "mail"
    command = [sys.executable, "-m", "chaos.mail_server", str(port), str(trial.folder)]
    return subprocess.Popen(command, cwd=trial.folder)


@contextlib.contextmanager
def _folder(kept: Path | None, name: str) -> Iterator[Path]:
    """A folder that is gone afterwards, unless one is to be kept; readable by the user of PostgreSQL."""
    if kept is not None:
        folder = kept.absolute() / f"{name}-{time.strftime('%H%M%S')}"
        folder.mkdir(parents=True)
        yield folder
        return
    folder = Path(tempfile.mkdtemp(prefix="projet-partage-chaos-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

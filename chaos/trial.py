"""One trial: stages that wait, clients that sign, harms meanwhile, then time to heal; and the verdict."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from chaos.judge.periodic import last_reconcile
from chaos.judge.sql import open_sql
from chaos.judge.stages import is_waiting, left_open, mails_waiting
from chaos.judge.verdict import Verdict, judge
from chaos.load.outcome import LATE
from chaos.plan import WAYS
from chaos.postgres import Postgres
from chaos.system import Sampler, System

TWO_RECONCILE_PERIODS = 600


@dataclass
class Trial:
    """What a scenario needs to know, and the notes of what it did."""

    folder: Path
    system: System
    stages: int
    seed: int
    pace: float
    seconds: float
    ahead: float = 0.0
    mailbox: Path | None = None  # that of a mail server of ours, when the system uses one
    postgres: Postgres | None = None
    harms: list[str] = field(default_factory=list)
    _clients: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    def say(self, line: str) -> None:
        """To the screen, with the seconds since the beginning."""
        now = datetime.now().astimezone()
        print(f"  {now:%H:%M:%S} {time.monotonic() - self._began:6.1f} s  {line}", flush=True)

    def note_harm(self, line: str) -> None:
        self.harms.append(line)
        self.say(f"harm: {line}")

    def prepare(self) -> None:
        """Write the projects, before the system starts."""
        self.system.make_ready()
        command = [
            "-m",
            "chaos.prepare",
            str(self.folder),
            "--stages",
            str(self.stages),
            "--seed",
            str(self.seed),
        ]
        subprocess.run([sys.executable, *command], check=True, env=self.system.environment, cwd=self.folder)
        self.say(f"{self.stages} stages under review")

    def start_clients(self) -> None:
        """All of them, those who only look too."""
        for name in ["looks", *(f"{way.name}-{number + 1}" for way in WAYS for number in range(way.clients))]:
            self._clients[name] = self._client(name)

    def _client(self, name: str) -> subprocess.Popen[bytes]:
        system = self.system
        options = {
            "--web": system.web,
            "--database": system.database,
            "--files": str(system.files),
            "--pace": str(self.pace),
            "--seconds": str(self.seconds),
            "--seed": str(self.seed),
            "--ahead": str(self.ahead if name.startswith("actions") else 0),
        }
        arguments = [word for pair in options.items() for word in pair]
        command = [sys.executable, "-m", "chaos.load", name, str(self.folder), *arguments]
        kept = {name: value for name, value in system.environment.items() if "DATA_DIR" not in name}
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, env=kept, cwd=self.folder, stdout=log, stderr=log)

    @property
    def is_flowing(self) -> bool:
        """Whether a client still has facts to record."""
        return any(name != "looks" and client.poll() is None for name, client in self._clients.items())

    def wait_for_clients(self) -> None:
        while self.is_flowing:
            time.sleep(0.5)
        self.say("every client has had its answers, or has given up")

    def dead_clients(self) -> list[str]:
        """Those that ended otherwise than they may: a mistake of ours, or something that nobody foresaw."""
        codes = {name: client.returncode for name, client in self._clients.items()}
        return [name for name, code in codes.items() if code not in (0, LATE)]

    def stop_clients(self) -> None:
        for client in self._clients.values():
            if client.poll() is None:
                client.terminate()
            try:
                client.wait(70)
            except subprocess.TimeoutExpired:
                client.kill()
                client.wait()

    def wait_until(self, is_so: Callable[[], bool], seconds: float) -> float | None:
        """How long it took, or None when it is not so in time."""
        began = time.monotonic()
        while not self.holds(is_so):
            if time.monotonic() - began > seconds:
                return None
            time.sleep(1)
        return time.monotonic() - began

    def holds(self, is_so: Callable[[], bool]) -> bool:
        try:
            return is_so()
        except Exception:  # the database may be away
            return False

    def all_wait(self) -> bool:
        with open_sql(self.system.database) as sql:
            return is_waiting(sql)

    def is_settled(self) -> bool:
        """Every gate that holds is closed, the outbox is empty, every mail has left."""
        with open_sql(self.system.database) as sql:
            return not left_open(sql) and is_waiting(sql) and not mails_waiting(sql)

    def is_reconciled(self, since: datetime) -> bool:
        """Whether a round of `reconcile` has completed since."""
        last = last_reconcile(self.system.database, self.system.prefect_database)
        return last is not None and last > since

    def stages_closed(self) -> bool:
        with open_sql(self.system.database) as sql:
            return not left_open(sql)


@dataclass
class Healed:
    """Seconds after the last fact, or the last harm if it came later, until it was so; None: not in time."""

    closed: float | None = None
    settled: float | None = None
    reconciled: float | None = None
    ready: float | None = None


@dataclass
class Result:
    """One line of the table."""

    scenario: str
    harms: int
    stages: int
    verdict: Verdict
    healed: Healed
    peak_memory: int
    most_processes: int
    extra: list[str]


def _heal(trial: Trial) -> Healed:
    """Wait, and touch nothing."""
    began, since = time.monotonic(), datetime.now(UTC)
    found = Healed()
    awaited: dict[str, Callable[[], bool]] = {
        "closed": trial.stages_closed,
        "settled": trial.is_settled,
        "reconciled": lambda: trial.is_reconciled(since),
        "ready": trial.system.says_it_is_ready,
    }
    while awaited and time.monotonic() - began < TWO_RECONCILE_PERIODS:
        for name, is_so in list(awaited.items()):
            if trial.holds(is_so):
                setattr(found, name, time.monotonic() - began)
                trial.say(f"{name} after {time.monotonic() - began:.0f} s")
                del awaited[name]
        time.sleep(1)
    if awaited:
        trial.say(f"not {' nor '.join(awaited)} after {TWO_RECONCILE_PERIODS} s")
    return found


def play(trial: Trial, scenario: str, deal: Callable[[Trial], None]) -> Result:
    """The whole of it; the system is stopped when this returns, whatever happens."""
    try:
        trial.prepare()
        with Sampler(trial.system) as sampler:
            trial.system.start()
            trial.say("the system is ready")
            waited = trial.wait_until(trial.all_wait, trial.seconds)
            trial.say(f"every stage waits: {waited if waited is None else round(waited)} s")
            trial.start_clients()
            deal(trial)
            trial.wait_for_clients()
            healed = _heal(trial)
        trial.stop_clients()
    finally:
        trial.stop_clients()
        trial.system.stop()
    assert not trial.system.processes()
    maildirs = trial.system.maildirs if trial.mailbox is None else [trial.mailbox]
    verdict = judge(trial.system.database, trial.folder, maildirs)
    return Result(
        scenario,
        len(trial.harms),
        trial.stages,
        verdict,
        healed,
        sampler.peak,
        sampler.most_processes,
        [
            *([] if waited is not None else ["the stages did not all reach their wait before the harms"]),
            *(f"the client {name} died: see {name}.log (--keep)" for name in trial.dead_clients()),
        ],
    )

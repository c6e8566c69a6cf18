"""The scenarios: what is done to a system while sign-offs flow in. Each is bounded by the load it is dealt beside."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from chaos import harms
from chaos.scaled import TWICE, Scaled
from chaos.trial import Trial

Deal = Callable[[Trial], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """``needs`` names what it is played on besides the embedded default: postgres, disk, smtp, scaled."""

    deal: Deal
    stages: int
    short: int
    pace: float
    needs: str = ""
    ahead: float = 0.0


def _draw(trial: Trial) -> random.Random:
    return random.Random(trial.seed)  # noqa: S311 - chance that can be played again


def quiet(trial: Trial) -> None:
    """Nothing: what the load does by itself."""


def killed_one_by_one(trial: Trial) -> None:
    """Each process in turn, `up` among them, every five to fifteen seconds."""
    draw = _draw(trial)
    names = list(harms.KILLED)
    draw.shuffle(names)
    for name in names:
        harms.pause(draw, 5, 15)
        harms.kill_one(trial.system, name, trial.note_harm)


def power_cuts(trial: Trial) -> None:
    """Everything at once, three times; started again by who keeps it."""
    draw = _draw(trial)
    for _ in range(3):
        harms.pause(draw, 15, 40)
        harms.cut_power(trial.system, trial.note_harm)


def pair_killed_periodic_pending(trial: Trial) -> None:
    """Server and worker while a periodic run is *Pending*, when it holds the only place of its deployment."""
    _kill_pair_at(trial, "PENDING", periodic=True)


def pair_killed_run_running(trial: Trial) -> None:
    """Server and worker while the run of a stage is *Running*."""
    _kill_pair_at(trial, "RUNNING")


def pair_killed_resuming(trial: Trial) -> None:
    """Server and worker while the run of a stage, resumed, is *Scheduled* again."""
    _kill_pair_at(trial, "SCHEDULED")


def _kill_pair_at(trial: Trial, state: str, *, periodic: bool = False, times: int = 3) -> None:
    for _ in range(times):
        time.sleep(10)
        if periodic:
            trial.wait_until(lambda: trial.system.prefect.ask_for_run("reconcile"), 120)
        name = "reconcile" if periodic else "constitution"
        if trial.system.prefect.wait_for(state, deployment=name, seconds=60):
            harms.kill_pair(trial.system, trial.note_harm)
        else:
            trial.say(f"no run of {name} was seen {state}")


def prefect_dropped(trial: Trial) -> None:
    """Prefect's database is deleted with every stage waiting, while their sign-offs flow in."""
    time.sleep(5)
    harms.drop_prefect(trial.system, trial.note_harm)


def one_of_each(trial: Trial) -> None:
    """A pair killed with a periodic run *Pending*, Prefect's database dropped, PostgreSQL restarted, `up` killed."""
    _kill_pair_at(trial, "PENDING", periodic=True, times=1)
    prefect_dropped(trial)
    if trial.postgres is not None:
        time.sleep(5)
        harms.restart_postgres(trial.postgres, trial.note_harm)
    time.sleep(20)
    harms.kill_one(trial.system, "up", trial.note_harm)


def postgres_restarted(trial: Trial) -> None:
    """The domain database restarted as by a crash every five to forty seconds, as long as sign-offs flow in."""
    draw = _draw(trial)
    assert trial.postgres is not None
    while trial.is_flowing:
        harms.pause(draw, 5, 40)
        harms.restart_postgres(trial.postgres, trial.note_harm)


def disk_full(trial: Trial) -> None:
    """The file system of the data directory is full for a minute, twice."""
    for _ in range(2):
        time.sleep(10)
        harms.fill_disk(trial.system.data_dir, 45, trial.note_harm)


def clock_ahead(trial: Trial) -> None:
    """A part of the facts is written by processes whose clock is a day ahead."""
    trial.note_harm("clock of two clients 24 h ahead")


def smtp_moods(trial: Trial) -> None:
    """The mail server hangs, then refuses, then takes."""
    for mood, seconds in (("hangs", 60), ("refuses", 60), ("takes", 0)):
        (trial.folder / "mood").write_text(mood)
        trial.note_harm(f"the mail server {mood}")
        time.sleep(seconds)


def scaled_killed(trial: Trial) -> None:
    """One of each two processes in turn, then HAProxy and Redis, of which there is one; the other serves meanwhile."""
    draw = _draw(trial)
    for name in (*draw.sample(TWICE, k=len(TWICE)), "haproxy", "redis"):
        harms.pause(draw, 5, 15)
        harms.kill_one_of_two(trial.system, name, draw, trial.note_harm)


def redis_flushed(trial: Trial) -> None:
    """All that Prefect's servers share in Redis is gone, three times."""
    draw = _draw(trial)
    assert isinstance(trial.system, Scaled)
    for _ in range(3):
        harms.pause(draw, 10, 20)
        trial.system.flush_redis()
        trial.note_harm("Redis flushed")


SCENARIOS: dict[str, Scenario] = {
    "quiet": Scenario(quiet, 50, 6, 0.5),
    "killed_one_by_one": Scenario(killed_one_by_one, 200, 12, 0.5),
    "power_cuts": Scenario(power_cuts, 200, 12, 0.5),
    "pair_killed_periodic_pending": Scenario(pair_killed_periodic_pending, 100, 12, 0.5),
    "pair_killed_run_running": Scenario(pair_killed_run_running, 100, 12, 0.5),
    "pair_killed_resuming": Scenario(pair_killed_resuming, 100, 12, 0.5),
    "prefect_dropped": Scenario(prefect_dropped, 500, 12, 0.1),
    "one_of_each": Scenario(one_of_each, 100, 6, 1.5),
    "postgres_restarted": Scenario(postgres_restarted, 500, 12, 0.3, needs="postgres"),
    "disk_full": Scenario(disk_full, 50, 12, 0.5, needs="disk"),
    "clock_ahead": Scenario(clock_ahead, 50, 12, 0.2, ahead=24),
    "smtp_moods": Scenario(smtp_moods, 50, 12, 0.5, needs="smtp"),
    "scaled_killed": Scenario(scaled_killed, 200, 12, 0.5, needs="scaled"),
    "redis_flushed": Scenario(redis_flushed, 100, 12, 0.5, needs="scaled"),
}

"""How the worker starts flow runs, and how their ends are told."""

import os
import subprocess
import sys
import time
from itertools import count

import pytest
from prefect_system import PrefectSystem, wait_until

from actions.prefect.client import FlowRun, PrefectUnreachable

pytest_plugins = ["trial_fixtures"]
pytestmark = pytest.mark.prefect
_numbers = count()


@pytest.fixture
def system(trial_system: PrefectSystem) -> PrefectSystem:
    return trial_system


def start(system: PrefectSystem, name: str, **parameters: int) -> FlowRun:
    return system.api.create_run(f"{name}/{name}", parameters, idempotency_key=f"{name}-{next(_numbers)}")


def said(system: PrefectSystem) -> list[list[str]]:
    out = system.folder / "out"
    return [line.split() for line in out.read_text().splitlines()] if out.exists() else []


def resume(system: PrefectSystem, run_id: str) -> None:
    def is_resumed() -> bool:
        try:
            return system.api.resume(run_id)
        except PrefectUnreachable:  # « database is locked »: the relay tries again too
            return False

    wait_until(is_resumed)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def seconds_of_a_new_python() -> float:
    """What loading all that a run needs takes on this machine, as busy as it is now."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import flows.preload"], check=True, timeout=120)
    return time.monotonic() - began


@pytest.mark.trials
def test_a_run_resumed_at_once_and_again_and_again_starts_soon_each_time(system: PrefectSystem) -> None:
    run = start(system, "waiting", stage_id=1)
    waits = []
    for _ in range(5):
        system.wait_for_state(run.id, "PAUSED")
        before, asked = len(said(system)), time.time()
        resume(system, run.id)
        wait_until(lambda before=before: len(said(system)) > before)
        waits.append(float(said(system)[-1][0]) - asked)
    assert sorted(waits)[2] < seconds_of_a_new_python(), waits  # 0.6 s and 4 s on a quiet machine
    lines = [line for line in said(system) if line[2:4] == ["waiting", "1"]]
    assert len({pid for _, pid, *_ in lines}) == 6
    assert len({parent for *_, parent in lines}) == 1  # the process where all is loaded


@pytest.mark.trials
def test_several_runs_work_side_by_side(system: PrefectSystem) -> None:
    runs = [start(system, "waiting", stage_id=number) for number in range(10, 16)]
    for run in runs:
        system.wait_for_state(run.id, "PAUSED")


@pytest.mark.parametrize(
    ("name", "state"), [("killed", "CRASHED"), ("leaving", "CRASHED"), ("failing", "FAILED")]
)
def test_a_run_that_ends_badly_is_told_so(system: PrefectSystem, name: str, state: str) -> None:
    system.wait_for_state(start(system, name).id, state)


def test_the_runs_at_work_end_with_a_worker_that_is_stopped_and_are_told_crashed(
    system: PrefectSystem,
) -> None:
    run = start(system, "long")
    wait_until(lambda: any(line[2] == "long" for line in said(system)))
    pid = next(int(pid) for _, pid, what, *_ in said(system) if what == "long")
    system.stop_worker()
    assert not is_alive(pid)
    system.wait_for_state(run.id, "CRASHED")
    system.start_worker()


@pytest.mark.trials
def test_the_runs_at_work_end_with_a_worker_that_is_killed_and_are_told_crashed(
    system: PrefectSystem,
) -> None:
    run = start(system, "long")
    before = {pid for _, pid, what, *_ in said(system) if what == "long"}
    wait_until(lambda: {line[1] for line in said(system) if line[2] == "long"} > before)
    pid = next(int(pid) for _, pid, what, *_ in said(system) if what == "long" and pid not in before)
    system.kill_worker()
    system.wait_for_state(run.id, "CRASHED")
    wait_until(lambda: not is_alive(pid))
    system.start_worker()

"""How many runs work at once is the server's affair: what is over the limit waits, and upkeep passes before it."""

from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect_system import PrefectSystem, wait_until

from actions.prefect.client import FlowRun
from flows.work_pool import KEPT_FREE, MAILS, MAILS_AT_ONCE, STAGES, UPKEEP

pytest_plugins = ["trial_fixtures"]
pytestmark = pytest.mark.prefect
STAGES_AT_ONCE = 8 - KEPT_FREE  # the default of PROJET_PARTAGE_RUNS_AT_ONCE
_numbers = count()


def ask(system: PrefectSystem, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    url = f"{system.api_url}/{path}"
    answer = httpx.request(method, url, json=body, auth=system.login, timeout=30, trust_env=False)
    return answer.raise_for_status().json() if answer.content else None


def limits(system: PrefectSystem) -> dict[str, int | None]:
    """Of the pool ("") and of its queues, those that are served first first."""
    queues = ask(system, "POST", "work_pools/projet-partage/queues/filter", {})
    pool = ask(system, "GET", "work_pools/projet-partage")
    limit_of = {
        queue["name"]: queue["concurrency_limit"] for queue in sorted(queues, key=lambda row: row["priority"])
    }
    return limit_of | {"": pool["concurrency_limit"]}


def start(system: PrefectSystem, name: str, **parameters: Any) -> FlowRun:
    return system.api.create_run(
        f"{name}/{name}", parameters, idempotency_key=f"at-once-{name}-{next(_numbers)}"
    )


def states(system: PrefectSystem, runs: list[FlowRun]) -> Counter[str]:
    return Counter(run.state_type for run in map(system.api.run, [each.id for each in runs]) if run)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Path]:
    """While this file is there, the runs « held » work."""
    file = tmp_path / "gate"
    file.touch()
    yield file
    file.unlink(missing_ok=True)


@pytest.mark.trials
def test_the_limits_are_put_at_each_start_whoever_changed_them(trial_system: PrefectSystem) -> None:
    system = trial_system
    wanted = {UPKEEP: None, MAILS: MAILS_AT_ONCE, STAGES: STAGES_AT_ONCE, "": 8}
    assert limits(system) == wanted
    assert list(limits(system)) == list(wanted)
    system.stop_worker()
    ask(system, "PATCH", "work_pools/projet-partage", {"concurrency_limit": 2})
    ask(system, "PATCH", f"work_pools/projet-partage/queues/{STAGES}", {"concurrency_limit": None})
    assert limits(system)[STAGES] is None
    before = system.worker.environment
    system.worker.environment = {**before, "PROJET_PARTAGE_RUNS_AT_ONCE": "5"}
    system.start_worker()
    assert limits(system) == wanted | {STAGES: 5 - KEPT_FREE, "": 5}
    system.stop_worker()
    system.worker.environment = before
    system.start_worker()
    assert limits(system) == wanted


@pytest.mark.trials
def test_what_is_over_the_limit_waits_resumed_or_new_and_upkeep_passes_before_it(
    trial_system: PrefectSystem, gate: Path
) -> None:
    system = trial_system
    suspended = start(system, "waiting", stage_id=50)
    system.wait_for_state(suspended.id, "PAUSED")
    held = [start(system, "held", gate=str(gate)) for _ in range(STAGES_AT_ONCE + 2)]
    wait_until(lambda: states(system, held)["RUNNING"] == STAGES_AT_ONCE)
    assert system.api.resume(suspended.id)
    upkeep = [start(system, "upkeep") for _ in range(3)]
    for run in upkeep:
        system.wait_for_state(run.id, "COMPLETED")
    assert states(system, held) == {"RUNNING": STAGES_AT_ONCE, "SCHEDULED": 2}
    assert states(system, [suspended]) == {"SCHEDULED": 1}
    gate.unlink()
    wait_until(lambda: states(system, held) == {"COMPLETED": len(held)})
    system.wait_for_state(suspended.id, "PAUSED")
    assert websockets_held(system) == {"0"}


def websockets_held(system: PrefectSystem) -> set[str]:
    """How many websockets the runs « held » had at their end."""
    lines = (system.folder / "out").read_text(encoding="utf-8").splitlines()
    return {line.split()[3] for line in lines if line.split()[2] == "held"}


@pytest.mark.trials
def test_the_places_of_runs_whose_processes_died_are_given_back(
    trial_system: PrefectSystem, gate: Path
) -> None:
    system = trial_system
    held = [start(system, "held", gate=str(gate)) for _ in range(STAGES_AT_ONCE)]
    wait_until(lambda: states(system, held)["RUNNING"] == STAGES_AT_ONCE)
    system.kill_everything()
    system.start_server()
    system.start_worker()
    next_ones = [start(system, "held", gate=str(gate)) for _ in range(STAGES_AT_ONCE)]
    system.wait_for_state(start(system, "upkeep").id, "COMPLETED")  # dead stages do not stop what repairs
    assert states(system, held) == {"RUNNING": STAGES_AT_ONCE}, "nobody has told yet that they died"
    assert states(system, next_ones) == {"SCHEDULED": STAGES_AT_ONCE}
    for run in held:
        assert system.api.set_state(run.id, "CRASHED", message="as reconcile does", force=True)
    gate.unlink()
    wait_until(lambda: states(system, next_ones) == {"COMPLETED": STAGES_AT_ONCE})

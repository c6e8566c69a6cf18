"""How `make test` shares the files out between its processes: those that use one system go together, and first.

A system (a Prefect server, a worker…) takes ten seconds to start and half a core to run: each is started once, the long
wait for what it does begins while there is most beside it to do, and it ends with the last of the files that use it.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import PurePath
from typing import Any, TypeVar

import pytest
from xdist.scheduler import LoadFileScheduling

SYSTEMS = {
    "test_stage_flows.py": "flows",
    "test_delay_to_object.py": "flows",
    "test_reconcile.py": "flows",
    "test_wake_ups.py": "flows",
    "test_dead_rounds.py": "flows",
    "test_prefect_api.py": "trial",
    "test_worker.py": "trial",
    "test_prefect_door.py": "trial",
    "test_runs_at_once.py": "trial",
    "test_only_declared_runs.py": "trial",
    "test_scaled.py": "scaled",
    "test_scaled_page.py": "scaled",
    "test_prefect_wounds.py": "scaled",
}

BOTH_KINDS_AT_ONCE = {
    "test_periodic_rounds.py", "test_clock_ahead.py", "test_action_plan.py", "test_database.py",
    "test_files.py", "test_gate.py", "test_join_system.py", "test_mail_delivery.py",
    "test_many_rows_at_once.py", "test_reconcile.py", "test_search.py", "test_sign_in.py",
    "test_stage_flows.py", "test_transitions.py", "test_bound_to_content.py", "test_decisions.py",
    "test_two_confirm_at_once.py", "test_same_title_at_once.py",
}  # fmt: skip
"""Files about constraints, transactions or queries: `make test` plays them on SQLite and on PostgreSQL. The
PostgreSQL half of the others, whose rules stand above the database, takes its turn with the trials, and so does the
half that races or is killed for minutes (``test_two_at_once``, ``test_killed``)."""

LONG = (
    "test_system.py", "test_two_at_once.py", "test_fourteen_months.py", "test_cli_usage.py", "test_authority.py",
    "test_decisions.py", "test_reminders_at_once.py", "test_api_schema.py", "test_read_models.py", "test_reminders.py",
    "test_mail_faults.py", "test_reminders_peers_faults.py", "test_reminders_preview.py", "test_stage_mails.py",
    "test_killed.py", "test_strange_requests.py", "test_messages_fit.py", "test_authority_machine.py",
    "test_web_rights.py", "test_duties_pass.py", "test_same_limits.py",
)  # fmt: skip
"""Those that take the longest, most of them with few tests: begun last, one would leave the other process idle."""


System = TypeVar("System")
_RUNNING: dict[str, ExitStack] = {}


@contextmanager
def shared(name: str, system: AbstractContextManager[System]) -> Iterator[System]:
    """A system of ``SYSTEMS``, until ``end_systems_but`` ends it."""
    with ExitStack() as running:
        _RUNNING[name] = running
        yield running.enter_context(system)


def end_systems_but(name: str | None) -> None:
    """End those that run, but the one of this name."""
    for other in _RUNNING.keys() - {name}:
        _RUNNING.pop(other).close()


class TogetherScheduling(LoadFileScheduling):
    """As ``--dist loadfile``, where files that use one system are one file."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return SYSTEMS.get(PurePath(file).name, file)


def begin_elsewhere(config: pytest.Config) -> None:
    """Have each process collect the rooms from another one on: what one has compiled, the others find."""
    worker = getattr(config, "workerinput", None)
    if worker and config.args == config.getini("testpaths"):
        rooms = sorted({str(file.parent) for file in (config.rootpath / "tests").glob("*/test_*.py")})
        first = int(worker["workerid"].removeprefix("gw")) * len(rooms) // worker["workercount"]
        config.args = rooms[first:] + rooms[:first]


def leave_to_trials(items: list[pytest.Item]) -> None:
    """Mark what asks for the system of `trial_flows`, a second one, and the PostgreSQL half of the files whose rules
    do not hang on the kind of database."""
    for item in items:
        if "trial_system" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.trials)
        kinds = getattr(item, "callspec", None)
        on_postgres = kinds is not None and "postgresql" in kinds.params.values()
        if on_postgres and item.path.name not in BOTH_KINDS_AT_ONCE:
            item.add_marker(pytest.mark.trials)


def put_systems_first(items: list[pytest.Item]) -> None:
    """Sort the files: of the systems, the slow ones, then by how many tests they have; a file keeps its order."""
    files: dict[Any, int] = {}
    for item in items:
        files[item.path] = files.get(item.path, 0) + 1
    order = [*SYSTEMS, *LONG]

    def place(item: pytest.Item) -> tuple[int, int, Any]:
        name = item.path.name
        return order.index(name) if name in order else len(order), -files[item.path], item.path

    items.sort(key=place)

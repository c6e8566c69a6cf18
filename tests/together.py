"""How `make test` shares the files out between its processes: those that use one system go together, and first.

A system (a Prefect server, a worker…) takes ten seconds to start and half a core to run: each is started once, and
the long wait for what it does begins while there is most beside it to do.
"""

from pathlib import PurePath
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

SYSTEMS = {
    "test_stage_flows.py": "flows",
    "test_reconcile.py": "flows",
    "test_wake_ups.py": "flows",
    "test_prefect_api.py": "trial",
    "test_worker.py": "trial",
}

LONG = ("test_system.py", "test_two_at_once.py", "test_fourteen_months.py", "test_reminders_preview.py")


class TogetherScheduling(LoadFileScheduling):
    """As ``--dist loadfile``, where files that use one system are one file."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return SYSTEMS.get(PurePath(file).name, file)


def put_systems_first(items: list[pytest.Item]) -> None:
    """Sort the files: of the systems, the slow ones, then by how many tests they have; a file keeps its order."""
    files: dict[Any, int] = {}
    for item in items:
        files[item.path] = files.get(item.path, 0) + 1
    order = [*SYSTEMS, *LONG]

    def place(item: pytest.Item) -> tuple[int, int, str]:
        name = item.path.name
        return order.index(name) if name in order else len(order), -files[item.path], name

    items.sort(key=place)

"""One Prefect server and worker with the tiny flows of `trial_flows`, for the tests of both.

A test module asks for it by ``pytest_plugins = ["trial_fixtures"]``.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trial_flows
from prefect_system import PrefectSystem, prefect_system
from together import shared


@pytest.fixture(scope="session")
def trial_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectSystem]:
    """The system that all these tests share."""
    folder = tmp_path_factory.mktemp("trial")
    env = {"PYTHONPATH": str(Path(__file__).parent), "TRIAL_OUT": str(folder / "out")}
    system = prefect_system(folder, env=env, deployments=trial_flows.declare(folder / "trial.yaml"))
    with shared("trial", system) as running:
        yield running

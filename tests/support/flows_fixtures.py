"""The fixtures of the tests of the flows: one system for them all, and in it one project per test.

A test module asks for them by ``pytest_plugins = ["flows_fixtures"]``.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flows_system import FlowsSystem, flows_system
from played_project import PlayedProject
from together import shared


@pytest.fixture(scope="session")
def whole_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlowsSystem]:
    """The system that all these tests share.

    A first project has been there: it alone gives the mayors their offices, and the projects to compare owe the same.
    """
    folder = tmp_path_factory.mktemp("flows")
    with shared("flows", flows_system(folder, {"PYTHONPATH": str(Path(__file__).parent)})) as system:
        PlayedProject.begin(system, folder / "documents").leave()
        yield system


@pytest.fixture
def project(whole_system: FlowsSystem, tmp_path: Path) -> Iterator[PlayedProject]:
    """A new copy of the real project, nothing of it opened yet; cancelled at the end."""
    played = PlayedProject.begin(whole_system, tmp_path / "documents")
    yield played
    played.leave()

"""The scaled set-up running: one for all the tests of it.

A test module asks for it by ``pytest_plugins = ["scaled_fixtures"]``.
"""

from collections.abc import Iterator

import pytest
from scaled_setup import Scaled, scaled_system, skip_without_its_programs
from together import shared


@pytest.fixture(scope="session")
def scaled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scaled]:
    """The set-up that these tests share."""
    skip_without_its_programs()
    with shared("scaled", scaled_system(tmp_path_factory.mktemp("scaled"))) as found:
        yield found

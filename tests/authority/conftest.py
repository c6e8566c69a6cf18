"""Where the tests of authority begin."""

from collections.abc import Callable

import pytest
from cast import Cast


@pytest.fixture
def cast(at: Callable[[str], Cast]) -> Cast:
    """The framing note is in, and every city is invited to sign it off; each has its mayor, confirmed."""
    return at("constitution in review")

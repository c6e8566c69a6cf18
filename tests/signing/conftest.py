"""Where most tests of sign-offs begin; a file that begins elsewhere has a ``cast`` of its own."""

from collections.abc import Callable

import pytest
from cast import Cast


@pytest.fixture
def cast(at: Callable[[str], Cast]) -> Cast:
    """The framing note is in, and every city is invited to sign it off."""
    return at("constitution in review")

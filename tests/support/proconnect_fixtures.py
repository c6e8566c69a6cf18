"""The fixtures of the tests of ProConnect: one provider for a file of them, and in front of it new pages a test.

A test module asks for them by ``pytest_plugins = ["proconnect_fixtures"]``.
"""

from collections.abc import Iterator

import pytest
from openid_provider import Provider, provider_for
from proconnect_door import Door, Street
from served import HOST, served
from shelf import Shelf


@pytest.fixture(scope="module")
def street() -> Iterator[tuple[Street, str]]:
    """By the name « localhost », so that the provider, at 127.0.0.1, is another site to a browser."""
    street = Street()
    with served(street) as address:
        yield street, address.replace(HOST, "localhost")


@pytest.fixture(scope="module")
def provider(street: tuple[Street, str]) -> Iterator[Provider]:
    with provider_for(street[1]) as provider:
        yield provider


@pytest.fixture
def door(sqlite_shelf: Shelf, street: tuple[Street, str], provider: Provider) -> Iterator[Door]:
    cast = sqlite_shelf.take("constitution in review")
    yield Door(cast, *street, provider)
    provider.lie("")
    sqlite_shelf.give_back(cast)

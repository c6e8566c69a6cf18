"""Statements compiled once for all the databases of a process, instead of once for each test's.

SQLAlchemy keeps what it compiled beside the engine, under the engine's dialect. Every test has a database of its own,
and would compile again each statement of what it calls: that was half of the time of a sign-off.
"""

from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import create_engine

import database.engine


class OneCompilation:
    """Makes engines that share a dialect and its compiled statements with those of the same driver."""

    def __init__(self) -> None:
        self._first: dict[str, Engine] = {}

    def create_engine(self, url: str, **options: Any) -> Engine:
        """As SQLAlchemy's; the first engine of each driver must have connected once before the others do."""
        engine = create_engine(url, **options)
        first = self._first.setdefault(engine.driver, engine)
        if first is not engine and first.dialect.server_version_info is not None:
            engine.dialect.initialize = lambda connection: None  # the shared dialect knows the server already
            engine.dialect = engine.pool._dialect = first.dialect
            engine._compiled_cache = first._compiled_cache
        return engine


def share_compilations(patch: pytest.MonkeyPatch) -> None:
    """Let every domain database opened from here on share what is compiled."""
    patch.setattr(database.engine, "create_engine", OneCompilation().create_engine)

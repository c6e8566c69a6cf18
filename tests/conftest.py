"""What every test may ask for: a domain database of each kind, the real project, and its people.

The PostgreSQL half runs on the server of ``PROJET_PARTAGE_TEST_POSTGRES`` (by default postgres@127.0.0.1:5432)
and says plainly that it is left out when there is none.
"""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from api import Api
from browser import chromium
from cast import Cast
from one_compilation import share_compilations
from playwright.sync_api import Browser
from postgres_copies import POSTGRES, PostgresCopies
from shelf import Shelf
from short_holds import watch_holds
from site_of_tests import Site, site_of
from sqlalchemy import make_url
from sqlite_copies import SqliteCopies
from together import (
    SYSTEMS,
    TogetherScheduling,
    begin_elsewhere,
    end_systems_but,
    leave_to_trials,
    put_systems_first,
)

from database.engine import Database
from database.upgrade import upgrade_database

ROOM = 1 << 30
"""Bytes free in memory from which on the files of the tests are kept there."""


def pytest_configure(config: pytest.Config) -> None:
    begin_elsewhere(config)
    _keep_files_in_memory()


def _keep_files_in_memory() -> None:
    """Keep the files of the tests in memory, where there is room and programs may run: no test cuts the power."""
    memory = Path("/dev/shm")  # noqa: S108
    if "PYTEST_DEBUG_TEMPROOT" in os.environ or not os.access(memory, os.W_OK):
        return
    room = os.statvfs(memory)
    if room.f_bavail * room.f_frsize >= ROOM and not room.f_flag & os.ST_NOEXEC:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(memory)


def _server() -> psycopg.Connection:
    url = make_url(POSTGRES).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True, connect_timeout=10)


@pytest.fixture(scope="session", autouse=True)
def one_compilation() -> Iterator[None]:
    """Each statement is compiled once for each kind of database, not for each test."""
    with pytest.MonkeyPatch.context() as patch:
        share_compilations(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def holds() -> Iterator[dict[str, float]]:
    """The longest that each action has held a write transaction so far; whatever is slow in one fails its test."""
    longest: dict[str, float] = {}
    with pytest.MonkeyPatch.context() as patch:
        watch_holds(patch, lambda who, seconds: longest.update({who: max(seconds, longest.get(who, 0.0))}))
        yield longest


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at the newest schema, copied for each test."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    db = Database(f"sqlite:///{file}")
    upgrade_database(db)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return file


@pytest.fixture(scope="session")
def sqlite_copies(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    """SQLite databases at the newest schema."""
    return SqliteCopies(tmp_path_factory.mktemp("copies"), sqlite_template)


@pytest.fixture(scope="session")
def postgres_copies() -> Iterator[PostgresCopies]:
    """PostgreSQL databases at the newest schema; skips without a server."""
    name = f"pp_template_{os.getpid()}"
    try:
        server = _server()
    except psycopg.OperationalError as error:
        pytest.skip(f"pas de serveur PostgreSQL pour ce test ({POSTGRES}) : {error}")
    with server:
        server.execute(f'CREATE DATABASE "{name}" STRATEGY wal_log')
        db = Database(make_url(POSTGRES).set(database=name).render_as_string(hide_password=False))
        upgrade_database(db)
        db.close()
        copies = PostgresCopies(POSTGRES, name)
        yield copies
        copies.close()
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database at the newest schema, empty: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "domain.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    copies: PostgresCopies = request.getfixturevalue("postgres_copies")
    url = copies.take()
    yield url
    copies.give_back(url)


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    """The domain database of the test."""
    database = Database(db_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def sqlite_shelf(sqlite_copies: SqliteCopies, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The story of the real project on SQLite, begun four days ago: for the pages, which look at the clock."""
    start = (datetime.now(UTC) - timedelta(days=4)).replace(hour=9, minute=0, second=0, microsecond=0)
    return Shelf(sqlite_copies, tmp_path_factory.mktemp("shelf"), start)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The story of the real project, played once on each kind of database, to be copied at any point."""
    copies = request.getfixturevalue("sqlite_copies" if request.param == "sqlite" else "postgres_copies")
    return Shelf(copies, tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def site(sqlite_shelf: Shelf) -> Iterator[Callable[[str], Site]]:
    """``site("charter in review")``: the pages, served over the project at that point, all one's own."""
    with ExitStack() as open_:

        def take(point: str, **settings: object) -> Site:
            cast = sqlite_shelf.take(point)
            open_.callback(sqlite_shelf.give_back, cast)
            return open_.enter_context(site_of(cast, **settings))

        yield take


@pytest.fixture
def api(sqlite_shelf: Shelf) -> Iterator[Callable[..., Api]]:
    """``api("charter in review")``: the JSON API over the project at that point, all one's own."""
    with ExitStack() as open_:

        def take(point: str, **settings: object) -> Api:
            cast = sqlite_shelf.take(point)
            open_.callback(sqlite_shelf.give_back, cast)
            return Api(cast, **settings)

        yield take


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """A real browser, started once for the tests of a file."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def at(shelf: Shelf) -> Iterator[Callable[[str], Cast]]:
    """``at("charter in review")``: the project and its people at that point (``shelf.POINTS``), all one's own."""
    taken: list[Cast] = []

    def take(point: str) -> Cast:
        taken.append(shelf.take(point))
        return taken[-1]

    yield take
    for cast in taken:
        shelf.give_back(cast)


@pytest.fixture
def have() -> Callable[[str], str]:
    """The path of a program that is no part of the product; the test is skipped, saying so, without it."""

    def find(program: str) -> str:
        found = shutil.which(program, path="/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin")
        if found is None:
            pytest.skip(f"« {program} » n’est pas installé")
        return found

    return find


def pytest_collection_finish() -> None:
    """Let the garbage collector forget what was imported, and look less often: it took a seventh of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    leave_to_trials(items)
    put_systems_first(items)


@pytest.hookimpl(trylast=True)  # after the fixtures of the test
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    end_systems_but(SYSTEMS.get(nextitem.path.name) if nextitem else None)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherScheduling | None:
    return TogetherScheduling(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Under a failure that involves a running system, the end of what its processes have said."""
    outcome: Any = yield
    report = outcome.get_result()
    if not report.failed:
        return
    for used in getattr(item, "funcargs", {}).values():
        folder = getattr(getattr(used, "system", used), "folder", None)
        for log in sorted((folder / "log").glob("*.log")) if isinstance(folder, Path) else []:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            report.sections.append((str(log), "\n".join(lines[-60:])))

"""What every test may ask for: a domain database of each kind, the real project, and its people.

The PostgreSQL half runs on the server of ``PROJET_PARTAGE_TEST_POSTGRES`` (by default postgres@127.0.0.1:5432)
and says plainly that it is left out when there is none.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from browser import chromium
from cast import Cast
from playwright.sync_api import Browser
from shelf import Shelf
from site_of_tests import Site, site_of
from sqlalchemy import make_url

from actions.upgrade_database import upgrade_database
from models.database import Database

POSTGRES = os.environ.get(
    "PROJET_PARTAGE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)


def _server() -> psycopg.Connection:
    url = make_url(POSTGRES).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True, connect_timeout=3)


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
def postgres_template() -> Iterator[str]:
    """A PostgreSQL database at the newest schema, copied for each test; skips without a server."""
    name = f"pp_template_{os.getpid()}"
    try:
        server = _server()
    except psycopg.OperationalError as error:
        pytest.skip(f"pas de serveur PostgreSQL pour ce test ({POSTGRES}) : {error}")
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        db = Database(make_url(POSTGRES).set(database=name).render_as_string(hide_password=False))
        upgrade_database(db)
        db.close()
        yield name
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database at the newest schema, empty: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "domain.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    template = request.getfixturevalue("postgres_template")
    name = f"pp_test_{os.getpid()}"
    with _server() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    """The domain database of the test."""
    database = Database(db_url)
    yield database
    database.close()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """The story of the real project, played once on each kind of database, to be copied at any point."""
    if request.param == "sqlite":
        template = f"sqlite:///{request.getfixturevalue('sqlite_template')}"
    else:
        name = request.getfixturevalue("postgres_template")
        template = make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    story = Shelf(request.param, tmp_path_factory.mktemp("shelf"), template)
    yield story
    story.close()


@pytest.fixture(scope="session")
def sqlite_shelf(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """The same story, for what does not depend on the kind of database: the pages."""
    story = Shelf("sqlite", tmp_path_factory.mktemp("shelf"), f"sqlite:///{sqlite_template}")
    yield story
    story.close()


@pytest.fixture
def site(sqlite_shelf: Shelf) -> Iterator[Callable[[str], Site]]:
    """``site("charter in review")``: the pages, served over the project at that point, all one's own."""
    with ExitStack() as open_:

        def take(point: str, **settings: object) -> Site:
            cast = sqlite_shelf.take(point)
            open_.callback(sqlite_shelf.give_back, cast)
            return open_.enter_context(site_of(cast, **settings))

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

"""What is answered while the database is away: what is away, what became of what was asked; and it comes back."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
import sqlalchemy as sa
from api import Api, problem
from cast import NIORT, SLUG, Cast
from command_line import CommandLine
from served import served
from shelf import Shelf
from site_of_tests import SECRET, site_of
from sqlalchemy import make_url

from database.engine import Database, FairQueue
from database.outage import OutageKind
from settings import Settings
from web.access.signed_in import COOKIE
from web.app import make_app
from web.server.outages import OutageLog

NOTE = "note_de_cadrage"
SIGN_OFFS = f"./stages/constitution/deliverables/{NOTE}/sign-offs"
NOTHING = "rien n’a été enregistré"
UNKNOWN = "nous ne savons pas si votre réponse a été enregistrée"
CUT = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def cut(db: Database) -> None:
    """PostgreSQL ends every connection to this database, as it does when it stops."""
    url = make_url(db.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as operator:
        operator.execute(CUT).fetchall()


@contextmanager
def cut_once(db: Database, event: str) -> Iterator[None]:
    """The connections are ended once, as the next transaction that writes comes to this event of the engine."""
    done = threading.Event()

    def act(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("writes") and not done.is_set():
            done.set()
            cut(db)

    sa.event.listen(db.engine, event, act)
    try:
        yield
        assert done.is_set()
    finally:
        sa.event.remove(db.engine, event, act)


@pytest.fixture(scope="session")
def postgres_shelf(postgres_copies: object, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The story on PostgreSQL; skips without a server."""
    return Shelf(postgres_copies, tmp_path_factory.mktemp("shelf"))  # type: ignore[arg-type]


@pytest.fixture
def on_postgres(postgres_shelf: Shelf) -> Iterator[Cast]:
    cast = postgres_shelf.take("constitution in review")
    yield cast
    postgres_shelf.give_back(cast)


@pytest.fixture
def held(sqlite_shelf: Shelf) -> Iterator[Cast]:
    """An SQLite database that another process holds longer than is waited for."""
    cast = sqlite_shelf.take("constitution in review")
    patient, cast.db = cast.db, Database(cast.db.url, busy_seconds=0.3)
    with ExitStack() as open_:
        open_.callback(sqlite_shelf.give_back, cast)
        open_.callback(setattr, cast, "db", patient)
        open_.callback(cast.db.close)
        yield cast


@contextmanager
def holding(db: Database) -> Iterator[None]:
    """Another program writes, and does not end."""
    other = sqlite3.connect(db.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.close()


def body_of(cast: Cast) -> dict[str, str]:
    return {"party": NIORT, "decision": "approved", "sha256": cast.deliverable(NOTE).sha256 or ""}


def fields_of(cast: Cast) -> dict[str, str]:
    sha256 = cast.deliverable(NOTE).sha256 or ""
    return {"partie": NIORT, "empreinte": sha256, "decision": "approved", "motif": ""}


def test_connections_that_postgresql_ended_are_replaced_unseen(on_postgres: Cast) -> None:
    here = Api(on_postgres)
    assert here.get(on_postgres.agent, ".").status_code == 200
    cut(on_postgres.db)
    assert here.get(on_postgres.agent, ".").status_code == 200
    cut(on_postgres.db)
    assert here.post(on_postgres.mayor(NIORT), SIGN_OFFS, json=body_of(on_postgres)).status_code == 201


def test_a_read_that_was_cut_short_is_asked_again(
    on_postgres: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    here, cuts = Api(on_postgres), iter([True])

    def act(connection: sa.Connection, *_statement: object) -> None:
        if next(cuts, False):
            cut(on_postgres.db)

    agent = on_postgres.agent
    here.token(agent)
    sa.event.listen(on_postgres.db.engine, "before_cursor_execute", act)
    assert here.get(agent, ".").status_code == 200
    assert next(cuts, None) is None
    assert not [each for each in caplog.records if each.exc_info]


def test_a_connection_lost_before_the_commit_records_nothing_and_says_so(
    on_postgres: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    here, body = Api(on_postgres), body_of(on_postgres)
    here.token(on_postgres.mayor(NIORT))
    here.get(on_postgres.mayor(NIORT), "/me")  # from here on the token's use is noted
    with cut_once(on_postgres.db, "begin"):
        answer = here.post(on_postgres.mayor(NIORT), SIGN_OFFS, json=body)
    failure = problem(answer)
    assert (failure["status"], failure["code"], answer.headers["retry-after"]) == (503, "database-away", "5")
    assert NOTHING in failure["detail"]
    assert on_postgres.sign_offs(NOTE) == []
    assert [each.message for each in caplog.records if each.exc_info] == []
    assert here.post(on_postgres.mayor(NIORT), SIGN_OFFS, json=body).status_code == 201


def test_a_connection_lost_at_the_commit_is_said_to_be_unknown_and_repeats_well(on_postgres: Cast) -> None:
    here, body = Api(on_postgres), body_of(on_postgres)
    mayor = on_postgres.mayor(NIORT)
    here.token(mayor)
    here.get(mayor, "/me")
    with cut_once(on_postgres.db, "commit"):
        failure = problem(here.post(mayor, SIGN_OFFS, json=body))
    assert (failure["status"], failure["code"]) == (503, "outcome-unknown")
    assert UNKNOWN in failure["detail"]
    assert here.post(mayor, SIGN_OFFS, json=body).status_code == 201
    assert len(on_postgres.sign_offs(NOTE)) == 1


def test_the_page_says_the_same_and_asks_to_check_before_beginning_again(on_postgres: Cast) -> None:
    with site_of(on_postgres) as site, site.client(on_postgres.mayor(NIORT)) as mayor:
        mayor.token()
        with cut_once(on_postgres.db, "commit"):
            answer = mayor.send(site.deliverable(NOTE), fields_of(on_postgres))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert UNKNOWN in answer.text
        assert "Vérifiez avant de recommencer" in answer.text
        assert "Content-Security-Policy" in answer.headers
        with cut_once(on_postgres.db, "begin"):
            answer = mayor.send(site.deliverable(NOTE), fields_of(on_postgres))
        assert NOTHING in answer.text.replace("\u00a0", " ")


def test_a_database_that_nobody_reaches_is_said_by_each_page_and_leaves_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.server.outages.PAUSES", ())
    monkeypatch.setattr("web.server.outages._LOG", OutageLog())
    away = Database("postgresql+psycopg://postgres@127.0.0.1:1/nulle_part")
    app = make_app(away, Settings(_env_file=None, data_dir=tmp_path, secret_key=SECRET))
    with served(app) as address, httpx.Client(base_url=address, trust_env=False) as somebody:
        somebody.cookies[COOKIE], somebody.headers["Authorization"] = "une session", "Bearer pp_inconnu"
        for path in ("/", f"/projets/{SLUG}", "/publics", "/api/v1/projects"):
            answer = somebody.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), path
            assert "La base de données ne répond pas" in answer.text
            assert NOTHING not in answer.text  # nothing was to be
        failure = problem(somebody.post(f"/api/v1/projects/{SLUG}/pause", json={"reason": "x"}))
        assert NOTHING in failure["detail"]
    away.close()
    assert len([each for each in caplog.records if each.name == "web.server.outages"]) == 1
    assert [each.message for each in caplog.records if each.exc_info] == []


def test_a_database_held_by_another_program_is_said_to_be_busy(
    held: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, body, fields = Api(held), body_of(held), fields_of(held)
    here.token(held.mayor(NIORT))
    with site_of(held) as site, site.client(held.mayor(NIORT)) as mayor:
        mayor.token()
        page = site.deliverable(NOTE)
        with holding(held.db):
            assert here.get(held.mayor(NIORT), ".").status_code == 200  # reading goes on
            failure = problem(here.post(held.mayor(NIORT), SIGN_OFFS, json=body))
            assert (failure["status"], failure["code"]) == (503, "database-busy")
            assert NOTHING in failure["detail"]
            answer = mayor.send(page, fields)
            assert answer.status_code == 503
            assert "La base de données est occupée" in answer.text
        assert held.sign_offs(NOTE) == []
        assert mayor.send(page, fields).status_code == 303


def test_the_command_line_says_the_same(held: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Database.__init__.__kwdefaults__, "busy_seconds", 0.3)
    cli = CommandLine(held.db, held.folder, monkeypatch)
    give = ["sign-off", "give", held.slug, "constitution", NOTE, "--party", NIORT]
    give += ["--as", held.mayor_email(NIORT), "--decision", "approved"]
    give += ["--sha256", held.deliverable(NOTE).sha256 or ""]
    with holding(held.db):
        refusal = cli.refused(*give)
    assert "La base de données est occupée" in refusal
    assert NOTHING in refusal


def test_nobody_waits_for_a_turn_longer_than_is_said() -> None:
    queue, begun = FairQueue(1, seconds=0.05), threading.Event()

    def wait() -> None:
        begun.set()
        with pytest.raises(sa.exc.TimeoutError), queue.turn():
            pass

    with queue.turn():
        thread = threading.Thread(target=wait)
        thread.start()
        begun.wait()
        thread.join()
    with queue.turn():  # who gave up left no place taken
        pass


def test_an_outage_has_one_line_then_one_every_half_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = [0.0]
    log = OutageLog(lambda: clock[0])
    with caplog.at_level(logging.WARNING):
        for second in (0, 1, 2, 29, 31):
            clock[0] = second
            log.tell(OutageKind.database_away, "OperationalError: the connection is lost")
        log.tell(OutageKind.disk_full, "OSError: no space")
    messages = [each.getMessage() for each in caplog.records]
    assert len(messages) == 3
    assert "et 3 demandes de plus" in messages[1]

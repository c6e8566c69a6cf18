"""How a fault of the machinery is reported: `/readyz`, the agents' board, `up`, and one mail to the operator."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import sqlalchemy as sa
from post_office import Post, open_post
from prefect_system import free_port, wait_until
from site_of_tests import Site

from actions.prefect.health import engine_probe
from actions.system.periodic_rounds import beat, complete_round
from commands.machinery_news import MachineryNews
from commands.tell_operator import OperatorMail
from database.engine import Database
from models.periodic_round import DELIVER_NOTICES, RECONCILE, RELAY, REMIND, RHYTHMS, RoundRunner
from models.tables import INCIDENT, PERIODIC_ROUND
from queries.system.machinery import DATABASE, ENGINE, MAIL, SECONDS_KEPT, Machinery, Part, check_machinery
from settings import Settings
from web.server.cached_value import CachedValue

At = Callable[..., Site]
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)  # ten o'clock in Paris
MINUTE = timedelta(minutes=1)
AWAY = "postgresql+psycopg://nobody@127.0.0.1:1/none"


def alive(db: Database, now: datetime) -> None:
    """The relay has been there for two hours, and each round has just completed."""
    for minutes in (*range(-120, 0), -0.1):
        beat(db, now=now + minutes * MINUTE)
    for name in RHYTHMS:
        complete_round(db, name, RoundRunner.flow, now=now - timedelta(seconds=5))


def names(machinery: Machinery) -> list[str]:
    return [part.name for part in machinery.not_well]


# What is not well


def test_all_is_well_and_each_part_has_its_last_date(db: Database) -> None:
    alive(db, MONDAY)
    machinery = check_machinery(db, lambda: True, now=MONDAY)
    assert machinery.is_well
    assert [part.name for part in machinery.parts] == [
        DATABASE,
        ENGINE,
        MAIL,
        RELAY,
        RECONCILE,
        REMIND,
        DELIVER_NOTICES,
    ]
    assert machinery.parts[4].last_at == MONDAY - timedelta(seconds=5)


def test_each_part_that_is_not_well_is_named(db: Database) -> None:
    alive(db, MONDAY)
    assert names(check_machinery(db, lambda: False, now=MONDAY)) == [ENGINE]
    later = MONDAY + timedelta(minutes=40)
    assert names(check_machinery(db, lambda: True, now=later)) == [
        RELAY,
        RECONCILE,
        REMIND,
        DELIVER_NOTICES,
    ]
    for seconds in range(0, 2400, 30):
        beat(db, now=MONDAY + timedelta(seconds=seconds))
    late = check_machinery(db, lambda: True, now=later)
    assert names(late) == [RECONCILE, REMIND, DELIVER_NOTICES]
    assert "la dernière fois le 30/11/2026 à 09:59" in late.not_well[0].text


def test_a_database_that_is_away_is_what_is_said() -> None:
    away = Database(AWAY)
    assert names(check_machinery(away, lambda: True, now=MONDAY)) == [DATABASE]


@contextmanager
def engine(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[Settings]:
    """Something at Prefect's port that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Settings(_env_file=None, prefect_port=server.server_port, prefect_auth="user:secret-of-tests")
        server.shutdown()


def test_an_engine_that_takes_questions_and_never_answers_is_not_well() -> None:
    silence = threading.Event()
    with engine(lambda _: silence.wait(60)) as settings:  # type: ignore[arg-type, return-value]
        assert engine_probe(settings)() is False
        silence.set()


def test_an_engine_that_says_it_cannot_is_not_well() -> None:
    with engine(lambda request: request.send_error(503)) as settings:
        assert engine_probe(settings)() is False


def test_however_many_ask_one_look_serves_them_all() -> None:
    looks: list[int] = []

    def look() -> Machinery:
        looks.append(1)
        return Machinery(())

    cached = CachedValue(look, SECONDS_KEPT)
    for _ in range(50):
        cached()
    assert len(looks) == 1


# The pages


def test_healthz_answers_whatever_the_rest_does(site: At) -> None:
    with site("charter in review").client() as anybody:
        answer = anybody.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readyz_names_what_is_not_well_and_then_that_all_is(site: At) -> None:
    with engine(_well) as settings:
        here = site("charter in review", prefect_port=settings.prefect_port)
        with here.client() as anybody:
            answer = anybody.get("/readyz")
            assert (answer.status_code, answer.json()["not_well"]) == (503, [RELAY])
            alive(here.cast.db, datetime.now(UTC))
            wait_until(lambda: anybody.get("/readyz").status_code == 200)
            report = anybody.get("/readyz").json()
            assert (report["ready"], report["not_well"]) == (True, [])
            assert report["parts"][RECONCILE]["well"]
            assert datetime.fromisoformat(report["parts"][RECONCILE]["last_at"]).tzinfo is not None
            assert "set-cookie" not in anybody.get("/readyz").headers


def _well(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "4")
    request.end_headers()
    request.wfile.write(b"true")


def test_readyz_names_the_engine_that_is_away(site: At) -> None:
    here = site("charter in review", prefect_port=free_port())
    alive(here.cast.db, datetime.now(UTC))
    with here.client() as anybody:
        answer = anybody.get("/readyz")
    assert (answer.status_code, answer.json()["not_well"]) == (503, [ENGINE])
    assert "Prefect" in answer.json()["parts"][ENGINE]["text"]


def test_the_agents_board_says_what_is_behind_and_nobody_else_s_does(site: At) -> None:
    here = site("charter in review")
    with here.client(here.cast.agent) as agent:
        assert "a pris du retard" not in agent.read("/projets")
        alive(here.cast.db, datetime.now(UTC))
        assert "a pris du retard" not in agent.read("/projets")
        with here.cast.db.write_statements() as connection:
            silent = datetime.now(UTC) - timedelta(minutes=10)
            connection.execute(
                sa.update(PERIODIC_ROUND).where(PERIODIC_ROUND.c.name == RELAY).values(completed_at=silent)
            )
        board = agent.read("/projets")
        assert "La plateforme a pris du retard" in board
        assert "Le relais ne donne plus signe de vie" in board
    with here.client(here.cast.contact("79191")) as contact:
        assert "a pris du retard" not in contact.read("/projets")


# The lines of `up`


def test_up_says_once_what_is_not_well_and_once_that_all_is_again() -> None:
    ill, well = Machinery((Part(ENGINE, "Le moteur ne répond pas."),)), Machinery((Part(ENGINE),))
    worse = Machinery((*ill.parts, Part(RECONCILE, "Rien n’est réparé.")))
    news = MachineryNews(lambda: well)

    def said(*looks: Machinery) -> list[str]:
        for look in looks:
            news.note(look)
        return list(iter(news.news, None))

    assert said(well, well) == []
    assert said(ill, well, ill, well) == []  # a restart has its own line
    assert said(ill, ill, ill) == ["Attention\u00a0: Le moteur ne répond pas."]
    assert said(worse, worse) == ["Attention\u00a0: Rien n’est réparé."]
    assert said(ill, ill) == []
    assert said(well, well, well) == ["Tout fonctionne de nouveau."]


# The mail to the operator

ILL = Machinery((Part(DATABASE), Part(ENGINE, "Le moteur (Prefect) ne répond pas.")))
WELL = Machinery((Part(DATABASE), Part(ENGINE)))
NO_DATABASE = Machinery((Part(DATABASE, "La base de données ne répond pas."), Part(ENGINE)))
OPERATOR = "exploitation@ville.example"


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post() as opened:
        yield opened


def operator_mail(post: Post, **changes: str) -> OperatorMail:
    values = {"operator_email": OPERATOR, "apprise_urls": post.url, "base_url": "https://projets.example"}
    return OperatorMail(Settings(_env_file=None, **(values | changes)))


def look(mails: list[OperatorMail], db: Database, machinery: Machinery, begin: float, end: float) -> None:
    """Each relay looks every ten seconds, from one minute to another."""
    for seconds in range(int(begin * 60), int(end * 60), 10):
        for mail in mails:
            mail.tell(db, machinery, now=MONDAY + timedelta(seconds=seconds))


def subjects(post: Post) -> list[str]:
    return [str(mail["Subject"]) for mail in post.mails]


BEHIND, WELL_AGAIN = "La plateforme a besoin de vous", "La plateforme fonctionne de nouveau"


def test_the_operator_is_told_once_by_several_relays_and_once_that_all_is_well_again(
    db: Database, post: Post
) -> None:
    relays = [operator_mail(post), operator_mail(post)]
    look(relays, db, ILL, 0, 1.9)
    assert subjects(post) == []
    look(relays, db, ILL, 1.9, 60)
    assert subjects(post) == [BEHIND]
    look(relays, db, WELL, 60, 61)  # what comes and goes is one incident
    look(relays, db, ILL, 61, 63)
    look(relays, db, WELL, 63, 64.5)
    assert subjects(post) == [BEHIND]
    look([operator_mail(post)], db, WELL, 64.5, 90)  # a relay that was started since
    assert subjects(post) == [BEHIND, WELL_AGAIN]
    look(relays, db, ILL, 90, 100)
    assert subjects(post) == [BEHIND, WELL_AGAIN, BEHIND]
    assert len(set(post.ids)) == 3
    assert all(f"<{OPERATOR}>" in str(mail["To"]) for mail in post.mails)
    body = post.mails[0].get_body(("plain",))
    assert body is not None
    assert "Le moteur (Prefect) ne répond pas." in body.get_content()
    assert "https://projets.example/" in body.get_content().split()


def test_what_recovers_within_two_minutes_is_not_mailed(db: Database, post: Post) -> None:
    relay = operator_mail(post)
    look([relay], db, ILL, 0, 1.5)
    look([relay], db, WELL, 1.5, 30)
    assert subjects(post) == []
    with db.read() as session:
        (row,) = session.connection().execute(sa.select(INCIDENT)).mappings()
    assert (row["not_well"], row["is_open"], row["told_at"]) == (ENGINE, None, None)


def test_a_mail_that_does_not_leave_is_tried_again_until_it_does(db: Database, post: Post) -> None:
    relay = operator_mail(post)
    post.answers["MAIL"] = ["451 plus tard"] * 3
    look([relay], db, ILL, 0, 4)
    assert subjects(post) == []
    assert len(post.answers["MAIL"]) == 1  # at most one try a minute
    look([relay], db, ILL, 4, 20)
    assert subjects(post) == [BEHIND]


def test_a_database_that_is_away_is_told_and_that_it_is_back(db: Database, post: Post) -> None:
    relay = operator_mail(post)
    look([relay], Database(AWAY), NO_DATABASE, 0, 30)
    assert subjects(post) == [BEHIND]
    look([relay], db, WELL, 30, 31)
    assert subjects(post) == [BEHIND]
    look([relay], db, WELL, 31, 40)
    assert subjects(post) == [BEHIND, WELL_AGAIN]


def test_without_an_address_nobody_is_written_to_and_the_incident_is_noted(db: Database, post: Post) -> None:
    relay = operator_mail(post, operator_email="")
    look([relay], db, ILL, 0, 10)
    look([relay], db, WELL, 10, 20)
    assert subjects(post) == []
    with db.read() as session:
        assert session.connection().scalar(sa.select(sa.func.count()).select_from(INCIDENT)) == 1

"""The logs: one JSON object per line for programs, a reference for each request, and no secret, name or address."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from api import Api
from cast import NIORT
from prefect_system import wait_until
from site_of_tests import Site

from logs import JsonLines, TextLines, doing, redact
from notifications.personal_links import PersonalLinks

IN_REVIEW = "constitution in review"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was logged since, as JSON lines."""
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler, root = Keep(), logging.getLogger()
    handler.setFormatter(JsonLines("web"))
    root.addHandler(handler)
    # Prefect, once imported by another test, keeps uvicorn's lines to itself; the pages never import it.
    monkeypatch.setattr(logging.getLogger("uvicorn"), "propagate", True)
    web = logging.getLogger("web")
    before, web.level = web.level, logging.INFO
    yield lambda: [json.loads(line) for line in written]
    root.removeHandler(handler)
    web.setLevel(before)


def requests_in(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["logger"] == "web.server.requests"]


def of(reference: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("request") == reference]


def test_a_request_is_one_line_with_its_reference_route_and_project(site: Any, lines: Any) -> None:
    at: Site = site(IN_REVIEW, log_format="json")
    with at.client(at.cast.agent) as agent:
        answer = agent.get(at.project)
    wait_until(lambda: requests_in(lines()) != [])  # written once the answer has left
    (line,) = requests_in(lines())
    assert line["request"] == answer.headers["X-Request-ID"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/projets/{slug}", 200)
    assert line["project"] == at.cast.slug
    assert line["ms"] > 0
    assert (line["level"], line["process"]) == ("INFO", "web")


def test_the_api_too(api: Any, lines: Any) -> None:
    program: Api = api(IN_REVIEW, log_format="json")
    program.get(program.cast.agent, ".")
    line = requests_in(lines())[-1]
    assert (line["route"], line["project"]) == ("/api/v1/projects/{slug}", program.cast.slug)


def test_for_people_only_our_failures_are_a_line(site: Any, lines: Any) -> None:
    at: Site = site(IN_REVIEW)
    with at.client() as visitor:
        visitor.get("/")
        visitor.get("/nulle-part")
    assert requests_in(lines()) == []


@pytest.mark.parametrize("theirs", ["short", "x" * 65, "un deux trois", "a;b=12345678", "<script>x</script>"])
def test_a_reference_that_is_none_is_replaced(site: Any, theirs: str) -> None:
    at: Site = site(IN_REVIEW)
    with at.client() as visitor:
        kept = visitor.get("/", headers={"X-Request-ID": "4bf92f3577b34da6"})
        drawn = visitor.get("/", headers={"X-Request-ID": theirs})
    assert kept.headers["X-Request-ID"] == "4bf92f3577b34da6"
    assert drawn.headers["X-Request-ID"] != theirs
    assert len(drawn.headers["X-Request-ID"]) == 12


def fail(*_: object, **__: object) -> None:
    raise RuntimeError("jean.dupont@niort.example a suivi /connexion/JETON-SECRET avec pp_0123456789abcdef")


def test_a_failure_is_found_again_by_its_reference_and_says_no_secret(
    site: Any, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at: Site = site(IN_REVIEW, log_format="json")
    monkeypatch.setattr("web.pages.home.list_public", fail)
    with at.client() as visitor:
        answer = visitor.get("/")
    assert answer.status_code == 500
    reference = answer.headers["X-Request-ID"]
    assert reference in answer.text
    wait_until(lambda: {line["level"] for line in of(reference, lines())} >= {"ERROR", "WARNING"})
    text = json.dumps(of(reference, lines()), ensure_ascii=False)
    assert "RuntimeError" in text
    for secret in ("jean.dupont", "JETON-SECRET", "0123456789abcdef"):
        assert secret not in text


def test_a_failure_of_the_api_says_its_reference(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    program: Api = api(IN_REVIEW)
    monkeypatch.setattr("web.api.projects.show_project", fail)
    answer = program.get(program.cast.agent, ".")
    assert answer.status_code == 500
    assert answer.json()["reference"] == answer.headers["X-Request-ID"]


def test_the_secrets_of_real_requests_are_in_no_line(site: Any, lines: Any) -> None:
    at: Site = site(IN_REVIEW, log_format="json")
    agent = at.cast.agent
    links = PersonalLinks("un secret d’essai, long et sans hasard", at.address)
    with at.client() as visitor:
        visitor.http.post("/connexion", data={"adresse": at.cast.mayor_email(NIORT), "suite": "/a-faire"})
        places = [
            links.calendar(agent.person_id, 1),
            links.frequency(agent.person_id, 1),
            f"{at.address}/connexion/0123456789-secret-0123456789",
            f"{at.address}/a-faire?qui=0123456789-secret",
            f"{at.address}/connexion/proconnect/retour?code=0123456789-secret&state=0123456789-secret",
            f"{at.address}/projets/{at.cast.slug}/0123456789-secret",
        ]
        for place in places:
            httpx.get(place, trust_env=False, headers={"Authorization": "Bearer pp_0123456789-secret"})
    wait_until(lambda: len(requests_in(lines())) == len(places) + 1)
    text = json.dumps(lines(), ensure_ascii=False)
    for place in places[:2]:
        assert place.rpartition("/")[2].removesuffix(".ics") not in text
    for secret in ("0123456789", at.cast.mayor_email(NIORT), "niort.example"):
        assert secret not in text


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("https://a.example/connexion/AbC-123?x=1", "https://a.example/connexion/…?x=1"),
        ("/agenda/AbC.ics et /courrier/arret/AbC", "/agenda/… et /courrier/…"),
        ("postgresql+psycopg://u:mot@de@hote/base", "postgresql+psycopg://u:…@hote/base"),
        ("mailtos://u:motdepasse@smtp.example?from=a@b.example", "mailtos://u:…@smtp.example?from=…@…"),
        ("Authorization: Bearer abcdef.ghi", "Authorization: Bearer …"),
        ("Key (email)=(zoe.blanc@ville.example) already exists", "Key (email)=(…@…) already exists"),
        ("password='motdepasse'", "password='…'"),
        ("l’étape 12 du projet democratie-culturelle", "l’étape 12 du projet democratie-culturelle"),
    ],
)
def test_what_is_secret_is_taken_out_of_a_line(line: str, kept: str) -> None:
    assert redact(line) == kept


def test_both_formats_say_what_is_being_done_and_redact_the_trace() -> None:
    try:
        fail()
    except RuntimeError:
        record = logging.LogRecord(
            "relay", logging.ERROR, __file__, 1, "raté : %s", ("a@b.example",), sys.exc_info()
        )
    with doing(request="4bf92f3577b3", project="democratie-culturelle"):
        text, line = TextLines().format(record), json.loads(JsonLines("relay").format(record))
    assert "[4bf92f3577b3] raté : …@…" in text
    assert (line["request"], line["project"], line["message"]) == (
        "4bf92f3577b3",
        "democratie-culturelle",
        "raté : …@…",
    )
    for written in (text, line["exc_info"]):
        assert "RuntimeError" in written
        assert "JETON-SECRET" not in written


def test_the_database_names_no_value_in_its_errors(db: Any) -> None:
    if not db.is_sqlite:
        pytest.skip("one kind is enough")
    with pytest.raises(sa.exc.SQLAlchemyError) as raised, db.read() as session:
        session.connection().execute(sa.text("SELECT * FROM nowhere WHERE email = :e"), {"e": "a@b.example"})
    assert "b.example" not in str(raised.value)


def test_prefect_s_own_processes_write_json_lines_too(tmp_path: Path) -> None:
    program = (
        "import logging, prefect; from prefect.logging import get_logger; "
        "from prefect.logging.configuration import setup_logging; setup_logging(); "
        "get_logger('worker').warning('écrit à a@b.example')"
    )
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "PREFECT_HOME": str(tmp_path),
        "PREFECT_LOGGING_SETTINGS_PATH": str(ROOT / "flows" / "logging-json.yml"),
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    line = json.loads(done.stderr.splitlines()[-1])
    assert (line["logger"], line["message"]) == ("prefect.worker", "écrit à …@…")


def test_the_mail_catcher_names_no_recipient(tmp_path: Path) -> None:
    program = (
        "import smtplib, sys; from pathlib import Path; from logs import set_up_logs; "
        "from notifications.mail_catcher import MailCatcher; set_up_logs('mail', 'text')\n"
        "with MailCatcher(Path(sys.argv[1])) as caught, smtplib.SMTP('127.0.0.1', caught.port) as smtp:\n"
        "    smtp.sendmail('a@b.example', ['zoe@ville.example'], 'Subject: x')\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "mail")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == ""

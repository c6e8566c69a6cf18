"""What every answer bears, what no page lets through, and how fast one may ask."""

import html
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from html.parser import HTMLParser

import httpx
import pytest
import sqlalchemy as sa
from asked_links import ask_for_link
from cast import Cast
from every_route import every_route
from pages_to_visit import Visits, pages
from served import served
from shelf import Shelf
from site_of_tests import SECRET

from settings import Settings
from web.access.rate import Rate
from web.access.signed_in import safe_path
from web.app import make_app
from web.server.protections import FORMS_AT_ONCE, HEADERS

TRAP = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
TYPED = {
    "person": ("name",),
    "shared_project": ("title", "theme", "status_reason"),
    "signature_delegation": ("order_reference",),
    "meeting": ("title", "place", "agenda"),
    "party": ("name", "local_project"),
    "commitment": ("text", "holder", "evidence"),
    "consultation_strand": ("title", "summary"),
    "contractor": ("name",),
    "deliverable": ("title",),
    "party_deadline": ("reason",),
    "recorded_act": ("file_name",),
    "deliverable_version": ("file_name", "minor_reason", "change_note"),
    "comment": ("text", "withdrawn_reason"),
    "publication": ("title",),
    "sign_off": ("reason",),
    "api_token": ("name",),
}
"""What people type and pages show; a name of a file too is somebody's."""


@pytest.fixture(scope="module")
def visits(sqlite_shelf: Shelf) -> Iterator[Visits]:
    with ExitStack() as open_:
        yield Visits(sqlite_shelf, open_)


class Alive(HTMLParser):
    """What would run or dress itself in a page: scripts and styles within it, handlers, ``javascript:`` links."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attrs}
        if tag == "style" or (tag == "script" and "src" not in names):
            self.seen.append(tag)
        self.seen += [name for name in names if name.startswith("on") or name == "style"]
        self.seen += [
            name for name, value in names.items() if value.strip().lower().startswith("javascript:")
        ]

    @classmethod
    def found(cls, text: str) -> list[str]:
        reader = cls()
        reader.feed(text)
        return reader.seen


def set_traps(cast: Cast) -> None:
    """Write the trap wherever somebody typed something, as if every check of what is typed had failed."""
    with cast.db.write() as session:
        for table, columns in TYPED.items():
            for column in columns:
                session.connection().execute(
                    sa.text(f"UPDATE {table} SET {column} = :trap WHERE {column} IS NOT NULL"),  # noqa: S608
                    {"trap": TRAP},
                )


@pytest.mark.trials
def test_what_people_type_is_text_on_every_page_and_no_page_runs_anything_of_its_own(
    sqlite_shelf: Shelf,
) -> None:
    shown: set[str] = set()
    with ExitStack() as open_:
        visits = Visits(sqlite_shelf, open_)
        for site in visits.sites():
            set_traps(site.cast)
        for route in pages():
            path = visits.address(route)
            for name in ("agent", "mayor", "contact", "nobody"):
                answer = visits.ask(route, name)
                if not answer.headers.get("content-type", "").startswith("text/html"):
                    continue
                assert Alive.found(answer.text) == [], f"{path} ({name})"
                if "<script>alert(1)" in html.unescape(answer.text):
                    shown.add(route.path)
    assert len(shown) >= 8, f"le piège ne se montre que sur {shown} : il n’éprouve plus rien"


def test_every_answer_bears_the_headers_whatever_it_is(visits: Visits) -> None:
    for route in every_route():
        answer = visits.ask(route, "agent")
        assert "default-src 'none'" in answer.headers["content-security-policy"], f"{route}"
        for name in set(HEADERS) - {"Content-Security-Policy", "X-Robots-Tag", "Cache-Control"}:
            assert name in answer.headers, f"{route} : {name}"
        assert "server" not in answer.headers
    site = visits.sites()[0]
    for path in ("/static/style.css", "/nulle-part", "/api/v1/projects", "/projets/../../etc/passwd"):
        answer = httpx.get(site.address + path, trust_env=False)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["content-security-policy"], path


def test_pages_are_kept_by_no_browser(visits: Visits) -> None:
    site = visits.sites()[0]
    assert httpx.get(f"{site.address}/", trust_env=False).headers["cache-control"] == "no-store"


def test_the_trap_is_seen_where_it_works() -> None:
    assert Alive.found(f"<p>{TRAP}") == ["script", "onerror"]
    assert Alive.found(f'<p title="{TRAP}">') == ["onerror"]
    assert Alive.found(f"<p>{html.escape(TRAP)}") == []


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://piege.example",
        "//piege.example",
        "/\\piege.example",
        "/ok\\..\\piege",
        "\\\\piege.example",
        "javascript:alert(1)",
        "/\npiege.example",
        "/connexion/unjeton",
        "",
        "projets",
    ],
)
def test_nobody_is_led_out_of_our_pages(elsewhere: str) -> None:
    assert safe_path(elsewhere) == "/a-faire"


def test_a_page_of_ours_is_led_to() -> None:
    assert safe_path("/projets/democratie-culturelle?page=2") == "/projets/democratie-culturelle?page=2"


def test_forms_that_come_too_fast_from_one_address_wait_once_published(
    sqlite_shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = sqlite_shelf.take("met")
    settings = Settings(
        _env_file=None, data_dir=cast.folder, secret_key=SECRET, base_url="https://projets.example"
    )
    monkeypatch.setattr("web.app.FORMS_BY_SECOND", 0.001)  # none is given back, however slow the machine is
    with (
        served(make_app(cast.db, settings)) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as anybody,
    ):
        *answers, late = [anybody.post("/connexion/inconnu") for _ in range(FORMS_AT_ONCE + 1)]
        assert {answer.status_code for answer in answers} == {404}
        assert late.status_code == 429
        assert int(late.headers["retry-after"]) >= 1
        assert "trop à la fois" in late.text.replace("\N{NO-BREAK SPACE}", " ")
        assert anybody.get("/").status_code == 200
    sqlite_shelf.give_back(cast)


def test_a_bucket_fills_with_time_and_is_forgotten_once_full() -> None:
    now = [0.0]
    rate = Rate(burst=2, by_second=1.0, clock=lambda: now[0])
    assert [rate.wait("198.51.100.7") for _ in range(3)] == [0.0, 0.0, 1.0]
    assert rate.wait("198.51.100.8") == 0.0
    now[0] = 1.0
    assert rate.wait("198.51.100.7") == 0.0
    now[0] = 100.0
    for number in range(20_002):
        rate.wait(number)
        now[0] += 1
    assert len(rate._buckets) <= 10_001


def test_over_tls_the_session_is_of_this_host_alone(sqlite_shelf: Shelf) -> None:
    cast = sqlite_shelf.take("met")
    settings = Settings(
        _env_file=None, data_dir=cast.folder, secret_key=SECRET, base_url="https://projets.example"
    )
    with served(make_app(cast.db, settings)) as address:
        link = ask_for_link(cast.db, "camille.roussel@anct.example", now=datetime.now(UTC))
        assert link
        answer = httpx.post(f"{address}/connexion/{link.token}", trust_env=False)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    for word in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    sqlite_shelf.give_back(cast)

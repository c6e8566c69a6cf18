"""Style sheets and scripts: kept for a year under the address of their content, minified, compressed; and which pages
are compressed too: those that anybody may read, and no other."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from browser import chromium
from served import served
from site_of_tests import Site
from starlette.datastructures import Headers

from web.mail_catcher.page import make_mail_page
from web.server.compression import takes_gzip
from web.server.protections import HEADERS
from web.server.static_files import STATIC, FingerprintedFiles, static_address

TEMPLATES = STATIC.parent / "templates"
A_YEAR = "public, max-age=31536000, immutable"
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The local mail page, which has the same style sheets and needs no database."""
    with (
        served(make_mail_page(tmp_path_factory.mktemp("mail"))) as address,
        httpx.Client(base_url=address, trust_env=False) as client,
    ):
        yield client


def kept(answer: httpx.Response) -> str:
    assert answer.status_code in (200, 304)
    return answer.headers["cache-control"]


def test_a_page_names_its_files_by_their_content_and_a_browser_keeps_them_for_a_year(
    here: httpx.Client,
) -> None:
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', here.get("/").text)
    assert len(addresses) == 3
    for address in [*addresses, *re.findall(r"/static/[^\"]+", here.get(addresses[1]).text)]:
        assert re.fullmatch(r"/static/[a-z.]+\?v=[0-9a-f]{16}", address)
        assert kept(here.get(address)) == A_YEAR


def test_no_template_names_a_file_without_its_content() -> None:
    assert [page.name for page in TEMPLATES.glob("*.html") if '"/static/' in page.read_text("utf-8")] == []


@pytest.mark.parametrize("query", ["?v=0123456789abcdef", "?v=", "{right}&v=0123456789abcdef", "?w=1"])
def test_the_address_of_another_content_is_asked_again_each_time(here: httpx.Client, query: str) -> None:
    right = static_address("style.css")
    answer = here.get(f"/static/style.css{query.format(right=right.removeprefix('/static/style.css'))}")
    assert kept(answer) == "public, no-cache"
    assert answer.content == here.get(right).content


def test_the_plain_address_answers_for_ten_minutes(here: httpx.Client) -> None:
    assert kept(here.get("/static/style.css")) == "public, max-age=600"


def test_a_file_that_changes_changes_its_address(tmp_path: Path) -> None:
    sheet = tmp_path / "a.css"
    sheet.write_text("p { color: red }", "utf-8")
    before = static_address("a.css", tmp_path, "")
    with served(FingerprintedFiles(directory=tmp_path)) as origin:
        assert kept(httpx.get(origin + before, trust_env=False)) == A_YEAR
        sheet.write_text("p { color: green }", "utf-8")
        late = httpx.get(origin + before, trust_env=False)
        static_address.cache_clear()  # as a process that starts
        assert kept(httpx.get(origin + static_address("a.css", tmp_path, ""), trust_env=False)) == A_YEAR
    assert (late.text, kept(late)) == ("p { color: green }", "public, no-cache")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_what_has_not_changed_is_not_sent_again_and_its_headers_stay(
    here: httpx.Client, encoding: str
) -> None:
    asked, address = {"Accept-Encoding": encoding}, static_address("style.css")
    whole = here.get(address, headers=asked)
    again = here.get(address, headers=asked | {"If-None-Match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for name in {*HEADERS, "Cache-Control", "ETag", "Vary"}:
        assert again.headers[name] == whole.headers[name]


def test_each_form_of_a_file_has_its_own_name_for_caches(here: httpx.Client) -> None:
    address = static_address("style.css")
    packed, plain = here.get(address), here.get(address, headers=PLAIN)
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) < len(plain.content) / 4
    other = here.get(address, headers=PLAIN | {"If-None-Match": packed.headers["etag"]})
    assert other.status_code == 200


def test_a_part_of_a_sheet_is_answered_by_the_whole(here: httpx.Client) -> None:
    answer = here.get(static_address("style.css"), headers=PLAIN | {"Range": "bytes=0-9"})
    assert (answer.status_code, len(answer.content) > 10_000) == (200, True)
    assert "accept-ranges" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "takes"),
    [
        ("", False),
        ("br, gzip", True),
        ("GZIP;q=0.5", True),
        ("gzip;q=0, *", False),
        ("gzip; q=0.000", False),
        ("*", True),
        ("identity, *;q=0", False),
        ("x-notgzip", False),
    ],
)
def test_gzip_is_for_who_takes_it(asked: str, takes: bool) -> None:
    assert takes_gzip(Headers({"accept-encoding": asked})) is takes


def test_a_minified_sheet_has_the_rules_of_its_source(here: httpx.Client) -> None:
    # A custom property is kept as it is written: the spaces after its commas, which mean nothing, do not count.
    rules = "[...document.styleSheets[0].cssRules].map(rule => rule.cssText.replaceAll(', ', ','))"
    with chromium() as browser:
        page = browser.new_page()
        for name in ("neutral.css", "style.css", "with-dsfr.css"):
            source = (
                (STATIC / name).read_text("utf-8").replace("/static/icon.svg", static_address("icon.svg"))
            )
            sent = here.get(static_address(name)).text
            assert len(sent) < 0.9 * len(source)
            read = []
            for text in (source, sent):
                page.set_content(f"<style>{text}</style>")
                read.append(page.evaluate(rules))
            assert read[0] == read[1]
            assert len(read[0]) > 5


def test_only_pages_that_hold_no_secret_are_compressed(site: Callable[..., Site]) -> None:
    there = site("charter in review")
    with there.client() as anybody, there.client(there.cast.agent) as agent:
        for path in ("/", "/publics", "/aide/villes", "/mentions-legales", "/api/v1/openapi.json"):
            answer = anybody.get(path)
            assert answer.headers["content-encoding"] == "gzip", path
            assert "Accept-Encoding" in answer.headers["vary"], path
            plain = anybody.get(path, headers={"Accept-Encoding": "gzip;q=0"})
            assert "content-encoding" not in plain.headers, path
            assert plain.content == answer.content, path
            known = anybody.get(path, headers={"Cookie": "session=une-autre"})
            assert "content-encoding" not in known.headers, path
        for path in ("/connexion?suite=/projets", "/nulle-part", "/aide/images/villes-valider.png"):
            assert "content-encoding" not in anybody.get(path).headers, path
        for path in (there.project, "/recherche?mots=charte", "/aide", "/mon-compte"):
            answer = agent.get(path)
            assert answer.status_code == 200, path
            assert "content-encoding" not in answer.headers, path

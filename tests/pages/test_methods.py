"""HEAD answers wherever GET does, with its headers and rights and no body; an address says what it can be asked."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from api import PATH
from served import served
from site_of_tests import Site, alike

from web.access.proconnect import CALLBACK
from web.mail_catcher.page import make_mail_page


@pytest.fixture
def here(site: Callable[[str], Site]) -> Iterator[httpx.Client]:
    """Nobody in particular."""
    with site("charter in review").client() as anybody:
        yield anybody.http


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/projets/democratie-culturelle",
        "/static/style.css",
        f"{PATH}/openapi.json",
        f"{PATH}/projects",
        f"{PATH}/problems",
        "/nulle-part",
        "/healthz",
        "/readyz",
        "/deconnexion/proconnect",
    ],
)
def test_head_is_get_without_its_body(here: httpx.Client, path: str) -> None:
    get, head = here.get(path), here.head(path, headers={"Range": "bytes=0-9"})
    assert alike(get, head)
    assert head.headers["content-length"] == get.headers["content-length"]


def test_head_has_the_rights_of_its_reader(site: Callable[[str], Site]) -> None:
    review = site("charter in review")
    path = review.deliverable("charte")
    with review.client(review.cast.agent) as agent, review.client() as anybody:
        assert agent.http.head(path).status_code == 200
        assert anybody.http.head(path).headers["location"].startswith("/connexion")


def test_a_file_is_not_read_for_its_head(here: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = "/aide/images/villes-valider.png"
    whole = here.get(picture)
    monkeypatch.setattr("anyio.open_file", None)
    assert alike(whole, here.head(picture))


def test_the_address_that_uses_up_what_proconnect_gave_knows_get_alone(here: httpx.Client) -> None:
    head = here.head(CALLBACK)
    assert (head.status_code, head.headers["allow"]) == (405, "GET, OPTIONS")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/connexion", "GET, POST, HEAD, OPTIONS"),
        ("/deconnexion", "POST, OPTIONS"),
        ("/static/style.css", "GET, HEAD"),
        ("/", "GET, HEAD, OPTIONS"),
    ],
)
def test_an_address_says_every_method_it_knows(here: httpx.Client, path: str, allowed: str) -> None:
    refused, asked = here.request("PATCH", path), here.options(path)
    assert (refused.status_code, refused.headers["allow"]) == (405, allowed)
    assert (asked.status_code, asked.headers["allow"], asked.content) == (204, allowed, b"")
    assert asked.headers["x-content-type-options"] == "nosniff"


def test_the_local_mail_page_answers_head_too(tmp_path: Path) -> None:
    with served(make_mail_page(tmp_path)) as address:
        get, head = httpx.get(address, trust_env=False), httpx.head(address, trust_env=False)
    assert get.status_code == 200
    assert alike(get, head)

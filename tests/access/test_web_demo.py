"""The page of the demonstration's people: a click to be one of them, and only where no mail leaves."""

from collections.abc import Callable

import httpx
import pytest
from site_of_tests import Site
from sqlmodel import select

from models.person import AuthMethod
from models.web_session import WebSession
from settings import Settings

At = Callable[..., Site]


def test_one_click_makes_one_of_its_people_and_says_so(site: At) -> None:
    here = site("charter in review")
    with here.client() as somebody:
        shown = somebody.read("/demo")
        mayor = here.cast.mayor("79191")
        assert mayor.name in shown
        answer = somebody.send(f"/demo/{mayor.person_id}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/a-faire")
        page = somebody.read("/a-faire")
        assert f"Vous êtes maintenant {mayor.name}" in page
        assert f"Vous êtes maintenant {mayor.name}" not in somebody.read("/a-faire")
    with here.cast.db.read() as session:
        assert session.exec(select(WebSession.auth_method)).all()[-1] is AuthMethod.demonstration


def test_an_agent_begins_with_the_board(site: At) -> None:
    here = site("met")
    with here.client() as somebody:
        answer = somebody.send(f"/demo/{here.cast.agent.person_id}")
    assert answer.headers["location"] == "/projets"


@pytest.mark.parametrize(
    "settings",
    [{"apprise_urls": "mailto://localhost"}, {"base_url": "https://projets.example"}, {"demo": False}],
)
def test_it_is_not_there_where_mail_leaves_or_a_name_is_public(site: At, settings: dict[str, object]) -> None:
    here = site("met", **settings)
    with here.client() as somebody:
        assert somebody.get("/demo").status_code == 404
        assert "/demo" not in somebody.read("/")
        assert somebody.http.post(f"/demo/{here.cast.agent.person_id}").status_code == 404


def test_a_page_of_another_site_neither_reads_nor_submits_it(site: At) -> None:
    here = site("met")
    port = here.address.rpartition(":")[2]
    path = f"{here.address}/demo/{here.cast.agent.person_id}"
    other_name = httpx.get(f"{here.address}/demo", headers={"Host": f"piege.example:{port}"}, trust_env=False)
    assert other_name.status_code == 404
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://piege.example"},
        {"Origin": "null"},
        {"Origin": "http://[x"},
    ):
        assert httpx.post(path, headers=headers, trust_env=False).status_code == 403
    assert httpx.post(path, headers={"Origin": here.address}, trust_env=False).status_code == 303


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"])
def test_a_proxy_brings_nobody_to_it_even_under_a_name_of_ours(site: At, header: str) -> None:
    here = site("met")
    brought = {header: "198.51.100.7"}
    read = httpx.get(f"{here.address}/demo", headers=brought, trust_env=False)
    path = f"{here.address}/demo/{here.cast.agent.person_id}"
    pressed = httpx.post(path, headers=brought, trust_env=False)
    assert (read.status_code, pressed.status_code) == (404, 404)


def test_it_is_off_by_default_once_published() -> None:
    assert Settings(_env_file=None).is_demo
    assert not Settings(_env_file=None, base_url="https://projets.example").is_demo

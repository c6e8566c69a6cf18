"""What a French public site must say of itself, as its operator filled it in, or plainly not yet."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from site_of_tests import Site

from models.web_session import IDLE_LIFE, LINK_LIFE

Sites = Callable[..., Site]
PAGES = ("/accessibilite", "/mentions-legales", "/donnees-personnelles", "/licence")
TOLD = {
    "publisher": "Ville d’Essai, 1 place de la Mairie, 00000 Essai",
    "publisher_director": "Claude Essai",
    "publisher_host": "Hébergeur d’Essai, 2 rue du Câble, 00000 Essai, 01 02 03 04 05",
    "publisher_contact": "projets@essai.example",
}


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_linked_from_the_foot_of_every_page_and_open_to_anybody(site: Sites, path: str) -> None:
    with site("met").client() as anybody:
        assert f'href="{path}"' in anybody.read("/connexion")
        assert len(re.findall("<h1>", anybody.read(path))) == 1


def test_what_the_operator_said_stands_on_the_pages(site: Sites) -> None:
    with site("met", **TOLD).client() as anybody:
        notice, data = anybody.read("/mentions-legales"), anybody.read("/donnees-personnelles")
        statement = anybody.read("/accessibilite")
    for sentence in TOLD.values():
        assert sentence in notice.replace("\N{NO-BREAK SPACE}", " ")
    assert TOLD["publisher"] in data
    assert f'href="mailto:{TOLD["publisher_contact"]}"' in statement
    assert "à compléter" not in notice + data + statement


def test_what_the_operator_has_not_said_is_said_to_be_missing(site: Sites) -> None:
    with site("met").client() as anybody:
        for path, many in (("/mentions-legales", 4), ("/donnees-personnelles", 3), ("/accessibilite", 2)):
            assert anybody.read(path).count("à compléter par l’exploitant") == many


def test_the_statement_claims_no_conformity_that_no_audit_gave(site: Sites) -> None:
    with site("met").client() as anybody:
        assert "Accessibilité : non conforme" in anybody.read("/").replace("\N{NO-BREAK SPACE}", " ")
        statement = anybody.read("/accessibilite")
    assert "<strong>non conforme</strong>" in statement
    assert "Défenseur des droits" in statement


def test_the_durations_told_are_those_of_the_code(site: Sites) -> None:
    with site("met").client() as anybody:
        text = anybody.read("/donnees-personnelles").replace("\N{NO-BREAK SPACE}", " ")
    assert f"pendant {LINK_LIFE.seconds // 60} minutes" in text
    assert f"{IDLE_LIFE.seconds // 3600} heures sans activité" in text


def test_security_txt_names_the_contact_and_a_date_within_the_year(site: Sites) -> None:
    with site("met", **TOLD).client() as anybody:
        answer = anybody.get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:projets@essai.example"
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=366)


def test_without_a_contact_there_is_no_security_txt(site: Sites) -> None:
    with site("met").client() as anybody:
        assert anybody.get("/.well-known/security.txt").status_code == 404


def test_only_what_is_public_may_be_found_by_search_engines(site: Sites) -> None:
    here = site("met")
    with here.client(here.cast.agent) as agent:
        robots = agent.read("/robots.txt")
        assert "Disallow: /\n" in robots
        for path in ("/accessibilite", "/aide", "/publics", "/licence"):
            assert "x-robots-tag" not in agent.get(path).headers
            assert f"Allow: {path}\n" in robots, "who may index a page may fetch it"
        assert "x-robots-tag" not in agent.get("/").headers
        for path in ("/a-faire", "/connexion", "/publicsecret"):
            assert agent.get(path).headers["x-robots-tag"] == "noindex, nofollow"
            assert path not in robots

"""What anybody may read: what projects published, the first page, the help and its guides; nothing personal there."""

import hashlib
import re
from collections.abc import Callable

import pytest
from cast import BOURGES, NIORT
from site_of_tests import Site

from models.person import Person

At = Callable[..., Site]
PUBLIC_PATHS = ("/", "/publics", "/publics/democratie-culturelle", "/aide", "/aide/villes", "/aide/agents")


def test_a_published_project_is_read_by_anybody_with_licence_size_and_hash(site: At) -> None:
    here = site("over")
    with here.client() as nobody:
        shown = nobody.read(f"/publics/{here.cast.slug}")
        documents = re.findall(r'<a href="(/publics/[^"]+/documents/[0-9]+)">', shown)
        assert len(documents) == 5
        for path in documents:
            content = nobody.get(path).content
            assert f"<code>{hashlib.sha256(content).hexdigest()}</code>" in shown
    assert "Licence Ouverte 2.0 · 1\u00a0ko" in shown or "Licence Ouverte 2.0 · 1 ko" in shown
    assert "Mantes-la-Jolie, Niort, Bourges, Guichen" in shown


def test_what_has_published_nothing_is_not_there(site: At) -> None:
    here = site("lessons open")
    with here.client() as nobody:
        assert "Aucun projet n’a encore publié" in nobody.read("/publics")
        assert nobody.get(f"/publics/{here.cast.slug}").status_code == 404
        assert here.cast.slug not in nobody.get("/sitemap.xml").text
        assert "Démocratie" not in nobody.read("/")


def test_public_pages_name_no_person_and_are_for_search_engines(site: At) -> None:
    here = site("over")
    people: list[Person] = list(here.cast.all(Person))  # type: ignore[arg-type]
    with here.client() as nobody:
        for path in PUBLIC_PATHS:
            answer = nobody.get(path)
            assert answer.status_code == 200
            assert "X-Robots-Tag" not in answer.headers
            assert f'<link rel="canonical" href="http://localhost:8000{path}">' in answer.text
            for person in people:
                assert person.name not in answer.text
                assert person.email not in answer.text
        assert f"<loc>http://localhost:8000/publics/{here.cast.slug}</loc>" in nobody.get("/sitemap.xml").text


def test_the_help_gives_its_agent_to_who_is_in_the_project_and_to_nobody_else(site: At) -> None:
    here = site("met")
    address = "mailto:camille.roussel@anct.example"
    for person in (here.cast.contact(NIORT), here.cast.mayor(BOURGES), here.cast.observer):
        with here.client(person) as somebody:
            assert address in somebody.read("/aide")
    with here.client(here.cast.outsider) as somebody, here.client() as nobody:
        assert address not in somebody.read("/aide")
        assert address not in nobody.read("/aide")
    here.cast.change("cancel")
    with here.client(here.cast.contact(NIORT)) as somebody:
        assert address not in somebody.read("/aide")


@pytest.mark.parametrize("name", ["villes", "agents"])
def test_a_guide_is_a_page_with_its_pictures_and_every_page_leads_to_the_help(site: At, name: str) -> None:
    with site("met").client() as nobody:
        shown = nobody.read(f"/aide/{name}")
        assert shown.count("<h1>") == 1
        assert "**" not in shown
        assert "](" not in shown
        pictures = re.findall(r'<img src="(/aide/images/[^"]+)" alt="[^"]+"', shown)
        assert pictures
        for path in pictures:
            answer = nobody.get(path)
            assert answer.headers["content-type"] == "image/png"
            assert answer.content.startswith(b"\x89PNG")
        assert 'href="/aide"' in shown
        assert nobody.get("/aide/autre").status_code == 404
        assert nobody.get("/aide/images/autre.png").status_code == 404
        assert nobody.get("/aide/images/..%2f..%2fREADME.png").status_code == 404


def test_the_first_page_leads_where_its_reader_goes(site: At) -> None:
    here = site("over")
    with here.client() as nobody, here.client(here.cast.agent) as agent:
        first, mine = nobody.read("/"), agent.read("/")
    assert 'class="fr-btn" href="/connexion"' in first
    assert f'href="/publics/{here.cast.slug}"' in first
    assert 'class="fr-btn" href="/a-faire"' in mine

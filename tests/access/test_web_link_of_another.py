"""A sign-in link opened in somebody else's session says so; and a session of ProConnect is left there too."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from cast import BOURGES, NIORT
from other_readers import NOTE, fields, link_of, names
from proconnect_door import Door, form_token
from site_of_tests import SECRET, Site, plain

from models.person import Person
from notifications.personal_links import PersonalLinks

pytest_plugins = ["proconnect_fixtures"]


@pytest.fixture
def review(site: Callable[..., Site]) -> Site:
    return site("constitution in review")


def test_a_sign_in_link_in_another_s_session_says_so_and_pressing_it_ends_that_session(review: Site) -> None:
    mayor, other = names(review)
    link = link_of(review, review.cast.mayor(NIORT))
    with review.client(review.cast.mayor(BOURGES)) as desk:
        kept = dict(desk.http.cookies)
        page = plain(unescape(desk.read(link)))
        assert f"Ce message était pour {mayor} ; vous êtes {other} dans ce navigateur." in page
        assert f"Entrer comme {mayor}" in page
        assert f"Rester {other}" in page
        assert other in unescape(desk.read("/mon-compte"))
        assert desk.http.post(link).status_code == 303
        assert mayor in unescape(desk.read("/mon-compte"))
    with review.client() as again:
        again.http.cookies.update(kept)
        assert again.get("/mon-compte").status_code == 303


def test_one_s_own_sign_in_link_says_good_day(review: Site) -> None:
    link = link_of(review, review.cast.mayor(NIORT))
    for who in (review.cast.mayor(NIORT), None):
        with review.client(who) as desk:
            page = plain(unescape(desk.read(link)))
            assert f"Bonjour {names(review)[0]}" in page
            assert "Ce message était pour" not in page


def test_a_session_of_proconnect_is_left_there_too_before_another_signs_in(door: Door) -> None:
    cast = door.cast
    with cast.db.read() as session:
        other = session.get_one(Person, cast.mayor(BOURGES).person_id)
    path = f"/projets/{cast.slug}/livrables/{cast.deliverable(NOTE).id}"
    mail = PersonalLinks(SECRET, "").for_reader(path, other.id or 0, other.links_version)
    with door.person() as person:
        door.enter(person)
        page = person.get(mail)
        assert page.status_code == 409
        left = person.post("/deconnexion", data=fields(page.text) | {"jeton": form_token(person)})
        assert left.status_code == 200
        way_out = re.search(r'href="([^"]+)">Quitter ProConnect', left.text)
        assert way_out
        state = parse_qs(urlsplit(unescape(way_out[1])).query)["state"][0]
        back = person.get(f"/deconnexion/proconnect?state={state}").headers["location"]
        assert back.startswith("/connexion?suite=")
        assert f'value="{other.email}"' in person.get(back).text

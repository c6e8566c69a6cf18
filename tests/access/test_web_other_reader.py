"""A mail opened in somebody else's session says whose it was before anything can be signed."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from asked_links import ask_for_link
from cast import BOURGES, NIORT
from judges import barriers, faults_of_html
from other_readers import NOTE, fields, link_of, mail_link, names, person
from playwright.sync_api import Browser
from site_of_tests import SECRET, Site, Visitor, plain

from actions.access.sign_in import open_session
from actions.people.personal_link import renew_links
from models.person import SYSTEM, AuthMethod
from models.web_session import LONGEST_PATH, WebSession
from notifications.personal_links import PersonalLinks


@pytest.fixture
def review(site: Callable[..., Site]) -> Site:
    return site("constitution in review")


def says_whose_it_was(site: Site, page: str) -> None:
    mayor, other = names(site)
    assert f"Ce message était pour {mayor} ; vous êtes {other} dans ce navigateur." in plain(unescape(page))
    assert 'name="decision"' not in page
    assert "empreinte" not in page


def answer(site: Site) -> dict[str, str]:
    note = site.cast.deliverable(NOTE)
    return {"partie": BOURGES, "empreinte": note.sha256 or "", "decision": "approved"}


def test_a_mail_in_another_s_session_says_whose_it_was_and_shows_nothing_to_sign(review: Site) -> None:
    with review.client(review.cast.mayor(BOURGES)) as other:
        page = other.get(mail_link(review, review.cast.mayor(NIORT)))
        assert page.status_code == 409
        says_whose_it_was(review, page.text)


def test_nothing_is_signed_by_a_form_that_still_says_whose_mail_it_was(review: Site) -> None:
    with review.client(review.cast.mayor(BOURGES)) as other:
        sent = other.send(mail_link(review, review.cast.mayor(NIORT)), answer(review))
        assert sent.status_code == 409
        says_whose_it_was(review, sent.text)
        assert review.cast.sign_offs(NOTE) == []
        assert other.send(review.deliverable(NOTE), answer(review)).status_code == 303
    assert len(review.cast.sign_offs(NOTE)) == 1


def test_who_goes_on_in_their_own_name_finds_the_page_they_may_see(review: Site) -> None:
    with review.client(review.cast.mayor(BOURGES)) as other:
        page = other.get(mail_link(review, review.cast.mayor(NIORT))).text
        here = re.search(r'<p><a href="([^"]+)">Continuer en tant que', page)
        assert here
        assert here[1] == review.deliverable(NOTE)
        assert 'name="decision"' in other.read(here[1])


def test_an_outsider_learns_nothing_of_the_project(review: Site) -> None:
    with review.client(review.cast.outsider) as outsider:
        page = outsider.get(mail_link(review, review.cast.mayor(NIORT)))
        assert page.status_code == 409
        assert review.cast.project().title not in page.text
        assert outsider.get(review.deliverable(NOTE)).status_code == 404


def test_one_button_leads_the_right_person_to_the_page_of_their_mail(review: Site) -> None:
    """Whoever was signed in is signed out; the way in knows the address, and leads back."""
    mayor = person(review, review.cast.mayor(NIORT))
    with review.client(review.cast.mayor(BOURGES)) as desk:
        page = desk.get(mail_link(review, review.cast.mayor(NIORT))).text
        assert f"Me connecter comme {mayor.name}" in unescape(page)
        left = desk.http.post("/deconnexion", data=fields(page))
        assert left.status_code == 303
        assert desk.get("/a-faire").status_code == 303
        way_in = desk.read(left.headers["location"])
        assert f'name="adresse" value="{mayor.email}"' in way_in
        suite = fields(way_in)["suite"]
        assert suite.startswith(f"{review.deliverable(NOTE)}?qui=")
        enter(review, desk, mayor.email, suite)
        assert 'name="decision"' in desk.read(review.deliverable(NOTE))
    with review.cast.db.read() as session:
        ended = session.get_one(WebSession, 1)
    assert (ended.person_id, ended.ended_at is None) == (review.cast.mayor(BOURGES).person_id, False)


def enter(site: Site, desk: Visitor, email: str, suite: str) -> str:
    """Ask for a link, open it, press the button; where one is led, redirections followed."""
    link = ask_for_link(site.cast.db, email, now=site.cast.now, next_path=suite)
    assert link
    led = desk.http.post(f"/connexion/{link.token}")
    assert led.status_code == 303
    answer = desk.get(led.headers["location"])
    return answer.headers["location"] if answer.status_code == 303 else answer.text


def test_who_signs_in_as_somebody_else_from_a_mail_is_told_too(review: Site) -> None:
    with review.client() as desk:
        led = desk.get(mail_link(review, review.cast.mayor(NIORT)))
        suite = fields(desk.read(led.headers["location"]))["suite"]
        says_whose_it_was(
            review, enter(review, desk, person(review, review.cast.mayor(BOURGES)).email, suite)
        )
    with review.client() as desk:
        own = enter(review, desk, person(review, review.cast.mayor(NIORT)).email, suite)
        assert own == review.deliverable(NOTE)


def test_a_sign_in_page_left_open_while_another_signs_in_says_so(review: Site) -> None:
    with review.client(review.cast.mayor(BOURGES)) as desk, review.client() as before:
        way_in = before.get(mail_link(review, review.cast.mayor(NIORT))).headers["location"]
        led = desk.get(way_in)
        assert led.status_code == 303
        says_whose_it_was(review, desk.get(led.headers["location"]).text)


# Words that are not ours


@pytest.mark.parametrize("word", ["faux", "WzEsMF0.AAAA", "\u00e9" * 300, "x" * 5000])
def test_a_word_made_up_says_nothing_and_goes_from_the_address(review: Site, word: str) -> None:
    with review.client(review.cast.mayor(BOURGES)) as other:
        page = other.get(review.deliverable(NOTE), params={"qui": word})
        assert (page.status_code, page.headers["location"]) == (303, review.deliverable(NOTE))


def test_a_word_signed_by_another_or_for_another_use_names_nobody(review: Site) -> None:
    mayor = person(review, review.cast.mayor(NIORT))
    forged = mail_link(review, review.cast.mayor(NIORT), secret="un autre secret")
    other_use = PersonalLinks(SECRET, "").frequency(mayor.id or 0, mayor.links_version).rpartition("/")[2]
    with review.client(review.cast.mayor(BOURGES)) as other:
        for path in (forged, f"{review.deliverable(NOTE)}?qui={other_use}"):
            page = other.get(path)
            assert page.status_code == 303
            assert mayor.name not in page.text
    with review.client() as visitor:
        way_in = visitor.get(forged).headers["location"]
        assert fields(visitor.read(way_in))["suite"] == review.deliverable(NOTE)


def test_the_word_of_another_person_lets_nobody_act_for_them(review: Site) -> None:
    """Bourges puts the word of Niort's mail into an address of its own: it is told, and has gained nothing."""
    word = parse_qs(urlsplit(mail_link(review, review.cast.mayor(NIORT))).query)["qui"][0]
    with review.client(review.cast.mayor(BOURGES)) as other:
        fields = answer(review) | {"partie": NIORT, "qui": word}
        assert other.send(review.deliverable(NOTE), fields).status_code in (403, 404)
        assert other.get(f"/a-faire?qui={word}").status_code == 409
    assert review.cast.sign_offs(NOTE) == []


def test_a_mail_older_than_one_s_newest_links_is_still_somebody_else_s_but_names_nobody(review: Site) -> None:
    mayor = person(review, review.cast.mayor(NIORT))
    old = mail_link(review, review.cast.mayor(NIORT))
    renew_links(review.cast.db, SYSTEM, mayor.email, now=review.cast.now)
    with review.client(review.cast.mayor(BOURGES)) as other:
        page = other.get(old)
    assert page.status_code == 409
    assert "Ce message était pour une autre personne ; vous êtes" in plain(page.text)
    assert mayor.name not in unescape(page.text)
    with review.client(review.cast.mayor(NIORT)) as own:
        assert own.get(old).headers["location"] == review.deliverable(NOTE)


def test_the_way_in_after_leaving_is_a_page_of_ours(review: Site) -> None:
    with review.client(review.cast.mayor(BOURGES)) as desk:
        left = desk.send("/deconnexion", {"suite": "https://piege.example/", "qui": "faux"})
    assert left.headers["location"] == "/connexion?suite=%2Fa-faire&qui=faux"


def test_a_path_that_has_no_room_for_the_word_keeps_its_place(review: Site) -> None:
    path = f"/recherche?mots={'a' * (LONGEST_PATH - 40)}"
    with review.client() as visitor:
        way_in = visitor.get(mail_link(review, review.cast.mayor(NIORT), path=path)).headers["location"]
        assert fields(visitor.read(way_in))["suite"] == path


# In a browser


def test_the_page_is_valid_and_stops_nobody(review: Site, chrome: Browser, tmp_path: Path) -> None:
    link = mail_link(review, review.cast.mayor(NIORT))
    sign_in = link_of(review, review.cast.mayor(NIORT))
    with review.client(review.cast.mayor(BOURGES)) as other:
        html = {link: other.get(link).text, sign_in: other.get(sign_in).text}
    assert faults_of_html(html, tmp_path) == []
    with review.browser(chrome, review.cast.mayor(BOURGES)) as page:
        for path in (link, sign_in):
            page.goto(path)
            assert barriers(page) == []
        page.goto(link)
        page.get_by_role("button", name="Me connecter comme").click()
        page.wait_for_selector("h1:has-text('Se connecter')")


def test_a_form_sent_after_another_has_signed_in_is_refused(review: Site) -> None:
    """Two tabs: the page of the mayor stays open, somebody else signs in beside it; its form signs nothing."""
    with review.client(review.cast.mayor(NIORT)) as desk:
        token = desk.token()
        with review.cast.db.write() as session:
            other = open_session(
                session, review.cast.mayor(BOURGES).person_id, AuthMethod.email_link, review.cast.now
            )
        desk.http.cookies.clear()
        desk.http.cookies.set("session", other)
        sent = desk.http.post(review.deliverable(NOTE), data=answer(review) | {"jeton": token})
    assert sent.status_code == 403
    assert review.cast.sign_offs(NOTE) == []


def test_who_may_not_open_a_page_is_told_who_they_are_and_may_change_person(review: Site) -> None:
    path = f"/projets/{review.cast.slug}/participants/inviter"
    with review.client(review.cast.observer) as visitor:
        refused = visitor.get(path)
        assert refused.status_code == 403
        words = plain(refused.text)
        name = review.cast.observer.name
        assert f"Vous êtes {name} dans ce navigateur ; cette page est pour « agent de l’ANCT »" in words
        assert "Changer de personne" in words
        left = visitor.send("/deconnexion", {"suite": path})
        assert left.headers["location"] == "/connexion?" + urlencode({"suite": path})


def test_a_page_that_is_not_there_for_somebody_says_who_they_are(review: Site) -> None:
    with review.client(review.cast.outsider) as visitor:
        hidden, unknown = visitor.get(review.project), visitor.get("/projets/inconnu")
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert "Vous êtes Une Curieuse dans ce navigateur" in plain(hidden.text)
    same = [re.sub(r"(/projets/[\w-]+)|([0-9a-f]{64})", "…", each.text) for each in (hidden, unknown)]
    assert same[0] == same[1]

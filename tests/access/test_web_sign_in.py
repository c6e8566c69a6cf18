"""A person signs in from their mail and finds what awaits them: a real server, a real mail, a real browser."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from browser import PHONE, chromium, fits_its_width
from cast import NIORT, Cast
from prefect_system import wait_until
from served import served
from site_of_tests import plain
from sqlmodel import select

from models.audit_entry import AuditEntry
from models.notice import Notice
from models.person import Person
from models.web_session import MOST_BY_ADDRESS, SignInAttempt, SignInLink, WebSession
from notifications.mail_catcher import MailCatcher
from settings import Settings
from web.app import make_app

SECRET = "un secret d’essai, long et sans hasard"


class Door:
    """The pages, served, with the mail that leaves from them."""

    def __init__(self, cast: Cast, address: str, post: MailCatcher) -> None:
        self.cast, self.address, self.post = cast, address, post
        with cast.db.read() as session:
            self.email = session.get_one(Person, cast.contact(NIORT).person_id).email

    def ask(self, email: str, **more: str) -> httpx.Response:
        return httpx.post(f"{self.address}/connexion", data={"adresse": email, **more}, trust_env=False)

    def link(self) -> str:
        """The address in the newest mail, on the server of the test."""
        wait_until(lambda: bool(self.post.mails()))
        text = self.post.mails()[-1].get_body(("plain",)).get_content()
        match = re.search(r"/connexion/[\w-]+", text)
        assert match
        return self.address + match[0]

    @contextmanager
    def enter(self) -> Iterator[httpx.Client]:
        """Somebody who has pressed the button, with their cookie."""
        self.ask(self.email, suite="/a-faire")
        with httpx.Client(trust_env=False, base_url=self.address) as person:
            person.post(self.link())
            yield person


@pytest.fixture
def door(at: Callable[[str], Cast], tmp_path: Path) -> Iterator[Door]:
    cast = at("charter in review")
    with MailCatcher(tmp_path / "mail") as post:
        settings = Settings(_env_file=None, data_dir=cast.folder, secret_key=SECRET, mail_port=post.port)
        with served(make_app(cast.db, settings)) as address:
            yield Door(cast, address, post)


def test_a_person_enters_by_the_link_of_their_mail_and_sees_what_awaits_them(door: Door) -> None:
    with door.enter() as person:
        page = person.get("/a-faire")
    assert page.status_code == 200
    assert "Charte de projet partagé" in page.text
    assert "Validation" in page.text


def test_an_anonymous_visitor_is_sent_to_sign_in_and_back(door: Door) -> None:
    answer = httpx.get(f"{door.address}/a-faire", trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion?suite=%2Fa-faire")
    door.ask(door.email, suite="/a-faire")
    assert httpx.post(door.link(), trust_env=False).headers["location"] == "/a-faire"


@pytest.mark.parametrize(
    "elsewhere", ["https://piege.example/", "//piege.example", "/\\piege.example", "javascript:1"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(door: Door, elsewhere: str) -> None:
    door.ask(door.email, suite=elsewhere)
    assert httpx.post(door.link(), trust_env=False).headers["location"] == "/a-faire"


def test_following_the_link_changes_nothing_and_pressing_it_serves_once(door: Door) -> None:
    door.ask(door.email)
    link = door.link()
    for _ in range(3):
        seen = httpx.get(link, trust_env=False)
        assert seen.status_code == 200
        assert "set-cookie" not in seen.headers
    assert httpx.post(link, trust_env=False).status_code == 303
    again = httpx.post(link, trust_env=False)
    assert again.status_code == 404
    assert "ne sert plus" in again.text


def test_an_unknown_address_gets_the_same_answer_and_no_mail(door: Door) -> None:
    registered, unknown = door.ask(door.email), door.ask("personne@ailleurs.example")
    assert registered.text.replace(door.email, "") == unknown.text.replace("personne@ailleurs.example", "")
    assert registered.status_code == unknown.status_code == 200
    wait_until(lambda: bool(door.post.mails()))
    assert {mail["To"].addresses[0].addr_spec for mail in door.post.mails()} == {door.email}


def test_asking_too_often_is_answered_by_where_the_link_is_whoever_is_registered(door: Door) -> None:
    answers = {}
    for email in (door.email, "personne@ailleurs.example"):
        *firsts, late = [door.ask(email, suite="/projets") for _ in range(MOST_BY_ADDRESS + 1)]
        assert {answer.status_code for answer in (*firsts, late)} == {200}
        answers[email] = plain(late.text).replace(email, "…")
    assert len(set(answers.values())) == 1
    (words,) = set(answers.values())
    assert (
        "Si l’adresse « … » participe à un projet partagé, un lien qui sert encore est dans sa boîte" in words
    )
    assert "il date de moins de 10 minutes, ou vient de partir s’il n’en restait pas" in words
    assert "dans les courriers indésirables" in words
    assert "jamais annulé parce qu’on en demande un autre" in words


def test_a_page_of_another_site_asks_for_no_link(door: Door) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    sent = httpx.post(
        f"{door.address}/connexion", data={"adresse": door.email}, headers=headers, trust_env=False
    )
    assert sent.status_code == 403
    assert door.cast.all(SignInAttempt) == []


def test_the_mayor_enters_by_a_link_that_somebody_else_asked_for(door: Door) -> None:
    for _ in range(MOST_BY_ADDRESS):
        door.ask(door.email)
    # What follows the answers comes in any order: one beyond the limits may otherwise be the first to need a link.
    wait_until(lambda: len(door.post.mails()) == MOST_BY_ADDRESS)
    for _ in range(MOST_BY_ADDRESS):
        door.ask(door.email)
    answer = httpx.post(door.link(), trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/a-faire")
    assert len(door.post.mails()) == MOST_BY_ADDRESS


def test_the_session_is_out_of_reach_of_scripts_and_of_other_sites(door: Door) -> None:
    door.ask(door.email)
    cookie = httpx.post(door.link(), trust_env=False).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_signing_out_takes_a_form_of_ours(door: Door) -> None:
    with door.enter() as person:
        assert person.post("/deconnexion", data={"jeton": "0" * 64}).status_code == 403
        token = re.search(r'name="jeton" value="(\w+)"', person.get("/a-faire").text)
        assert token
        kept = dict(person.cookies)
        assert person.post("/deconnexion", data={"jeton": token[1], "partout": "oui"}).status_code == 303
    assert httpx.get(f"{door.address}/a-faire", cookies=kept, trust_env=False).status_code == 303


def test_the_link_is_kept_nowhere_but_in_the_mail(door: Door) -> None:
    door.ask(door.email)
    token = door.link().rpartition("/")[2]
    with door.cast.db.read() as session:
        kept = [session.exec(select(table)).all() for table in (SignInLink, Notice, AuditEntry, WebSession)]
    everything = str([row.model_dump() for rows in kept for row in rows])
    assert token not in everything


def test_a_mayor_signs_in_on_a_phone_with_the_keyboard_alone(door: Door, tmp_path: Path) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport=PHONE)
        page.goto(f"{door.address}/a-faire")
        page.get_by_label("Adresse électronique").focus()
        page.keyboard.type(door.email)
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Regardez votre courrier")
        page.goto(door.link())
        page.keyboard.press("Tab")
        while page.evaluate("document.activeElement.textContent") != "Entrer":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:has-text('Ce qui m’attend')")
        assert fits_its_width(page)
        page.screenshot(path=tmp_path / "a-faire.png", full_page=True)


def test_a_link_that_serves_no_more_sends_another_to_the_same_address_for_the_same_page(door: Door) -> None:
    door.ask(door.email, suite="/projets?vue=tout")
    used = door.link()
    assert httpx.post(used, trust_env=False).status_code == 303
    gone = httpx.get(used, trust_env=False)
    assert gone.status_code == 404
    assert "Recevoir un nouveau lien" in gone.text
    before = len(door.post.mails())
    sent = httpx.post(f"{used}/nouveau", trust_env=False)
    assert sent.status_code == 200
    for page in (gone.text, sent.text):
        assert door.email not in page, "whoever finds an old link learns no address"
        assert "vue=tout" not in page
    wait_until(lambda: len(door.post.mails()) > before)
    assert httpx.post(door.link(), trust_env=False).headers["location"] == "/projets?vue=tout"


def test_a_link_that_never_was_sends_nothing(door: Door) -> None:
    gone = httpx.get(f"{door.address}/connexion/inconnu", trust_env=False)
    assert (gone.status_code, "Recevoir un nouveau lien" in gone.text) == (404, False)
    assert httpx.post(f"{door.address}/connexion/inconnu/nouveau", trust_env=False).status_code == 404
    cross = httpx.post(
        f"{door.address}/connexion/inconnu/nouveau", headers={"sec-fetch-site": "cross-site"}, trust_env=False
    )
    assert cross.status_code == 403


def test_a_used_link_takes_whoever_is_in_already_where_they_were_going(door: Door) -> None:
    door.ask(door.email, suite="/projets")
    link = door.link()
    with httpx.Client(trust_env=False) as browser:
        assert browser.post(link).status_code == 303
        again = browser.get(link)
    assert (again.status_code, again.headers["location"]) == (303, "/projets")

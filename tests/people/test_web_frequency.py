"""How often a person gets mail: chosen in one click from the mail, without an account (RFC 8058)."""

import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from browser import DESKTOP, PHONE, chromium, fits_its_width
from cast import NIORT, Cast
from prefect_system import free_port, wait_until
from served import served
from sqlmodel import select

from actions.people.personal_link import renew_links
from models.audit_entry import AuditEntry
from models.notice import Notice
from models.person import SYSTEM, MailFrequency, Person
from models.reminder import Reminder, ReminderKind, digest_key
from notifications.personal_links import PersonalLinks
from queries.ledger.verify_journal import verify_journal
from settings import Settings
from web.app import make_app

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
SECRET = "un secret d’essai, long et sans hasard"


class Web:
    """The pages, served, and what the contact of Niort finds in their mails."""

    def __init__(self, cast: Cast, address: str) -> None:
        self.cast, self.address = cast, address
        self.links = PersonalLinks(SECRET, address)

    @property
    def person(self) -> Person:
        with self.cast.db.read() as session:
            return session.get_one(Person, self.cast.contact(NIORT).person_id)

    def frequency(self) -> str:
        return self.links.frequency(self.person.id, self.person.links_version)

    def one_click(self) -> str:
        return self.links.one_click(self.person.id, self.person.links_version)

    def entries(self) -> list[AuditEntry]:
        with self.cast.db.read() as session:
            query = select(AuditEntry).where(AuditEntry.event == "mail_frequency.chosen")
            return list(session.exec(query.order_by(AuditEntry.seq)))


@contextmanager
def serve(cast: Cast, **changes: str) -> Iterator[Web]:
    settings = Settings(_env_file=None, data_dir=cast.folder, secret_key=SECRET, **changes)
    with served(make_app(cast.db, settings)) as address:
        yield Web(cast, address)


@pytest.fixture
def web(at: Callable[[str], Cast]) -> Iterator[Web]:
    with serve(at("constitution open")) as web:
        yield web


def owe(web: Web, key: str, message: str, **fields: object) -> int:
    """A notice to the contact of Niort that has not left yet."""
    now, payload = web.cast.now, fields.pop("payload", {})
    notice = Notice(
        key=key,
        recipient_id=web.person.id,
        message=message,
        payload=payload,
        created_at=now,
        next_try_at=now,
        **fields,
    )
    with web.cast.db.write() as session:
        session.add(notice)
        session.flush()
        return notice.id


def test_the_frequency_is_chosen_in_one_click_and_the_register_keeps_the_fact(web: Web) -> None:
    with httpx.Client(follow_redirects=True) as client:
        shown = client.get(web.frequency())
        assert "chaque jour" in shown.text
        assert web.person.mail_frequency is MailFrequency.daily
        answer = client.post(web.frequency(), data={"frequence": "weekly"})
    assert answer.status_code == 200
    assert "C’est noté" in answer.text
    assert "une fois par semaine" in answer.text
    assert web.person.mail_frequency is MailFrequency.weekly
    (entry,) = web.entries()
    assert (entry.actor_id, entry.auth_method) == (web.person.id, "email_link")
    assert entry.payload == {"person": web.person.id, "frequency": "weekly"}
    assert verify_journal(web.cast.db).tamperings == []


def test_the_page_says_what_always_comes(web: Web) -> None:
    page = httpx.get(web.frequency()).text
    for always in ("invitations à valider", "convocations aux réunions", "avis officiels"):
        assert always in page


def test_choosing_the_same_again_is_not_a_new_fact(web: Web) -> None:
    for _ in range(2):
        httpx.post(web.frequency(), data={"frequence": "never"})
    assert len(web.entries()) == 1


def test_a_mail_scanner_that_follows_the_links_changes_nothing(web: Web) -> None:
    for link in (web.frequency(), web.one_click()):
        for method in ("GET", "HEAD"):
            assert httpx.request(method, link).status_code == 200
    assert web.person.mail_frequency is MailFrequency.daily
    assert web.entries() == []


@pytest.mark.parametrize("form", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}])
def test_one_click_from_the_mail_program_stops_news_and_reminders(web: Web, form: dict[str, object]) -> None:
    answer = httpx.post(web.one_click(), **form)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert web.person.mail_frequency is MailFrequency.never


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "Non"}])
def test_a_post_that_is_not_the_one_click_of_the_norm_changes_nothing(web: Web, body: dict[str, str]) -> None:
    answer = httpx.post(web.one_click(), data=body)
    assert answer.status_code == 400
    assert "n’a pas été comprise" in answer.text
    assert web.person.mail_frequency is MailFrequency.daily


def test_an_unknown_frequency_is_refused(web: Web) -> None:
    answer = httpx.post(web.frequency(), data={"frequence": "<b>toujours</b>"})
    assert answer.status_code == 400
    assert "toujours" not in answer.text
    assert web.person.mail_frequency is MailFrequency.daily


def test_the_recap_and_the_news_of_who_wants_none_any_more_do_not_leave(web: Web) -> None:
    day = date(2026, 11, 23)
    person_id, project_id = web.person.id, web.cast.project().id
    digest = owe(
        web, digest_key(day, person_id), "daily_digest", payload={"day": day.isoformat(), "projects": []}
    )
    held = owe(web, "stage_closed:stage-1:7", "stage_closed", is_held=True)
    asked = owe(web, "sign_off_requested:version-1:7", "sign_off_requested")
    with web.cast.db.write() as session:
        line = Reminder(
            kind=ReminderKind.commitment, subject="commitment-1", project_id=project_id, recipient_id=person_id,
            due_on=day, rung="J", day=day, text="x", path="/",
        )  # fmt: skip
        session.add(line)
    httpx.post(web.one_click(), data=ONE_CLICK)
    with web.cast.db.read() as session:
        dropped = {
            number: session.get_one(Notice, number).dropped_at is not None for number in (digest, held, asked)
        }
        assert session.connection().scalar(sa.text("SELECT count(*) FROM reminder")) == 0
    assert dropped == {digest: True, held: True, asked: False}


def bad_links(web: Web) -> dict[str, str]:
    """Addresses that must not answer: forged, cut, given for another use, of nobody, renewed since."""
    elsewhere = PersonalLinks("un autre secret", web.address)
    old = web.frequency(), web.one_click(), web.links.calendar(web.person.id, web.person.links_version)
    renew_links(web.cast.db, SYSTEM, web.person.email, now=web.cast.now)
    person_id, version = web.person.id, web.person.links_version
    return {
        "forged": elsewhere.frequency(person_id, version),
        "cut": web.frequency()[:-3],
        "of another use": web.one_click().replace("/arret/", "/frequence/"),
        "of nobody": web.links.frequency(999_999, 0),
        "old": old[0],
        "old one-click": old[1],
        "old calendar": old[2],
        "forged calendar": elsewhere.calendar(person_id, version),
        "empty": f"{web.address}/agenda/.ics",
    }


def test_a_bad_or_an_old_address_gets_the_same_answer_whatever_is_wrong(web: Web) -> None:
    before = web.person.mail_frequency
    answers = {name: httpx.get(link) for name, link in bad_links(web).items()}
    assert {answer.status_code for answer in answers.values()} == {404}
    assert len({answer.text for name, answer in answers.items() if name != "empty"}) == 1
    assert "Cette adresse ne répond pas" in answers["old"].text
    for name in ("forged", "of nobody", "old"):
        assert httpx.post(str(answers[name].url), data={"frequence": "never"}).status_code == 404
    assert httpx.post(str(answers["old one-click"].url), data=ONE_CLICK).status_code == 404
    assert web.person.mail_frequency is before


def test_every_answer_bears_the_headers_that_keep_it_to_its_reader(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.pages.frequency.holder_of", lambda *_: 1 / 0)
    asked = {200: f"{web.address}/connexion", 404: f"{web.address}/nulle-part", 500: web.frequency()}
    for status, link in asked.items():
        answer = httpx.get(link)
        assert answer.status_code == status
        assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers["cache-control"] == "no-store"
        assert 'lang="fr"' in answer.text
        assert "server" not in answer.headers


def test_behind_https_the_browser_is_told_to_stay_there(at: Callable[[str], Cast]) -> None:
    with serve(at("met"), base_url="https://projets.example") as web:
        assert httpx.get(web.address).headers["strict-transport-security"] == "max-age=31536000"


def test_a_name_cannot_write_in_the_page(web: Web) -> None:
    with web.cast.db.write() as session:
        session.get_one(Person, web.person.id).name = "<script>alert(1)</script>"
    page = httpx.get(web.frequency()).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_without_end_is_refused(web: Web, chunked: bool) -> None:
    flood = b"frequence=" + b"a" * 100_000
    answer = httpx.post(
        web.frequency(),
        content=iter([flood]) if chunked else flood,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413
    assert web.person.mail_frequency is MailFrequency.daily


def test_the_secret_addresses_are_in_no_log(
    web: Web, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    token = web.frequency().rpartition("/")[2]
    with caplog.at_level(logging.DEBUG):
        for link in (web.frequency(), web.frequency() + "x"):
            httpx.get(link)
            httpx.post(link, data={"frequence": "weekly"})
    ours = [
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    ]
    printed = capfd.readouterr()
    assert not any(token in line for line in [*ours, printed.out, printed.err])


def test_the_pages_start_by_themselves_and_end_when_asked(tmp_path: Path, sqlite_template: Path) -> None:
    port = free_port()
    database = shutil.copy(sqlite_template, tmp_path / "domain.db")
    environment = {
        "PATH": os.environ["PATH"],
        "PROJET_PARTAGE_DATABASE_URL": f"sqlite:///{database}",
        "PROJET_PARTAGE_DATA_DIR": str(tmp_path),
        "PROJET_PARTAGE_WEB_PORT": str(port),
    }
    with subprocess.Popen([sys.executable, "-m", "web"], env=environment) as process:
        try:
            wait_until(lambda: _answers(f"http://127.0.0.1:{port}/"))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.trials
def test_with_the_keyboard_alone_on_a_phone(web: Web, tmp_path: Path) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport=PHONE)
        page.goto(web.frequency())
        assert fits_its_width(page)
        page.screenshot(path=tmp_path / "frequence-telephone.png", full_page=True)
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Aller au contenu"
        page.keyboard.press("Enter")
        for _ in range(2):
            page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Une fois par semaine"
        page.keyboard.press("Enter")
        page.get_by_role("status").wait_for()
        assert fits_its_width(page)
        assert web.person.mail_frequency is MailFrequency.weekly
        page.set_viewport_size({"width": 320, "height": 600})
        assert fits_its_width(page)
        page.set_viewport_size(DESKTOP)
        page.screenshot(path=tmp_path / "frequence-choisie.png", full_page=True)
        page.goto(web.one_click())
        page.get_by_role("button", name="Ne plus les recevoir").click()
        page.get_by_role("link", name="Changer d’avis").click()
        page.get_by_role("button", name="Chaque jour").wait_for()
    assert web.person.mail_frequency is MailFrequency.never

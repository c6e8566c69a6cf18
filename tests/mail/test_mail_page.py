"""The local mail page: every mail as its reader sees it, on this machine only, whatever a mail contains."""

import itertools
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from browser import DESKTOP, PHONE, chromium, fits_its_width
from judges import barriers, faults_of_html
from served import served

from notifications.calendar import CalendarEvent, as_ics
from notifications.mime import as_bytes
from notifications.outgoing_mail import CalendarPart, OutgoingMail
from web.mail_catcher.page import PAGE_SIZE, make_mail_page

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HTML = """<!doctype html><html lang="fr"><head><meta name="color-scheme" content="light dark">
<style>@media (prefers-color-scheme: dark) { p { color: rgb(250, 250, 250) } }</style></head>
<body style="margin:0"><p>La charte vous attend.</p><a href="https://projets.example/a-lire">Lire</a></body></html>"""
TEXT = "La charte vous attend.\n\nLire : https://projets.example/a-lire.\n<b>Niort</b>"


class Box:
    """A folder of caught mails, and the page that shows it."""

    def __init__(self, folder: Path, address: str) -> None:
        self.new = folder / "new"
        self.new.mkdir(parents=True)
        self.address = address
        self._numbers = itertools.count(1)

    def catch(self, content: bytes, to: str = "hugo@niort.example") -> str:
        """Keep this mail as the catcher does, one second after the last one; gives its name."""
        number = next(self._numbers)
        file = self.new / f"1795000000.M{number}P7Q{number}.machine"
        file.write_bytes(f"Delivered-To: {to}\r\n".encode() + content)
        came_at = (NOW + timedelta(seconds=number)).timestamp()
        os.utime(file, (came_at, came_at))
        return file.name

    def receive(self, subject: str = "Charte à valider – Démocratie culturelle", **fields: object) -> str:
        values = {"to_address": "hugo@niort.example", "to_name": "Hugo Texier", "html": HTML, "text": TEXT,
                  "key": f"essai:{subject}", "sent_at": NOW, "reply_to": None} | fields  # fmt: skip
        mail = OutgoingMail(subject=subject, **values)
        return self.catch(as_bytes(mail, "projets@anct.example", "Projets partagés"), str(mail.to_address))

    def get(self, path: str = "/", **options: object) -> httpx.Response:
        return httpx.get(self.address + path, **options)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    folder = tmp_path / "mail"
    with served(make_mail_page(folder)) as address:
        yield Box(folder, address)


def an_invitation() -> CalendarPart:
    event = CalendarEvent("reunion-1@projets.example", 0, "Comité – Démocratie culturelle", NOW)
    return CalendarPart(as_ics([event], method="PUBLISH", now=NOW), "PUBLISH", "reunion.ics")


def test_before_the_first_mail_the_page_says_what_will_come(tmp_path: Path) -> None:
    with served(make_mail_page(tmp_path / "pas-encore")) as address:
        assert "Aucun message pour l’instant" in httpx.get(address).text


def test_the_newest_mail_comes_first(box: Box) -> None:
    box.receive("Ancien")
    box.receive("Récent")
    page = box.get().text
    assert page.index("Récent") < page.index("Ancien")
    assert "hugo@niort.example" in page


def test_mails_are_found_by_recipient_and_by_subject_with_or_without_accents(box: Box) -> None:
    box.receive("Charte à valider")
    box.receive("Échéance déplacée", to_address="lea@bourges.example")
    assert "Charte à valider" not in box.get("/?a=BOURGES").text
    assert "Échéance déplacée" in box.get("/?a=BOURGES").text
    assert "Échéance déplacée" in box.get("/?objet=echeance+deplacee").text
    assert "Aucun message ne répond" in box.get("/?a=bourges&objet=charte").text


def test_thousands_of_mails_are_turned_over_by_pages(box: Box) -> None:
    for number in range(2 * PAGE_SIZE + 1):
        box.receive(f"Message numéro {number:04d}")
    first, last = box.get().text, box.get("/?page=3").text
    assert first.count('class="mail-subject"') == PAGE_SIZE
    assert "?page=2" in first
    assert "Plus récents" not in first
    assert last.count('class="mail-subject"') == 1
    assert "Message numéro 0000" in last
    assert "Plus anciens" not in last


def test_the_page_looks_again_by_itself_only_when_asked(box: Box) -> None:
    assert 'http-equiv="refresh"' not in box.get().text
    assert 'http-equiv="refresh"' in box.get("/?suivre=1").text


def test_a_mail_is_shown_in_html_in_text_and_with_its_headers(box: Box) -> None:
    name = box.receive()
    page = box.get(f"/mails/{name}").text
    assert page.count("<iframe") == 2
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert '<a href="https://projets.example/a-lire" target="_blank" rel="noopener noreferrer">' in page
    assert "&lt;b&gt;Niort&lt;/b&gt;" in page
    assert "Auto-Submitted" in page
    assert "Charte à valider – Démocratie culturelle" in page


def test_the_invitation_of_a_mail_can_be_kept(box: Box) -> None:
    name = box.receive(calendar=an_invitation())
    assert "reunion.ics" in box.get(f"/mails/{name}").text
    file = box.get(f"/mails/{name}/pieces/0")
    assert file.headers["content-type"].startswith("text/calendar")
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.content.startswith(b"BEGIN:VCALENDAR")
    assert box.get(f"/mails/{name}/pieces/1").status_code == 404


@pytest.mark.parametrize(
    "host", ["voleur.example", "voleur.example:8025", "192.168.1.5", "localhost.voleur.example", ""]
)
def test_a_page_of_elsewhere_cannot_read_the_mails_under_its_own_name(box: Box, host: str) -> None:
    box.receive("Un secret")
    answer = box.get(headers={"Host": host})
    assert answer.status_code == 400
    assert "secret" not in answer.text


def test_it_answers_to_the_names_of_this_machine(box: Box) -> None:
    for host in ("localhost:8025", "127.0.0.1"):
        assert box.get(headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "name", ["..%2f..%2fsecret_key", "%2e%2e", ".cache", "%00", "inconnu", "new", "a%2fb", "a" * 400]
)
def test_only_the_mails_of_the_folder_are_given(box: Box, name: str) -> None:
    (box.new.parent.parent / "secret_key").write_text("le secret")
    for path in (f"/mails/{name}", f"/mails/{name}/html", f"/mails/{name}/pieces/0"):
        answer = box.get(path)
        assert answer.status_code == 404
        assert "le secret" not in answer.text


def test_a_mail_that_is_a_link_to_another_file_is_not_followed(box: Box) -> None:
    secret = box.new.parent.parent / "secret_key"
    secret.write_text("Subject: le secret\n\n")
    (box.new / "1795000000.M1P1Q1.lien").symlink_to(secret)
    assert "le secret" not in box.get().text
    assert box.get("/mails/1795000000.M1P1Q1.lien").status_code == 404


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "no header at all": b"\r\n\r\nrien",
    "a binary flood": bytes(range(256)) * 300,
    "a charset nobody knows": b"Subject: =?klingon?q?a?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff",
    "an address that never ends": b"To: " + b"<" * 5000 + b"\r\nFrom: \"\r\nSubject: =?utf-8?b?w?=\r\n\r\nx",
    "parts that never end": b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n' * 20,
    "a name that is a path": b'Content-Type: x/y; name="../../a.ics"\r\nContent-Disposition: attachment\r\n\r\nx',
    "a mail within a mail": b"Content-Type: message/rfc822\r\n\r\nContent-Type: text/html\r\n\r\n<b>x</b>",
    "a date of nowhere": b"Date: Tue, 99 Foo 2026 99:99:99 +9999\r\nMessage-ID: <<>>\r\nReferences: [\r\n\r\nx",
}  # fmt: skip


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_mail_that_is_malformed_is_still_shown(box: Box, content: bytes) -> None:
    name = box.catch(content)
    assert box.get().status_code == 200
    assert box.get(f"/mails/{name}").status_code == 200
    assert box.get(f"/mails/{name}/html").status_code == 200
    assert box.get(f"/mails/{name}/pieces/0").status_code in (200, 404)


def test_what_a_hostile_mail_says_of_itself_stays_text(box: Box) -> None:
    evil = "<script>alert(1)</script>"
    name = box.catch(
        f"From: {evil}\r\nSubject: {evil}\r\nX-{evil}: {evil}\r\nContent-Type: text/plain\r\n"
        f'Content-Disposition: attachment; filename="{evil}"\r\n\r\n{evil} https://a.example/{evil}'.encode(),
        to=f'{evil}"@x',
    )
    for path in ("/", f"/mails/{name}", f"/?a={evil}&objet={evil}"):
        assert "<script" not in box.get(path).text


def test_the_words_of_a_mail_run_nothing_and_ask_for_nothing_of_elsewhere(box: Box) -> None:
    policy = box.get(f"/mails/{box.receive()}/html").headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups")
    for right in ("allow-scripts", "allow-same-origin", "allow-forms", "allow-top-navigation", "http"):
        assert right not in policy
    page = box.get("/").headers["content-security-policy"]
    assert "script" not in page
    assert "'unsafe-inline'" not in page


HOSTILE = """<html><head><meta http-equiv="refresh" content="0;url=/mails/AUTRE"></head><body>
<script>document.title = "pris"; parent.document.title = "pris"; fetch("/mails/AUTRE/html")</script>
<img src="x" onerror="document.title='pris'"><img src="/mails/AUTRE/html"><iframe src="/mails/AUTRE/html"></iframe>
<link rel="stylesheet" href="/static/style.css"><a id="lien" target="_top" href="/mails/AUTRE">Cliquez</a>
<form action="/" id="f"><button autofocus>Envoyer</button></form><p>Fin</p></body></html>"""


def test_a_hostile_mail_reaches_nothing_in_a_real_browser(box: Box, tmp_path: Path) -> None:
    other = box.receive("Un autre message")
    name = box.receive("Hostile", html=HOSTILE.replace("AUTRE", other))
    with chromium() as browser:
        page = browser.new_page(viewport=DESKTOP)
        got: list[str] = []  # a request that the policy forbids is begun, and gets no answer
        page.context.on("response", lambda response: got.append(response.url))
        page.goto(f"{box.address}/mails/{name}")
        frame = page.frame_locator(".phone iframe")
        frame.get_by_text("Fin").wait_for()
        frame.get_by_role("button", name="Envoyer").click()
        frame.locator("#lien").click()
        page.wait_for_timeout(300)
        assert page.url == f"{box.address}/mails/{name}"
        assert "Hostile" in page.title()
        assert frame.get_by_text("Fin").is_visible()
    assert got
    assert [url for url in got if other in url] == []


def test_the_page_is_read_on_a_phone_and_on_a_desktop_by_light_and_in_the_dark(
    box: Box, tmp_path: Path
) -> None:
    for number in range(6):
        box.receive(f"{number} – une étape s’ouvre, et son nom est long – Démocratie culturelle")
    name = box.receive(calendar=an_invitation())
    with chromium() as browser:
        page = browser.new_page(viewport=DESKTOP)
        page.goto(box.address)
        page.screenshot(path=tmp_path / "courrier-liste.png", full_page=True)
        page.get_by_role("link", name="Charte à valider").click()
        phone, desktop = (page.frame_locator(f".{screen} iframe") for screen in ("phone", "desktop"))
        phone.get_by_text("La charte vous attend").wait_for()
        assert page.locator(".phone iframe").bounding_box()["width"] == 377
        page.screenshot(path=tmp_path / "courrier-message.png", full_page=True)
        with page.expect_popup() as opened:
            desktop.get_by_role("link", name="Lire").click()
        opened.value.close()
        page.get_by_role("link", name="sombre").click()
        page.wait_for_url("**?lumiere=sombre")
        color = phone.locator("p").evaluate("words => getComputedStyle(words).color")
        assert color == "rgb(250, 250, 250)"
        page.set_viewport_size(PHONE)
        for path in ("/", f"/mails/{name}"):
            page.goto(box.address + path)
            assert fits_its_width(page)
            page.screenshot(path=tmp_path / f"courrier-telephone{len(path)}.png", full_page=True)


def test_the_judges_of_pages_find_nothing_wrong(box: Box, tmp_path: Path) -> None:
    """Around the mail, which has judges of its own: axe goes into no frame of it."""
    name = box.receive(calendar=an_invitation())
    paths = ("/", "/?objet=introuvable", f"/mails/{name}", "/mails/nulle-part")
    read = {path: box.get(path).text for path in paths}
    faults = faults_of_html(read, tmp_path)
    assert not faults, "\n".join(faults)
    with chromium() as browser:
        for viewport, light in ((DESKTOP, "light"), (PHONE, "dark")):
            page = browser.new_page(viewport=viewport, color_scheme=light)
            for path in paths:
                page.goto(box.address + path)
                assert barriers(page) == [], f"{path}, {light}"
                assert fits_its_width(page)

"""The people who sign and submit, in a real browser: from the mail on a phone to the receipt, by keyboard, by hand."""

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from browser import DESKTOP, PHONE, fits_its_width
from cast import BOURGES, NIORT
from playwright.sync_api import Browser, Frame, Page, expect
from prefect_system import wait_until
from sample_files import pdf
from site_of_tests import SECRET, Site

from actions.mail.deliver import PostRound
from models.commitment import CommitmentOrigin, CommitmentStatus
from models.person import AuthMethod, Person
from models.sign_off import Decision
from notifications.mail import hang_up, local_catcher_url
from notifications.mail_catcher import MailCatcher

TakeSite = Callable[..., Site]
NOTE = "note_de_cadrage"


class Letters:
    """The mails of a site, sent for good to a catcher."""

    def __init__(self, site: Site, post: MailCatcher) -> None:
        self.site, self.post = site, post

    def send_what_is_owed(self) -> None:
        way = local_catcher_url(self.post.port)
        clock = lambda: self.site.cast.now  # noqa: E731
        PostRound(self.site.cast.db, [way], self.site.address, SECRET, clock=clock, warn=print).run()
        hang_up()

    def to(self, email: str, subject: str) -> EmailMessage:
        """The newest mail to this address with these words in its subject."""

        def matching() -> list[EmailMessage]:
            mails = self.post.mails()
            return [each for each in mails if email in str(each["To"]) and subject in str(each["Subject"])]

        wait_until(lambda: bool(matching()))
        return matching()[-1]

    def open(self, page: Page, mail: EmailMessage) -> None:
        """Show the mail as a mail program does."""
        body = mail.get_body(("html",))
        assert body is not None
        page.set_content(body.get_content().replace("http://localhost:8000", self.site.address))


@pytest.fixture
def letters(site: TakeSite, tmp_path: Path) -> Iterator[Letters]:
    with MailCatcher(tmp_path / "mail") as post:
        owed = Letters(site("constitution in review", mail_port=post.port), post)
        owed.send_what_is_owed()
        yield owed


def addresses_of(page: Page) -> list[str]:
    """The addresses of the pages of ours that the person comes to, as they come."""
    seen: list[str] = []

    def note(frame: Frame) -> None:
        if frame == page.main_frame and frame.url.startswith("http"):
            seen.append(frame.url)

    page.on("framenavigated", note)
    return seen


def email_of(site: Site, code: str) -> str:
    with site.cast.db.read() as session:
        return session.get_one(Person, site.cast.mayor(code).person_id).email


def test_a_mayor_signs_from_the_mail_on_a_phone_in_three_screens_without_typing_a_word(
    letters: Letters, chrome: Browser
) -> None:
    site, email = letters.site, email_of(letters.site, NIORT)
    with site.browser(chrome, viewport=PHONE) as page:
        addresses = addresses_of(page)
        letters.open(page, letters.to(email, "Votre validation est attendue"))
        page.get_by_role("link", name="Lire et donner ma réponse").click()
        expect(page.get_by_label("Adresse électronique")).to_have_value(email)
        assert fits_its_width(page)
        page.get_by_role("button", name="Recevoir mon lien").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Regardez votre courrier")

        letters.open(page, letters.to(email, "lien"))
        page.get_by_role("link", name="Me connecter").click()
        page.get_by_role("button", name="Entrer").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Note de cadrage")
        assert "qui=" not in page.url
        assert fits_its_width(page)
        page.get_by_label("Approuver", exact=False).first.check()
        page.get_by_role("button", name="Signer la réponse de Niort").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Niort approuve")
        assert fits_its_width(page)
    paths = [address.removeprefix(site.address).partition("?")[0] for address in addresses]
    acted_on = [path for path in dict.fromkeys(paths) if not path.startswith("/recus/")]
    assert len(acted_on) == 3, acted_on  # the way in, « Entrer », the document
    (recorded,) = site.cast.sign_offs(NOTE)
    assert (recorded.decision, recorded.auth_method) == (Decision.approved, AuthMethod.email_link)


def test_a_mayor_reserves_by_the_keyboard_alone(site: TakeSite, chrome: Browser) -> None:
    review = site("constitution in review")
    with review.browser(chrome, review.cast.mayor(NIORT), viewport=PHONE) as page:
        page.goto(review.deliverable(NOTE))
        _tab_to(page, "input[name=decision]")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "BUTTON"
        page.keyboard.press("Enter")
        # The browser asks for the reason, and brings there.
        assert page.evaluate("document.activeElement.name") == "motif"
        page.keyboard.type("Préciser le calendrier.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("approuve avec des réserves")
    assert review.cast.sign_offs(NOTE)[0].reason == "Préciser le calendrier."


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} n’est pas atteint par la touche de tabulation")


def test_everything_is_done_without_scripts(site: TakeSite, chrome: Browser, tmp_path: Path) -> None:
    review = site("constitution in review")
    file = tmp_path / "note.pdf"
    file.write_bytes(pdf())
    with review.browser(chrome, review.cast.agent, java_script_enabled=False) as page:
        page.goto(review.deliverable(NOTE))
        page.locator("summary", has_text="Déposer une nouvelle version").click()
        page.locator("input[name=fichier]").set_input_files(file)
        page.get_by_label("Ce qui a changé").fill("La mise en page.")
        page.get_by_role("button", name="Déposer", exact=True).click()
        expect(page.locator("main")).to_contain_text("La version 2 est déposée.")
    with review.browser(chrome, review.cast.mayor(NIORT), java_script_enabled=False) as page:
        page.goto(review.deliverable(NOTE))
        page.get_by_label("Refuser").check()
        page.get_by_role("button", name="Signer la réponse de Niort").click()
        expect(page.locator("#refus")).to_contain_text("donnez un motif")
        expect(page.get_by_label("Refuser")).to_be_checked()
        page.get_by_label("Motif").fill("Il manque le budget.")
        page.get_by_role("button", name="Signer la réponse de Niort").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Niort refuse")


@pytest.mark.trials
def test_two_tabs_at_once_leave_one_fact(site: TakeSite, chrome: Browser) -> None:
    review = site("constitution in review")
    with review.browser(chrome, review.cast.mayor(NIORT)) as first:
        second = first.context.new_page()
        for tab in (first, second):
            tab.goto(review.deliverable(NOTE))
        for tab, choice in ((first, "Approuver avec des réserves"), (second, "Refuser")):
            tab.get_by_label(choice).check()
            tab.get_by_label("Motif").fill(f"Parce que : {choice}.")
            tab.get_by_role("button", name="Signer la réponse de Niort").click()
        expect(first.get_by_role("heading", level=1)).to_contain_text("approuve avec des réserves")
        expect(second.locator("#refus")).to_contain_text("s’est déjà prononcée")
    assert [each.decision for each in review.cast.sign_offs(NOTE)] == [Decision.approved_with_reservations]


def test_a_version_that_came_meanwhile_is_shown_in_place_of_the_one_read(
    site: TakeSite, chrome: Browser
) -> None:
    review = site("constitution in review")
    with review.browser(chrome, review.cast.mayor(NIORT), viewport=PHONE) as page:
        page.goto(review.deliverable(NOTE))
        page.get_by_label("Refuser").check()
        page.get_by_label("Motif").fill("Il manque le budget.")
        review.cast.submit(NOTE, text="Le budget est là.")
        page.get_by_role("button", name="Signer la réponse de Niort").click()
        expect(page.locator("#refus")).to_be_focused()
        expect(page.locator("#refus")).to_contain_text("l’a remplacée")
        expect(page.locator("main")).to_contain_text("Le budget est là.")
        expect(page.get_by_label("Motif")).to_have_value("Il manque le budget.")
        expect(page.get_by_label("Refuser")).not_to_be_checked()
    assert review.cast.sign_offs(NOTE) == []


def test_a_contact_drops_a_file_and_follows_its_progress(
    site: TakeSite, chrome: Browser, tmp_path: Path
) -> None:
    diagnosis = site("diagnosis open", file_limit_mb=2)
    path = diagnosis.deliverable("diagnostic", NIORT)
    with diagnosis.browser(chrome, diagnosis.cast.contact(NIORT), viewport=DESKTOP) as page:
        page.goto(path)
        status = page.locator("[data-said]")
        _drop(page, "lourd.txt", 2 * 1024 * 1024 + 1)
        expect(status).to_contain_text("c’est trop gros")
        page.get_by_role("button", name="Déposer", exact=True).click()
        assert page.evaluate("document.querySelector('form[data-upload]').checkValidity()") is False

        wrong = tmp_path / "page.pdf"
        wrong.write_bytes(b"<html>")
        page.locator("input[name=fichier]").set_input_files(wrong)
        page.get_by_role("button", name="Déposer", exact=True).click()
        expect(page.locator("#refus")).to_be_focused()
        expect(page.locator("#refus")).to_contain_text("une page web")
        assert (
            page.evaluate("document.querySelector('form[data-upload] [type=file]').files[0].name")
            == "page.pdf"
        )

        page.evaluate(
            "window.heard = []; new MutationObserver(() => { const line = document.querySelector('[data-said]');"
            " if (line) heard.push(line.textContent); }).observe(document.body, {subtree: true, childList: true})"
        )
        _drop(page, "diagnostic.txt", 1_500_000)
        expect(status).to_contain_text("est prêt à être envoyé")
        page.get_by_role("button", name="Déposer", exact=True).click()
        expect(page.locator("main")).to_contain_text("La version 1 est déposée.")
        heard = page.evaluate("heard")
        assert "L’envoi commence." in heard
        assert "Le fichier est envoyé, la plateforme l’examine." in heard
        assert page.url.endswith(path)
    assert diagnosis.cast.deliverable("diagnostic", NIORT).number == 1


def _drop(page: Page, name: str, size: int) -> None:
    """Drop a file of so many bytes on the form, as a hand does."""
    data = page.evaluate_handle(
        "([name, size]) => { const data = new DataTransfer();"
        " data.items.add(new File(['mot '.repeat(size / 4 + 1).slice(0, size)], name, {type: 'text/plain'}));"
        " return data; }",
        [name, size],
    )
    for kind in ("dragover", "drop"):
        page.dispatch_event("form[data-upload] .fr-upload-group", kind, {"dataTransfer": data})


def test_a_contractor_answers_a_reservation_and_a_refusal(
    site: TakeSite, chrome: Browser, tmp_path: Path
) -> None:
    diagnosis = site("diagnosis in review")
    cast, key = diagnosis.cast, "synthese_croisee"
    cast.sign(key, NIORT, Decision.approved_with_reservations, reason="Citer les associations.")
    cast.sign(key, BOURGES, Decision.refused, reason="La carte est fausse.")
    file = tmp_path / "synthese.txt"
    file.write_text("La carte est juste.", encoding="utf-8")
    with diagnosis.browser(chrome, cast.contractor, viewport=PHONE) as page:
        page.goto(diagnosis.deliverable(key))
        page.locator("summary", has_text="Répondre à cette réserve").click()
        page.get_by_label("Votre réponse à Niort").fill("Elles sont citées en page 3.")
        page.get_by_role("button", name="Envoyer la réponse").click()
        expect(page.locator("#reserves + article")).to_contain_text("Elles sont citées en page 3.")
        expect(page.locator("#deposer")).to_contain_text("La carte est fausse.")
        page.locator("input[name=fichier]").set_input_files(file)
        page.get_by_label("Ce qui a changé").fill("La carte.")
        page.get_by_role("button", name="Déposer", exact=True).click()
        expect(page.locator("main")).to_contain_text("La version 2 est déposée.")
        assert fits_its_width(page)
    (answered,) = cast.commitments(origin=CommitmentOrigin.reservation)
    assert answered.status is CommitmentStatus.kept

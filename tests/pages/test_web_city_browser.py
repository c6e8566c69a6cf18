"""The local contact's whole part in a real browser: what is expected, a commitment kept with a file, a strand recorded.

With the mouse on a desktop, by the keyboard alone on a phone, and without JavaScript.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browser import DESKTOP, PHONE, fits_its_width
from cast import NIORT
from playwright.sync_api import Browser, Page, expect
from sample_files import pdf
from site_of_tests import Site

from models.commitment import Commitment, CommitmentStatus
from models.consultation_strand import ConsultationStrand
from models.paris_time import paris_day
from models.stored_row import identity

At = Callable[..., Site]
HOST = "Mobiliser les personnes"
STRAND = "Concertation citoyenne"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "fiche-de-poste.pdf"
    file.write_bytes(pdf())
    return file


def settled(site: Site) -> Commitment:
    (commitment,) = site.cast.commitments(reference=f"provide_people@{NIORT}")
    return commitment


def held(site: Site) -> int:
    strands = site.cast.all(ConsultationStrand, ConsultationStrand.held_on.is_not(None))  # type: ignore[union-attr]
    return len(strands)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without JavaScript"])
def test_the_contact_keeps_a_commitment_with_a_file_then_records_a_strand(
    site: At, chrome: Browser, document: Path, scripts: bool
) -> None:
    here = site("consultation open")
    contact = here.cast.contact(NIORT)
    with here.browser(chrome, contact, DESKTOP, java_script_enabled=scripts) as page:
        page.goto("/a-faire")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ce qui m’attend")
        page.get_by_role("link", name=re.compile(f"^{HOST}")).click()
        page.get_by_role("button", name="Nous nous en occupons").click()
        expect(page.get_by_role("status").first).to_contain_text("est en cours")
        page.get_by_label("Note").fill("Deux personnes à mi-temps.")
        page.get_by_label("Lien").fill("https://niort.example/equipe")
        page.get_by_label("Document").set_input_files(document)
        page.get_by_role("button", name="Enregistrer : c’est tenu").click()
        expect(page.get_by_text("est tenu. Merci.")).to_be_visible()
        expect(page.get_by_role("link", name="https://niort.example/equipe")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Télécharger le document").click()
        assert Path(download.value.path()).read_bytes() == document.read_bytes()
        page.goto(f"{here.project}/etapes/consultation")
        page.get_by_role("link", name=re.compile(f"^Enregistrer : {STRAND}")).click()
        page.get_by_label("Tenu le").fill(f"{paris_day(here.cast.now)}")
        page.get_by_label("Participants").fill("180")
        page.get_by_label("Ce qui en est ressorti").fill("Des ateliers dans chaque quartier.")
        page.get_by_role("button", name="Enregistrer", exact=True).click()
        expect(page.get_by_text("C’est enregistré")).to_be_visible()
        expect(page.get_by_text("180\u00a0participants")).to_be_visible()
    assert settled(here).status is CommitmentStatus.kept
    assert held(here) == 1


@pytest.mark.trials
def test_the_same_by_the_keyboard_alone_on_a_phone(site: At, chrome: Browser, document: Path) -> None:
    here = site("consultation open")
    with here.browser(chrome, here.cast.contact(NIORT), PHONE) as page:
        # Listened to from the beginning: asked for at the last moment, a busy browser shows its own window instead.
        page.on("filechooser", lambda chooser: chooser.set_files(document))
        page.goto("/a-faire")
        assert fits_its_width(page)
        press(page, re.compile(f"^{HOST}"))
        page.wait_for_url("**/engagements/*")
        assert fits_its_width(page)
        reach(page, re.compile("^Note"))
        page.keyboard.type("Deux personnes à mi-temps.")
        reach(page, re.compile("^Document"))
        page.keyboard.press("Enter")
        expect(page.get_by_text("est prêt à être envoyé")).to_be_visible()
        press(page, re.compile("^Enregistrer : c’est tenu"))
        expect(page.get_by_text("est tenu. Merci.")).to_be_visible()
        page.goto(f"{here.project}/etapes/consultation")
        assert fits_its_width(page)
        press(page, re.compile(f"^Enregistrer : {STRAND}"))
        page.wait_for_url("**/volets/**")
        assert fits_its_width(page)
        today = paris_day(here.cast.now)
        reach(page, re.compile("^Tenu le"))
        page.keyboard.type(f"{today:%m%d%Y}")
        reach(page, re.compile("^Participants"))
        page.keyboard.type("180")
        press(page, re.compile("^Enregistrer"))
        expect(page.get_by_text("C’est enregistré")).to_be_visible()
        assert fits_its_width(page)
    assert settled(here).status is CommitmentStatus.kept
    assert held(here) == 1


def reach(page: Page, name: re.Pattern[str]) -> None:
    """Press Tab until what has the focus bears this name; what has it is always to be seen."""
    for _ in range(120):
        page.keyboard.press("Tab")
        focused = page.evaluate(NAME_OF_FOCUS)
        if name.search(focused):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", focused
            return
    raise AssertionError(f"Tab never reaches {name.pattern}")


NAME_OF_FOCUS = """() => {
  const one = document.activeElement;
  const text = one.labels?.length ? one.labels[0].textContent : one.textContent;
  return text.trim().replace(/\\s+/g, " ");
}"""


def press(page: Page, name: re.Pattern[str]) -> None:
    reach(page, name)
    page.keyboard.press("Enter")


def test_a_refused_file_keeps_what_was_typed_and_says_why_first(
    site: At, chrome: Browser, tmp_path: Path
) -> None:
    here = site("charter closed")
    page_of_it = f"{here.project}/engagements/{settled(here).id}"
    web_page = tmp_path / "page.pdf"
    web_page.write_bytes(b"<html><script>alert(1)</script></html>")
    with here.browser(chrome, here.cast.contact(NIORT), PHONE) as page:
        page.goto(page_of_it)
        page.get_by_label("Note").fill("Deux personnes à mi-temps.")
        page.get_by_label("Document").set_input_files(web_page)
        page.get_by_role("button", name="Enregistrer : c’est tenu").click()
        expect(page.get_by_role("alert").first).to_be_focused()
        expect(page.get_by_role("alert").first).to_contain_text("Rien n’a été enregistré")
        expect(page.get_by_label("Note")).to_have_value("Deux personnes à mi-temps.")
        assert fits_its_width(page)
    assert settled(here).status is CommitmentStatus.to_do


def test_a_mail_finds_its_commitment_even_on_another_page_of_the_list(site: At, chrome: Browser) -> None:
    here = site("action plan open")
    numbers = sorted((identity(each) for each in here.cast.commitments()), reverse=True)
    with here.browser(chrome, here.cast.agent) as page:
        page.goto(f"{here.project}/engagements")
        absent = next(one for one in numbers if not page.locator(f"#engagement-{one}").count())
        page.goto("/a-faire")
        page.goto(f"{here.project}/engagements#engagement-{absent}")
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(f"n° {absent}$"))

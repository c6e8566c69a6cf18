"""An agent's work in a real browser: with a mouse on a desk, and on a phone with the keyboard alone."""

from collections.abc import Callable

from browser import PHONE, fits_its_width
from playwright.sync_api import Browser, Page, expect
from site_of_tests import Site

from actions.stages.open_stage import open_stage
from models.shared_project import ProjectStatus
from models.stage import StageStatus

At = Callable[..., Site]
MOST_TABS = 90


def test_an_agent_opens_the_next_stage_once_nothing_is_missing(site: At, chrome: Browser) -> None:
    here = site("charter in review")
    cast = here.cast
    with here.browser(chrome, cast.agent) as page:
        page.goto("/projets")
        expect(page.get_by_text("Bourges : valider « Charte de projet partagé »")).to_be_visible()
        page.get_by_role("link", name="Démocratie culturelle").click()
        button = page.get_by_role("button", name="Ouvrir l’étape « Cahier des charges »")
        expect(button).to_be_disabled()
        expect(button).to_have_accessible_description(
            "Elle ne peut pas encore s’ouvrir : il manque 5 choses."
        )
        cast.finish("charter")
        page.reload()
        expect(page.get_by_text("Elle ne peut pas encore s’ouvrir")).to_have_count(0)
        button.click()
        expect(page.get_by_text("L’ouverture de l’étape est demandée.")).to_be_visible()
        expect(page.get_by_role("heading", name="Ouverture en cours")).to_be_visible()
        assert cast.status("terms_of_reference") is StageStatus.opening
        open_stage(cast.db, cast.stage_id("terms_of_reference"), now=cast.now)
        expect(page.get_by_role("heading", name="Ouverture en cours")).to_have_count(0, timeout=15_000)
        expect(
            page.get_by_role("listitem").filter(has_text="Cahier des charges").get_by_text("ouverte")
        ).to_be_visible()
        assert fits_its_width(page)


def test_on_a_phone_the_keyboard_alone_reminds_and_pauses(site: At, chrome: Browser) -> None:
    here = site("charter in review")
    with here.browser(chrome, here.cast.agent, viewport=PHONE) as page:
        page.goto("/projets")
        follow(page, "Démocratie culturelle")
        follow(page, "Relancer les personnes concernées")
        assert fits_its_width(page)
        follow(page, "Rappeler : Niort, « Charte de projet partagé »")
        expect(page.get_by_role("status")).to_contain_text("est parti.")
        expect(page.get_by_text("Rappelé il y a moins de 24 heures")).to_be_visible()
        follow(page, "Vue d’ensemble")
        reach(page, "Mettre le projet en pause")
        page.keyboard.press("Enter")
        reach(page, "Motif")
        page.keyboard.type("Élections municipales")
        follow(page, "Mettre en pause")
        expect(page.get_by_role("status")).to_contain_text("Le projet est en pause")
        assert fits_its_width(page)
    assert here.cast.project().status is ProjectStatus.paused
    assert len(here.cast.notices("reminder_from_agent")) > 0


def follow(page: Page, name: str) -> None:
    """Go to the link or button of this name with Tab, and press Enter: another page comes."""
    reach(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def reach(page: Page, name: str) -> None:
    """Press Tab until the thing of this name has the focus, and shows it."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(NAMED).strip() == name:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"Tab never reaches « {name} »")


NAMED = """() => {
  const here = document.activeElement;
  const label = here.labels?.[0]?.firstChild?.textContent;
  return (label ?? here.textContent).replaceAll("\\u00a0", " ").replace(/\\s+/g, " ");
}"""
"""The words of what has the focus: of its label, or its own."""

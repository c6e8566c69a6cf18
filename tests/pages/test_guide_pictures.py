"""The pictures of the guides: taken from the pages themselves, in a real browser, as each reader sees them.

``GUIDE=write make trials TESTS=tests/pages/test_guide_pictures.py`` takes them again, to be looked at. Otherwise: each
picture that a guide shows is there and small, and the page it shows still answers.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from cast import NIORT, Cast
from playwright.sync_api import Browser, FilePayload, Page
from sample_files import pdf
from site_of_tests import Site

from actions.stages.record_strand import record_strand
from models.person import Actor, AuthMethod
from models.sign_off import Decision
from web.pages.guide import DOCS, GUIDES, IMAGES

At = Callable[..., Site]
LARGEST = 120_000
VIEW = {"width": 900, "height": 640}
PICTURE = re.compile(r"!\[[^\]]+\]\(images/([a-z-]+)\.png\)")


@dataclass(frozen=True)
class Picture:
    """The page of ``path`` as ``who`` sees it at this point of the story, from ``top`` (a selector) down.

    ``before`` is done by the cast, ``then`` by the reader on the page.
    """

    point: str
    who: Callable[[Cast], Actor]
    path: Callable[[Site], str]
    top: str = "main"
    before: Callable[[Site], object] = lambda site: None
    then: Callable[[Page], object] = lambda page: None


def contact(cast: Cast) -> Actor:
    return cast.contact(NIORT)


def mayor(cast: Cast) -> Actor:
    return cast.mayor(NIORT)


def agent(cast: Cast) -> Actor:
    return cast.agent


def first_commitment(site: Site) -> str:
    (commitment,) = site.cast.commitments(reference=f"provide_people@{NIORT}")
    return f"{site.project}/engagements/{commitment.id}"


def approve(site: Site) -> None:
    signer = replace(site.cast.mayor(NIORT), auth_method=AuthMethod.email_link)
    site.cast.sign("diagnostic", NIORT, Decision.approved, actor=signer)


def hold_strands(site: Site) -> None:
    cast = site.cast
    for key, people, summary in (
        ("citizens", 180, "Six ateliers, un par quartier."),
        ("professionals", 42, None),
    ):
        record_strand(
            cast.db,
            cast.contact(NIORT),
            cast.slug,
            NIORT,
            key,
            held_on=cast.today,
            participants=people,
            summary=summary,
            now=cast.now,
        )


def choose_file(page: Page) -> None:
    chosen: FilePayload = {"name": "diagnostic-niort.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    page.locator("input[type=file]").set_input_files(chosen)


def write_note(page: Page) -> None:
    page.get_by_label("Note").fill(
        "Deux personnes à mi-temps depuis septembre, et un local rue de Strasbourg."
    )


PICTURES = {
    "villes-a-faire": Picture("diagnosis open", contact, lambda site: "/a-faire"),
    "villes-deposer": Picture(
        "diagnosis open", contact, lambda site: site.deliverable("diagnostic", NIORT), then=choose_file
    ),
    "villes-valider": Picture(
        "diagnosis in review", mayor, lambda site: site.deliverable("diagnostic", NIORT)
    ),
    "villes-recu": Picture(
        "diagnosis in review",
        mayor,
        lambda site: f"/recus/{site.cast.sign_offs('diagnostic', NIORT)[-1].id}",
        before=approve,
    ),
    "villes-engagement": Picture("diagnosis open", contact, first_commitment, then=write_note),
    "villes-concertation": Picture(
        "consultation open",
        contact,
        lambda site: f"{site.project}/etapes/consultation",
        top=".strands__city:has-text('Niort')",
        before=hold_strands,
    ),
    "agents-tableau": Picture("diagnosis in review", agent, lambda site: "/projets"),
    "agents-projet": Picture("diagnosis in review", agent, lambda site: site.project),
    "agents-etape": Picture(
        "diagnosis in review", agent, lambda site: f"{site.project}/etapes/territorial_diagnosis"
    ),
    "agents-relances": Picture("diagnosis in review", agent, lambda site: f"{site.project}/relances"),
    "agents-journal": Picture("diagnosis in review", agent, lambda site: f"{site.project}/journal"),
}


def test_the_guides_show_each_of_these_pictures_and_no_other() -> None:
    shown = [name for file in GUIDES.values() for name in PICTURE.findall((DOCS / file).read_text("utf-8"))]
    assert sorted(shown) == sorted(PICTURES)


@pytest.mark.trials
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_a_page_that_is_still_there(name: str, site: At, chrome: Browser) -> None:
    picture = PICTURES[name]
    here = site(picture.point)
    picture.before(here)
    file = IMAGES / f"{name}.png"
    with here.browser(chrome, picture.who(here.cast), viewport=VIEW) as page:
        answer = page.goto(picture.path(here))
        assert answer is not None
        assert answer.ok
        picture.then(page)
        if os.environ.get("GUIDE") == "write":
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(_taken(page, picture.top))
    assert file.exists()
    assert file.stat().st_size <= LARGEST


def _taken(page: Page, top: str) -> bytes:
    """From the top of this element, as much as the window holds."""
    page.locator(top).first.evaluate(
        "element => scrollTo({top: element.getBoundingClientRect().top + scrollY, behavior: 'instant'})"
    )
    return page.screenshot()

"""Every page there is, before who may read it: judged by html-validate, the W3C, axe-core and IBM; and its HEAD."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser import DESKTOP, PHONE, fits_its_width
from every_route import Route
from judges import (
    OF_THE_SCREEN,
    barriers,
    barriers_by_ibm,
    faults_by_nu,
    faults_of_html,
    unfold,
    write_pages,
)
from pages_to_visit import PEOPLE, Visits, pages
from playwright.sync_api import Browser, BrowserContext, Page
from shelf import Shelf
from site_of_tests import Site, alike, plain

from web.server.static_files import STATIC

NARROW = {"width": 320, "height": 640}
LOOKS: list[Any] = [{}]
if REAL_ASSETS := os.environ.get("PROJET_PARTAGE_TEST_DSFR"):
    LOOKS.append({"theme": "dsfr", "dsfr_dir": Path(REAL_ASSETS)})
MANY_READERS = ("/a-faire", "/projets/{slug}/livrables/{deliverable_id}")
"""Pages that say to a mayor, and to a contact, what they say to no one else: judged in front of each, each time."""
STOP = """() => {
  const at = document.activeElement, order = [...document.querySelectorAll("*")].indexOf(at);
  if (at === document.body) return null;
  const style = getComputedStyle(at), box = at.getBoundingClientRect();
  const inSight = box.width > 0 && box.bottom > 0 && box.right > 0;
  const drawn = inSight && (style.outlineStyle !== "none" || style.boxShadow !== "none");
  return {what: at.outerHTML.slice(0, 100), place: order, drawn};
}"""
"""Where the keyboard is; null once it has left the page."""


@pytest.fixture(scope="module")
def visits(sqlite_shelf: Shelf) -> Iterator[Visits]:
    with ExitStack() as open_:
        yield Visits(sqlite_shelf, open_, publisher_contact="projets@essai.example")


def readers(route: Route) -> list[str]:
    """Who reads the page in the sweep: the first who may; nobody signed in where one signs in."""
    if route.path == "/connexion":
        return ["nobody"]
    may = [name for name, (role, _) in PEOPLE.items() if route.act is None or role in route.act.roles]
    return ["agent", "mayor", "contact"] if route.path in MANY_READERS else may[:1]


def in_front(chrome: Browser, site: Site, cookies: dict[str, str], **options: Any) -> BrowserContext:
    context = chrome.new_context(base_url=site.address, locale="fr-FR", service_workers="block", **options)
    context.add_cookies(
        [{"name": name, "value": value, "url": site.address} for name, value in cookies.items()]
    )
    return context


class Sweep:
    """Every page, read by who may: its site, its path and its reader; the HTML of each; what could not be read.

    ``answers`` has those of every route, redirections and files too.
    """

    def __init__(self, visits: Visits) -> None:
        self.pages: list[tuple[Site, str, str]] = []
        self.html: dict[str, str] = {}
        self.unread: list[str] = []
        self.answers: list[tuple[Route, str, httpx.Response]] = []
        for route in pages():
            site, path = visits.site(route), visits.address(route)
            for name in readers(route):
                answer = visits.ask(route, name)
                self.answers.append((route, name, answer))
                if answer.status_code == 303 and not answer.headers["location"].startswith("/connexion"):
                    continue  # an address that leads to a page, which is visited under its own
                if answer.status_code != 200:
                    self.unread.append(f"{route} ({path}) pour {name} : {answer.status_code}")
                elif answer.headers["content-type"].startswith("text/html"):
                    self._keep(site, path, name, answer)
        for site, path, name, status in visits.other_faces():
            answer = visits.request(site, "GET", path, name)
            if answer.status_code != status:
                self.unread.append(f"{path} pour {name} : {answer.status_code}")
            self._keep(site, path, name, answer)

    def _keep(self, site: Site, path: str, name: str, answer: httpx.Response) -> None:
        self.pages.append((site, path, name))
        self.html[f"{path} ({name})"] = answer.text


@pytest.fixture(scope="module")
def sweep(visits: Visits) -> Sweep:
    return Sweep(visits)


def test_every_page_there_is_can_be_visited(sweep: Sweep) -> None:
    assert sweep.unread == []
    assert len(sweep.pages) >= 12
    assert any("Qui êtes-vous ?" in plain(html) for html in sweep.html.values())


def test_the_html_of_every_page_is_valid(sweep: Sweep, tmp_path: Path) -> None:
    faults = faults_of_html(sweep.html, tmp_path)
    assert not faults, "\n".join(faults)


@pytest.mark.trials
def test_the_w3c_finds_nothing_in_any_page_nor_in_what_it_loads(sweep: Sweep, tmp_path: Path) -> None:
    names = write_pages(sweep.html, tmp_path)
    files = [*map(Path, names), *STATIC.glob("*.css"), *STATIC.glob("*.svg")]
    faults = [(names.get(str(tmp_path / file), file), fault) for file, fault in faults_by_nu(files)]
    assert faults == []


@pytest.mark.trials
def test_head_is_get_without_its_body_on_every_page(sweep: Sweep, visits: Visits) -> None:
    for route, name, get in sweep.answers:
        head = visits.ask(replace(route, method="HEAD"), name)
        assert alike(get, head), f"{route}: {get.headers} {head.headers}"
        assert "content-length" in head.headers or get.status_code in (204, 304), f"{route}"


@pytest.mark.trials
@pytest.mark.timeout(900)
def test_axe_and_ibm_find_nothing_on_any_page(sweep: Sweep, visits: Visits, chrome: Browser) -> None:
    wrong: dict[str, Any] = {}
    with ExitStack() as open_:
        fronts: dict[tuple[str, str], Page] = {}
        for site, path, name in sweep.pages:
            key = (site.address, name)
            if key not in fronts:
                context = in_front(chrome, site, visits.cookies(site, name), viewport=DESKTOP)
                open_.callback(context.close)
                fronts[key] = context.new_page()
            fronts[key].goto(path)
            unfold(fronts[key])
            if faults := barriers(fronts[key]) + barriers_by_ibm(fronts[key]):
                wrong[f"{path} ({name})"] = faults
    assert wrong == {}


def test_the_skip_link_comes_first_and_the_focus_is_visible(
    sweep: Sweep, visits: Visits, chrome: Browser
) -> None:
    """The first key leads to the content; each stop after it is in sight, drawn, in the order of the page."""
    site = next(site for site, path, _ in sweep.pages if path == "/a-faire")
    with ExitStack() as open_:
        context = in_front(chrome, site, visits.cookies(site, "agent"), viewport=PHONE)
        open_.callback(context.close)
        page = context.new_page()
        page.goto("/a-faire")
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Aller au contenu"
        assert page.locator(":focus").is_visible()
        stops = [page.evaluate(STOP)]
        while True:
            page.keyboard.press("Tab")
            stop = page.evaluate(STOP)
            if stop is None or len(stops) > 200:
                break
            stops.append(stop)
    assert len(stops) > 8
    assert [stop for stop in stops if not stop["drawn"]] == []
    places = [stop["place"] for stop in stops]
    assert places == sorted(places)


@pytest.mark.trials
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.get("theme", "neutral"))
def test_every_page_for_every_role_on_every_screen(
    sqlite_shelf: Shelf, chrome: Browser, look: dict[str, Any], name: str
) -> None:
    """All that axe knows once, then what the screen may change: phone and desktop, light and dark; nothing sticks out
    at 320 px, nor on a phone at 200 % of the letters."""
    wrong: dict[str, Any] = {}
    refusals: set[int] = set()
    with ExitStack() as open_:
        visits = Visits(sqlite_shelf, open_, publisher_contact="projets@essai.example", **look)
        fronts: dict[str, Page] = {}
        for route in pages():
            answer, site = visits.ask(route, name), visits.site(route)
            if answer.status_code == 303 or not answer.headers["content-type"].startswith("text/html"):
                continue
            if answer.status_code in refusals:
                continue  # the page of one refusal is that of the next
            if answer.status_code != 200:
                refusals.add(answer.status_code)
            if site.address not in fronts:
                options = {"viewport": DESKTOP, "bypass_csp": True, "reduced_motion": "reduce"}
                context = in_front(chrome, site, visits.cookies(site, name), **options)
                open_.callback(context.close)
                fronts[site.address] = context.new_page()
            fronts[site.address].goto(visits.address(route))
            if faults := on_every_screen(fronts[site.address]):
                wrong[visits.address(route)] = faults
    assert wrong == {}


def on_every_screen(page: Page) -> list[Any]:
    """What is wrong on the page that is open, folded parts too, whatever the screen."""
    faults: list[Any] = []
    unfold(page)
    for viewport in (DESKTOP, PHONE):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        for light in ("light", "dark"):
            page.emulate_media(color_scheme=light)  # type: ignore[arg-type]
            whole = viewport is DESKTOP and light == "light"
            faults += [
                (viewport["width"], light, each) for each in barriers(page, None if whole else OF_THE_SCREEN)
            ]
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    faults += [] if fits_its_width(page) else ["sticks out at 320 px"]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.add_style_tag(content="html { font-size: 200% !important }")
    faults += [] if fits_its_width(page) else ["sticks out at 200 %"]
    return faults


def test_the_judges_see_what_is_wrong(chrome: Browser, tmp_path: Path) -> None:
    bad = '<!doctype html><html lang="fr"><title>Essai</title><main><h1>Essai</h1><img src="x"><p id="a"><p id="a">'
    page = chrome.new_page()
    page.set_content(bad)
    assert "image-alt" in [name for name, _ in barriers(page)]
    assert any("no-dup-id" in fault for fault in faults_of_html({"/essai": bad}, tmp_path))
    page.close()


@pytest.mark.trials
def test_the_judges_of_the_trials_see_what_is_wrong(chrome: Browser, tmp_path: Path) -> None:
    group = "<fieldset><legend>Contact</legend><label>Nom <input></label></fieldset>"
    bad = f'<!doctype html><html lang="fr"><title>Essai</title><main><h1>Essai</h1>{group}{group}</main>'
    page = chrome.new_page()
    page.set_content(bad)
    assert [rule for rule, *_ in barriers_by_ibm(page)] == ["fieldset_label_valid"] * 2
    page.close()
    moment = '<time datetime="2026-11-30T09:00:00.123456Z">hier</time>'
    names = write_pages({"/essai": bad + moment}, tmp_path)
    [(_, fault)] = faults_by_nu(map(Path, names))
    assert "one, two, or three digits" in fault

"""A real browser for the tests of pages: the Chromium of the machine, without a window and without the network."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
PHONE, DESKTOP = {"width": 375, "height": 740}, {"width": 1280, "height": 860}
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; without one the test is skipped, and fails on CI, where nothing may be left out."""
    if not CHROMIUM.exists():
        absent = f"pas de navigateur pour ce test : {CHROMIUM} n’existe pas (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(absent)
        pytest.skip(absent)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        try:
            yield browser
        finally:
            browser.close()


def fits_its_width(page: Page) -> bool:
    """Whether nothing sticks out on the right: no scrolling from side to side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

"""Every link that somebody is shown leads to a page that is there for them: each role, page after page."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from cast import NIORT, Cast
from site_of_tests import Site, Visitor

from models.person import Actor

At = Callable[..., Site]
LINK = re.compile(r'<(?:a|link|img|script)\b[^>]*?\b(?:href|src)="([^"]*)"')
ANCHORS = re.compile(r'\bid="([^"]+)"')
ENOUGH = 400
READERS: dict[str, Callable[[Cast], Actor | None]] = {
    "agent": lambda cast: cast.agent,
    "contact": lambda cast: cast.contact(NIORT),
    "mayor": lambda cast: cast.mayor(NIORT),
    "contractor": lambda cast: cast.contractor,
    "observer": lambda cast: cast.observer,
    "outsider": lambda cast: cast.outsider,
    "nobody": lambda cast: None,
}


@pytest.mark.trials
@pytest.mark.parametrize(
    ("reader", "point"),
    [*((each, "consultation open") for each in READERS), ("contractor", "over"), ("nobody", "over")],
)
def test_no_link_leads_where_its_reader_may_not_go(reader: str, point: str, site: At) -> None:
    here = site(point)
    with here.client(READERS[reader](here.cast)) as somebody:
        dead, seen = crawl(somebody, here.address)
    assert dead == []
    assert len(seen) > (40 if READERS[reader](here.cast) and reader != "outsider" else 10)


def crawl(somebody: Visitor, address: str) -> tuple[list[str], set[str]]:
    """The links that lead nowhere, with the page that shows them; and all that were followed, on our pages only."""
    waiting: set[tuple[str, str]] = {("/", "")}
    seen, dead = {"/"}, list[str]()
    while waiting and len(seen) < ENOUGH:
        path, source = waiting.pop()
        answer = somebody.get(path)
        if answer.status_code >= 400:
            dead.append(f"{answer.status_code} {path} ({source})")
        if "text/html" not in answer.headers.get("content-type", "") or answer.status_code >= 300:
            continue
        dead += [f"#{each} ({path})" for each in broken_anchors(answer.text, path)]
        for link in links(answer.text, path, address):
            if link not in seen:
                seen.add(link)
                waiting.add((link, path))
    return dead, seen


def links(text: str, path: str, address: str) -> set[str]:
    """The addresses of ours that a page leads to, without their anchor."""
    links_of_page = set()
    for each in LINK.findall(text):
        target = urldefrag(urljoin(address + path, unescape(each)))[0]
        if target.startswith(address):
            parts = urlsplit(target)
            links_of_page.add(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return links_of_page


def broken_anchors(text: str, path: str) -> list[str]:
    """The anchors that a page leads to in itself, and does not have."""
    anchors = set(ANCHORS.findall(text))
    wanted = {unescape(each)[1:] for each in LINK.findall(text) if each.startswith("#")}
    return sorted(wanted - anchors - {""})

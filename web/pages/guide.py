"""Our guides, written in the little Markdown they need: titles, paragraphs, lists, pictures, links, strong words.

They are ours, and escaped all the same. The same files are read on the forge and shown by ``web.pages.help_pages``.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup, escape

from notifications.typography import french

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = {"villes": "guide-villes.md", "agents": "guide-agents.md"}
IMAGES = DOCS / "images"
_INLINE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)|\[([^\]]+)\]\(([^)\s]+)\)|\*\*([^*]+)\*\*")
_ITEM = re.compile(r"(?:-|(\d+)\.) +(.*)")


def guide(name: str) -> tuple[str, Markup]:
    """The title of a guide, and its body in HTML. Raises ``KeyError`` for one that is not ours."""
    text = (DOCS / GUIDES[name]).read_text("utf-8")
    first, _, rest = text.partition("\n")
    return first.removeprefix("# ").strip(), Markup("\n").join(_blocks(rest))


def _blocks(text: str) -> Iterator[Markup]:
    for block in re.split(r"\n\s*\n", text.strip()):
        title = re.fullmatch(r"(#{2,3}) +(.+)", block)
        if title:
            level = len(title[1])
            yield Markup("<h{0}>{1}</h{0}>").format(level, _words(title[2]))
        elif _ITEM.match(block):
            yield _list(block)
        else:
            yield Markup("<p>{}</p>").format(_words(block))


def _list(block: str) -> Markup:
    """Each item begins a line; the lines that follow, indented, are its own."""
    items = re.split(r"\n(?=(?:-|\d+\.) )", block)
    inside = Markup("\n").join(
        Markup("<li>{}</li>").format(_words(_ITEM.sub(r"\2", item, count=1))) for item in items
    )
    tag = "ol" if block[0].isdecimal() else "ul"
    return Markup("<{0}>{1}</{0}>").format(tag, inside)


def _words(text: str) -> Markup:
    text = french(re.sub(r"\s+", " ", text.strip()))
    parts, last = [], 0
    for found in _INLINE.finditer(text):
        parts += [escape(text[last : found.start()]), _inline(found)]
        last = found.end()
    return Markup("").join([*parts, escape(text[last:])])


def _inline(found: re.Match[str]) -> Markup:
    picture, source, words, target, strong = found.groups()
    if source:
        return Markup('<img src="{}" alt="{}" loading="lazy">').format(_place(source), picture)
    if target:
        return Markup('<a href="{}">{}</a>').format(_place(target), words)
    return Markup("<strong>{}</strong>").format(strong)


def _place(target: str) -> str:
    """Where a link of the file leads on the pages."""
    known = {file: f"/aide/{name}" for name, file in GUIDES.items()}
    return known.get(target, f"/aide/{target}" if target.startswith("images/") else target)

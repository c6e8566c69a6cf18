"""The guides of ``docs/`` as HTML: the same Markdown files are read on the forge and shown by the help pages."""

import re
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup

from notifications.typography import french

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = {"villes": "guide-villes.md", "agents": "guide-agents.md"}
IMAGES = DOCS / "images"
_PAGES = {file: f"/aide/{name}" for name, file in GUIDES.items()}


def guide(name: str) -> tuple[str, Markup]:
    """The title of a guide, and its body in HTML. Raises ``KeyError`` for one that is not ours."""
    first, _, rest = (DOCS / GUIDES[name]).read_text("utf-8").partition("\n")
    return first.removeprefix("# ").strip(), render(rest)


def render(text: str) -> Markup:
    """Markdown as safe HTML: raw HTML is escaped, and no link runs a script."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - `html` is off


def _apply_typography(state: StateCore) -> None:
    """French typography, once a paragraph is on one line: a space before « ; » may be the end of a line."""
    for token in state.tokens:
        if token.type == "inline":
            token.content = french(re.sub(r"\s+", " ", token.content))


def _adapt_to_pages(state: StateCore) -> None:
    """Links and pictures lead where the pages have them; a browser loads a picture once it is near."""
    for token in (child for each in state.tokens for child in each.children or ()):
        for attribute in ("href", "src"):
            if target := token.attrGet(attribute):
                token.attrSet(attribute, _page_address(str(target)))
        if token.type == "image":
            token.attrSet("loading", "lazy")


def _page_address(target: str) -> str:
    return _PAGES.get(target, f"/aide/{target}" if target.startswith("images/") else target)


_MARKDOWN = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False})
_MARKDOWN.core.ruler.before("inline", "typography", _apply_typography)
_MARKDOWN.core.ruler.after("inline", "pages", _adapt_to_pages)

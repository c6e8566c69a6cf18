"""What a mail's own words become on the local mail page: harmless, with their links."""

import re

from markupsafe import Markup, escape

from models.labelled_enum import LabelledEnum

SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
"""A link may be followed, in a window of its own; nothing runs, nothing is sent, nothing is loaded from elsewhere."""
MAIL_POLICY = (
    f"sandbox {SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
_LINK = re.compile(r"https?://[^\s<>\"«»]+")
_AFTER_A_LINK = ".,;:!?)]}'…"
_WANTED_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_SCHEMES_KNOWN = re.compile(r"(<meta name=\"color-scheme\" content=\")[^\"]*")


class Light(LabelledEnum):
    """How the reader's screen is: as this browser's, or as if it were light or dark."""

    as_here = "", "comme ce navigateur"
    light = "clair", "clair"
    dark = "sombre", "sombre"


def html_as_shown(html: str, light: Light) -> str:
    """The mail's HTML, its links opening beside it, under the light asked for."""
    opened = re.sub(r"(<head[^>]*>)", r'\1<base target="_blank">', html, count=1, flags=re.IGNORECASE)
    if light is Light.as_here:
        return opened
    is_dark = light is Light.dark
    answered = {True: "(min-width: 0)", False: "(max-width: 0)"}
    lit = _WANTED_SCHEME.sub(lambda asked: answered[(asked[1].lower() == "dark") == is_dark], opened)
    return _SCHEMES_KNOWN.sub(rf"\g<1>{'dark' if is_dark else 'light'}", lit)


def text_as_shown(text: str) -> Markup:
    """The text part, escaped, its addresses as links."""
    shown, end = Markup(""), 0
    for match in _LINK.finditer(text):
        link = match[0].rstrip(_AFTER_A_LINK)
        shown += text[end : match.start()]
        shown += Markup('<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>').format(link)
        end = match.start() + len(link)
    return shown + escape(text[end:])

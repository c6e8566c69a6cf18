"""What somebody typed, with its web addresses to be followed; everything in it is escaped."""

import re

from markupsafe import Markup, escape

_LINK = Markup('<a href="{0}" rel="noopener nofollow ugc">{0}</a>')
_ADDRESS = re.compile(r"https?://[^\s<>\"'«»]+[^\s<>\"'«».,;:!?)\]]")


def linked(text: str) -> Markup:
    """``text`` in HTML; only what begins with http:// or https:// is a link."""
    parts, last = [], 0
    for match in _ADDRESS.finditer(text):
        address = escape(match[0])
        parts += [
            escape(text[last : match.start()]),
            _LINK.format(address),
        ]
        last = match.end()
    return Markup("").join([*parts, escape(text[last:])])

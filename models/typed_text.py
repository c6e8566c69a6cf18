"""What people type to be read by others: plain text, kept as it was typed, without what a page cannot show."""

import re

_UNSHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Controls, marks that turn the direction of what follows them, halves of letters."""


def shown(text: str) -> str:
    """``text`` with line ends of one kind, and only letters that a page shows where they stand.

    It is not HTML, and is never shown as such.
    """
    return _UNSHOWN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def plain(text: str) -> str:
    """As ``shown``, with nothing before the first word nor after the last."""
    return shown(text).strip()

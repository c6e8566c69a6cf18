"""What people type to be read by others: the one cleaning of every text, whichever way it came.

What is kept is what a reader sees where it stands. Letters are composed (NFC). A line end, whatever its sign (CR,
vertical tab, form feed, NEL, U+2028, U+2029, the separators of ASCII), is a space in a line and a line end in a
paragraph: no two words are glued. Taken away: controls, marks that turn the direction of what follows them,
characters without width, fillers that look like nothing, halves of letters, private use, tags and noncharacters. Kept:
non-breaking spaces, which French wants; the joiners (U+200C, U+200D) between two signs of a script that needs them
(Arabic, Persian, the scripts of India, emoji); variation selectors; letters that this version of Unicode does not know
yet. It is not HTML, and is never shown as such.
"""

import re
import unicodedata

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_FILLERS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]")
"""Letters and signs to Unicode, and nothing to the eye."""
_NONCHARACTERS = "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0xF0000, 0x10000)
)
_UNSHOWN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff\U000f0000-\U0010ffff]"
    f"|[^\x00-\uffff](?<=[{_NONCHARACTERS}])"
)
_JOINERS = re.compile("[\u200c\u200d]+")
_JOINED = frozenset(("Lo", "So"))
"""Categories of the signs that a joiner stands between; the letters of Latin, Greek and Cyrillic are not among them."""
_MARKS = frozenset(("Mn", "Mc", "Me", "Sk"))
_BREAKS = re.compile("[ \t\n\u1680\u2000-\u200a\u205f\u3000]+")
_AROUND_FIXED = re.compile(" *([\u00a0\u202f])[ \u00a0\u202f]*")


def shown(text: str) -> str:
    """``text`` with line ends of one kind, and only what a page shows where it stands."""
    if not _is_shown(text):
        text = _FILLERS.sub("", _UNSHOWN.sub("", _LINE_END.sub("\n", text)))
        text = _JOINERS.sub(_kept_joiner, unicodedata.normalize("NFC", text))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _is_shown(text: str) -> bool:
    """Is it clear at once, as nearly always, that there is nothing to take away?"""
    if text.isprintable():
        return text.isascii() or not _FILLERS.search(text)
    kept = text.replace("\n", "").replace("\u00a0", "").replace("\u202f", "")
    return kept.isprintable() and not _FILLERS.search(kept)


def paragraph(text: str) -> str:
    """As ``shown``, with nothing before the first word nor after the last; its line ends are all ``\\n``."""
    return shown(text).strip()


def line(text: str) -> str:
    """As ``paragraph``, on one line, its words parted by single spaces (or single non-breaking ones)."""
    text = shown(text)
    if "  " in text or not text.isprintable():
        text = _AROUND_FIXED.sub(r"\1", _BREAKS.sub(" ", text))
    return text.strip()


def _kept_joiner(match: re.Match[str]) -> str:
    """The first of the joiners between two signs that need one, marks upon the first apart; else nothing."""
    text, place = match.string, match.start()
    if unicodedata.category(text[match.end() : match.end() + 1] or "\n") not in _JOINED:
        return ""
    while place and unicodedata.category(text[place - 1]) in _MARKS:
        place -= 1
    return match.group()[0] if place and unicodedata.category(text[place - 1]) in _JOINED else ""

"""French text in the encodings from before Unicode, told apart by which of them gives words that can be read.

charset-normalizer, held to the same encodings, reads one accented name in three wrongly from a Macintosh: a line of a
table is too short for its statistics. The letters French has, and where they stand in a word, leave fewer doubts.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

_ENCODINGS = ("cp1252", "iso8859-15", "mac_roman", "cp850")
"""Windows, then the free systems, the Macintosh and DOS (Excel’s « CSV (MS-DOS) »)."""
_FRENCH = frozenset("àâçèéêëîïôùûüœæÿ")
_EASTERN = frozenset("šž")
"""In the encoding of Windows, but hardly in France: they betray the « é » of the Macintosh."""
_SIGNS = frozenset("«»’‘“”–—…€°²³№½·•§©®™\u00a0")
_WITHIN_WORDS = frozenset("’·\u00a0")
_OPENING = frozenset("«‘“")
_OTHER_LETTER, _UNLIKELY, _STRANGE, _IMPOSSIBLE = 1, 2, 9, 99
_MOST_STRANGE = 3
"""Each, on the average, in a text that is still French: a symbol among letters."""
_ENOUGH = 20_000
"""Accented letters, from the beginning, that are looked at."""
_ACCENTED = re.compile(r"[^\x00-\x7f]")


def read_western(content: bytes) -> str | None:
    """The text of ``content``; None when no encoding gives French, or when two give it as well as each other.

    That of Windows is taken as soon as it has nothing strange: next to it the others are rare.
    """
    texts: dict[str, int] = {}
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        texts.setdefault(text, _strangeness(text))
        if encoding == _ENCODINGS[0] and texts[text] < _STRANGE:
            return text
    least = min(texts.values())
    likely = [text for text, strangeness in texts.items() if strangeness == least]
    return likely[0] if len(likely) == 1 and least < _MOST_STRANGE * _length(likely[0]) else None


def _length(text: str) -> int:
    return max(1, sum(1 for _ in _looked_at(text)))


def _strangeness(text: str) -> int:
    return sum(_cost(text, place.start()) for place in _looked_at(text))


def _looked_at(text: str) -> Iterator[re.Match[str]]:
    return islice(_ACCENTED.finditer(text), _ENOUGH)


def _cost(text: str, place: int) -> int:
    sign, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if sign.isalpha():
        return _cost_of_letter(sign, before, after)
    if sign in _SIGNS:
        return _cost_of_sign(sign, before, after)
    return _IMPOSSIBLE if unicodedata.category(sign) == "Cc" else _STRANGE


def _cost_of_sign(sign: str, before: str, after: str) -> int:
    if before.isalpha() and sign not in _WITHIN_WORDS and (after.islower() or sign in _OPENING):
        return _STRANGE
    return _UNLIKELY if sign in "…”" and before.isupper() else 0


def _cost_of_letter(letter: str, before: str, after: str) -> int:
    small = letter.lower()
    if letter.isupper() and (before.islower() or (before.isupper() and after.islower())):
        return _STRANGE
    if letter.islower() and before.isupper() and after.isupper():
        return _STRANGE
    if small in _FRENCH:
        return 0
    known = unicodedata.decomposition(small) or small in "ßøð"
    return _OTHER_LETTER if known and small not in _EASTERN else _STRANGE

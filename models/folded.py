"""The one way in which words are compared: without what people write otherwise while they mean the same.

Case, accents, apostrophes, dashes, spaces, ligatures, width and invisible characters do not count; letters and digits
of every script do.
"""

import unicodedata
from collections.abc import Callable

_ALIKE = {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "ĸ": "k", "ŧ": "t"}
"""Latin letters that Unicode does not take apart, as a keyboard without them writes them."""
_APOSTROPHES = {*map(chr, range(0x2B9, 0x2D0)), "\u02ee", "\u055a", "\u07f4", "\u07f5", "\ua78b", "\ua78c"}
"""Unicode counts some of them among the letters."""
_FILLERS = {"\u0640", "\u115f", "\u1160", "\u3164", "\uffa0"}
"""The Arabic stretching of a line and the Hangul fillers: letters for Unicode, nothing for a reader."""


def folded(text: str) -> str:
    """``text`` in small bare letters and digits, its words parted by single spaces: « L’Haÿ-les-Roses » is
    « l hay les roses ». Folding twice changes nothing; empty when nothing can be read in ``text``."""
    return " ".join(_bare(text).split())


def folded_lines(text: str) -> list[str]:
    """Each line of ``text``, folded; all at once, for speed."""
    return [" ".join(line.split()) for line in _bare(text).split("\n")]


def is_same(one: str, other: str) -> bool:
    """Do both say the same?"""
    return folded(one) == folded(other)


def is_said_in(wanted: str, text: str) -> bool:
    """Is every word of ``wanted`` (already folded) the beginning of a word of ``text``?"""
    words = folded(text).split()
    return all(any(word.startswith(part) for word in words) for part in wanted.split())


def _bare(text: str) -> str:
    """In the order of marks of NFKD, which what is left out may have disturbed."""
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).translate(_LETTERS))


class _Letters(dict[int, str]):
    """What each character is folded into, worked out when it is first met."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        super().__init__({ord("\n"): "\n"})
        self._fold = fold

    def __missing__(self, code: int) -> str:
        self[code] = self._fold(chr(code))
        return self[code]


def _folded_character(char: str) -> str:
    """Nothing for a mark that a reader may leave out, a space for what parts words; case and ligatures resolved."""
    category = unicodedata.category(char)
    if category == "Cf" or char in _FILLERS or _is_left_out(char):
        return ""
    if category[0] not in "LNM" or char in _APOSTROPHES:
        return " "
    apart = unicodedata.normalize("NFKD", _ALIKE.get(char.casefold(), char.casefold()))
    return apart if apart == char else "".join(_folded_character(each) for each in apart)


def _is_left_out(char: str) -> bool:
    """Accents, points and the marks that choose a glyph; not the vowels and viramas of Indic scripts, which are letters
    to their readers (no combining class, or one below 10)."""
    return (
        unicodedata.combining(char) >= 10
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
    )


_LETTERS = _Letters(_folded_character)

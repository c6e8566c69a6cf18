"""What people typed, made of letters that the fonts of a PDF have; the others are spelled, never a box or a « ? ».

Two subsets of DejaVu Sans (``scripts/subset_fonts.py``): the first has what nearly all texts need, the second the other
scripts written in France (Arabic, Hebrew, Armenian, Georgian, Tifinagh, N’Ko) and some signs.
"""

import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path

from text_unidecode import unidecode  # type: ignore[import-untyped]

FONTS = Path(__file__).parent / "fonts"
USUAL, BOLD, OTHER = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansOther.ttf"
_FLAGS = {0x1F1E6 + place: letter for place, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def printable(text: str) -> str:
    """``text`` in composed letters that the fonts have: « 王小明 » is « [Wang Xiao Ming] », an emoji is its name."""
    spaced = text.translate(_FLAGS | {ord("\t"): " "})
    shown = "".join(char for char in spaced if not _shows_nothing(char))
    runs = groupby(unicodedata.normalize("NFC", shown), lambda char: char == "\n" or ord(char) in _letters())
    return "".join("".join(run) if has_letters else _spelled("".join(run)) for has_letters, run in runs)


def is_usual(text: str) -> bool:
    """Is ``text`` (printable) in letters of the usual font alone?"""
    return all(char == "\n" or ord(char) in _letters_of(USUAL) for char in text)


def needs_shaping(text: str) -> bool:
    """Does ``text`` (printable) have letters that join, are read from right to left, or carry marks?"""
    return not is_usual(text) or any(map(unicodedata.combining, text))


def _shows_nothing(char: str) -> bool:
    """Marks of direction, joiners, halves of letters, controls; what chooses a glyph or the colour of a skin."""
    chooses_glyph = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    is_control = unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n"
    return is_control or chooses_glyph or "\U0001f3fb" <= char <= "\U0001f3ff"


def _spelled(run: str) -> str:
    """Letters in a row in ours, anything else by its name (in English, as Unicode has it) or by its number."""
    words: list[str] = []
    for is_letter, part in groupby(run, lambda char: unicodedata.category(char)[0] in "LMN"):
        letters = "".join(part)
        spelled = " ".join(unidecode(letters).split()) if is_letter else ""
        words += [spelled] if spelled else [_name(char) for char in letters]
    return f"[{', '.join(words)}]"


def _name(char: str) -> str:
    return unicodedata.name(char, "").lower() or f"U+{ord(char):04X}"


@cache
def _letters() -> frozenset[int]:
    return _letters_of(USUAL) | _letters_of(OTHER)


@cache
def _letters_of(font: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with TTFont(FONTS / font) as opened:
        return frozenset(opened.getBestCmap()) - {0xFFFD}

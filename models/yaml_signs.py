"""Signs that word processors put where YAML wants those of the keyboard: where they stand, and what to type instead."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

LINE_END = re.compile("\r\n|\r|\n")
"""The ends of lines that text editors count."""

_SPACES = "\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u00ad\u200b\u200e\u200f\u2060\ufeff"
_DASHES = "\u2010-\u2015\u2212\u2043\ufe58\ufe63\uff0d"
_BULLETS = "\u00b7\u2022\u2023\u25aa\u25cf\u25e6"
_COLONS = "\u02d0\u2236\ua789\ufe55\uff1a"
_QUOTES = "\u00ab\u00bb\u201c-\u201f\u2033\uff02"
_APOSTROPHES = "\u00b4\u2018-\u201b\u2032\uff07`"
_COMMAS = {"\uff0c": ",", "\ufe50": ",", "\u060c": ",", "\u201a": ","}
_WIDE = dict(zip("\uff5b\uff5d\uff3b\uff3d\uff03", "{}[]#", strict=True))

_ODD = _SPACES + _INVISIBLE
_KEY = r"""(?:"[^"\n]*"|'[^'\n]*'|[\w-]+)"""
_FIRST = rf"^[ {_ODD}]*(?:-[ {_ODD}]+)*"
"""What may stand before the first word of a line."""
_VALUE = rf"(?:{_FIRST}|[:,][ {_ODD}]+|[\[{{][ {_ODD}]*)"
"""What may stand before a value."""
_AFTER_VALUE = rf"(?=[ {_ODD}]*(?:[,}}\]#{''.join(_COMMAS)}{''.join(_WIDE)}]|$))"
_ELIDED = rf"(?:[^'{_APOSTROPHES}\n]|(?<=\w)['{_APOSTROPHES}](?=\w))*+"
"""A text whose apostrophes, if any, are between two letters."""

_PATTERNS = {
    "en début de ligne": rf"^ *([{_ODD}][ {_ODD}]*)(?=\S)|^ *([{_ODD[1:]}][ {_ODD}]*)$",
    "après le tiret": rf"^[ {_ODD}]*-( *[{_ODD}][ {_ODD}]*)",
    "après le deux-points": rf"(?:{_FIRST}|[{{,][ {_ODD}]*){_KEY} ?:( *[{_ODD}][ {_ODD}]*)",
    "près d’une virgule, d’une accolade ou d’un crochet": rf"(?<=[,{{\[])( *[{_ODD}][ {_ODD}]*)"
    rf"|(?<![{_ODD}])([{_ODD}]++)(?=[,}}\]])",
    "avant un commentaire": rf"(?<![{_ODD}])([{_ODD}]++)(?=#)",
    "en fin de ligne": rf"[\"'}}\]]([ {_ODD}]+)$",
    "dash": rf"^[ {_ODD}]*([{_DASHES}{_BULLETS}])(?=[ {_ODD}]|$)",
    "colon": rf"(?:{_FIRST}|[{{,][ {_ODD}]*){_KEY}[ {_ODD}]?([{_COLONS}])",
    "comma": rf"([{''.join(_COMMAS)}])(?=[ {_ODD}])",
    "wide": rf"([{''.join(_WIDE)}])",
    "quote": rf"{_VALUE}(?:([{_QUOTES}])[^\"{_QUOTES}\n]*([\"{_QUOTES}])|\"[^\"{_QUOTES}\n]*([{_QUOTES}]))"
    rf"{_AFTER_VALUE}",
    "apostrophe": rf"{_VALUE}(?:([{_APOSTROPHES}]){_ELIDED}(['{_APOSTROPHES}])|'{_ELIDED}([{_APOSTROPHES}]))"
    rf"{_AFTER_VALUE}",
}
"""Where a sign of the group stands, whose place is at the beginning of a line, before a value, after a key…

Each is read in linear time, whatever the line: it is somebody's.
"""
_SEARCHED = {kind: re.compile(pattern) for kind, pattern in _PATTERNS.items()}
_ANY = re.compile(
    f"[{_ODD}{_DASHES}{_BULLETS}{_COLONS}{_QUOTES}{_APOSTROPHES}{''.join(_COMMAS)}{''.join(_WIDE)}]"
)
_KEY_IN_COMMENT = re.compile(r"(?<!\s)(\s++)(?:- +)?[\w-]++:(?:\s|$)")
_MOST = 1000
"""Signs that are looked at in one text."""
_COMMENT = re.compile(r"(?:^|(?<= ))#")
_STRAIGHT = {"quote": '"', "apostrophe": "'", "dash": "-", "colon": ":"}


class Sign(NamedTuple):
    """A sign at a ``position`` of the text, on a ``line`` (from 1), the keyboard's one, and what to say of it."""

    position: int
    line: int
    plain: str
    text: str


def find_signs(text: str) -> list[Sign]:
    """The first that stand where YAML has a sign of its own, in the order of ``text``; some may belong to a text."""
    signs = (
        Sign(start + place, number, plain, sentence)
        for number, (line, start) in enumerate(_lines(text), 1)
        if _ANY.search(line)
        for place, (plain, sentence) in sorted(_in_line(line).items())
    )
    return list(islice(signs, _MOST))


def swallowed_lines(text: str) -> list[int]:
    """The lines with a comment that goes on over a key, because its end is not that of a line."""
    return [number for number, (line, _) in enumerate(_lines(text), 1) if _is_swallowed(line)]


def without(text: str, signs: Iterable[Sign]) -> str:
    """``text`` with the keyboard's signs instead; every other character keeps its place."""
    characters = list(text)
    for sign in signs:
        characters[sign.position] = sign.plain
    return "".join(characters)


def line_at(text: str, position: int) -> int:
    """The line, from 1, that an editor shows for this place of ``text``."""
    return sum(1 for _ in LINE_END.finditer(text, 0, position)) + 1


def sign_in(text: str) -> str | None:
    """The name of the first sign of ``text`` that looks like another, or like nothing."""
    found = re.search(f"[{_ODD}{_DASHES}]", text)
    if found is None:
        return None
    return f"le tiret « {found[0]} »" if re.match(f"[{_DASHES}]", found[0]) else _name(found[0])


def _is_swallowed(line: str) -> bool:
    comment = _COMMENT.search(line)
    spaces = _KEY_IN_COMMENT.finditer(line, comment.end()) if comment else ()
    return any(re.search("[\x85\u2028\u2029]", match[1]) for match in spaces)


def _lines(text: str) -> Iterator[tuple[str, int]]:
    start = 0
    for end in LINE_END.finditer(text):
        yield text[start : end.start()], start
        start = end.end()
    yield text[start:], start


def _in_line(line: str) -> dict[int, tuple[str, str]]:
    """By place, what to type and what to say."""
    comment = _COMMENT.search(line)
    line = line[: comment.start()] if comment else line
    found: dict[int, tuple[str, str]] = {}
    for kind, pattern in _SEARCHED.items():
        if kind == "comma" and not re.search(r"[\[{]", line):
            continue
        for match in pattern.finditer(line):
            for place in (each for group in match.regs[1:] for each in range(*group)):
                if _ANY.match(line[place]):
                    found.setdefault(place, _advice(kind, line[place]))
    return found


def _advice(kind: str, char: str) -> tuple[str, str]:
    if kind in _STRAIGHT:
        return _STRAIGHT[kind], _of_keyboard(kind, char)
    if plain := (_COMMAS | _WIDE).get(char):
        return plain, f"le signe « {char} » n’est pas celui du clavier ; retapez « {plain} »"
    name = _name(char)
    again = "effacez-le" if name.startswith("un ") else "effacez-la"
    instead = "des espaces ordinaires" if kind == "en début de ligne" else "une espace ordinaire"
    return " ", f"{name} se trouve {kind} ; {again} et tapez {instead}"


def _of_keyboard(kind: str, char: str) -> str:
    if kind == "dash":
        return f"le tiret « {char} » n’est pas celui d’une liste ; retapez « - » suivi d’une espace"
    if kind == "colon":
        return f"le deux-points « {char} » n’est pas celui du clavier ; retapez-le, suivi d’une espace"
    pair = next((each for each in ("« »", "“ ”", "‘ ’") if char in each), char)
    return (
        f"un guillemet typographique ({pair}) tient lieu de guillemet droit ; retapez-le ({_STRAIGHT[kind]}), et s’il "
        "fait partie du texte, mettez tout le texte entre guillemets droits"
    )


def _name(char: str) -> str:
    names = {"\t": "une tabulation", "\u00a0": "une espace insécable", "\u202f": "une espace insécable fine"}
    return names.get(char) or ("un caractère invisible" if char in _INVISIBLE else "une espace typographique")

"""The text of a file people wrote, whatever their spreadsheet or their editor saved it in."""

import codecs
import re

from models.invalid_file import InvalidFile, Problem
from models.western_text import read_western
from models.yaml_signs import line_at
from models.yaml_tree import UNPRINTABLE

MAX_BYTES = 200_000
"""Hundreds of actions fit; reading that much takes seconds at worst."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16 does: asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_KINDS = (
    (b"PK\x03\x04", "c’est un classeur ou une archive"),
    (b"\xd0\xcf\x11\xe0", "c’est un classeur ou un document Office"),
    (b"%PDF", "c’est un PDF"),
    (b"{\\rtf", "c’est un document RTF"),
)
_FRENCH_IN_UTF_8 = re.compile(
    rb"\xc3[\x80-\xbf]|\xc5[\x92\x93\xb8]|\xc2[\xa0-\xbf]|\xe2\x80[\x80-\xbf]|\xe2\x82\xac|\xf0\x9f"
)
"""What is French, or an emoji, in UTF-8, and nothing in any other encoding."""
_NAMES = {
    "\0": " (un caractère nul)",
    "\x0b": " (une tabulation verticale)",
    "\x0c": " (un saut de page)",
}
_SAVE_AS = "enregistrez-le avec l’encodage UTF-8"


def decode(content: bytes, *, file: str, by_line: bool = False) -> str:
    """The text of ``content``, without byte order mark; raises ``InvalidFile`` when there is a doubt about it.

    Read: UTF-8, UTF-16 and UTF-32 with their mark, UTF-16 without it, and what Windows, the Macintosh and DOS write in
    western Europe. ``by_line`` leaves invisible characters to a caller that reads line by line.
    """
    if len(content) > MAX_BYTES:
        raise InvalidFile.of(file, f"fichier trop gros ({len(content)} octets) ; {MAX_BYTES} octets au plus")
    for beginning, sort in _OTHER_KINDS:
        if content.startswith(beginning):
            raise InvalidFile.of(file, f"{sort}, et non un texte ; enregistrez-le en CSV (UTF-8) ou en YAML")
    text = _text(content, file).removeprefix("\ufeff")
    hidden = None if by_line else UNPRINTABLE.search(text)
    if hidden:
        raise InvalidFile([hidden_character(text, hidden.start(), file)])
    if not text.strip():
        raise InvalidFile.of(file, "fichier vide ; remplissez-le avant de l’envoyer")
    return text


def hidden_character(text: str, position: int, file: str) -> Problem:
    """What is said of a character that no text may hold, on the line that an editor shows."""
    name = _NAMES.get(text[position], "")
    advice = f"caractère invisible interdit{name} ; effacez-le et retapez le texte"
    return Problem(file, line_at(text, position), "", advice)


def _text(content: bytes, file: str) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None) or _bare_utf_16(
        content
    )
    try:
        return content.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding or _FRENCH_IN_UTF_8.search(content):
            raise _mixed(content, error, file) from None
    text = read_western(content)
    if text is None:
        raise InvalidFile.of(file, f"l’encodage de ce fichier n’est pas reconnu ; {_SAVE_AS}")
    return text


def _bare_utf_16(content: bytes) -> str | None:
    """UTF-16 without its mark: letters of French have nothing in one of their two bytes."""
    if len(content) % 2 or b"\0" not in content:
        return None
    for encoding, other_bytes in (("utf-16-le", content[1::2]), ("utf-16-be", content[::2])):
        if other_bytes.count(0) > 0.8 * len(other_bytes):
            return encoding
    return None


def _mixed(content: bytes, error: UnicodeDecodeError, file: str) -> InvalidFile:
    """Some of it is in one encoding, and some is not: whatever is chosen, a part would be misread."""
    line = content[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    name = "UTF-8" if error.encoding == "utf-8" else "UTF-16"
    text = f"cette ligne n’est pas en {name}, alors que d’autres le sont ; rouvrez le fichier et {_SAVE_AS}"
    return InvalidFile.of(file, text, line)

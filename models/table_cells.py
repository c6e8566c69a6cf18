"""The cells of a table as spreadsheets write them: what they add or do to a text, undone; formulas made harmless."""

import re
import unicodedata

from models.refusal import Refusal

_LINE_END = re.compile("\r\n|[\r\x0b\x0c]")
_INVISIBLE = "\u200b\u2060\ufeff"
_FORMULA_TEXT = re.compile(r'="([^"]*)"')
"""How a text that looks like a number is kept as it is: ``="01053"``."""
_GUARDED = re.compile(r"'+\s*[-=+@＝＋－＠\t\r\n\d]")
_ACTIVE = re.compile(r"'*\s*[-=+@＝＋－＠]|'*[\t\r\n]|'+\s*\d")
_HIDDEN = re.compile(r"#{3,}")
_BROKEN = re.compile(
    r"#(?:ref|valeur|value|nombre|num|nul|null|champ|field|div/0)!|#(?:nom|name)\?|#n/a|err\s?:\s?[0-9]{3}",
    re.IGNORECASE,
)
_SHOWN = 60
_WHOLE = re.compile(r"(\d+)[.,]0+")
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?e\+?(\d{1,2})", re.IGNORECASE)


class LostDigits(Refusal):
    """A code that a spreadsheet took for a number too long to be shown whole."""

    def __init__(self, written: str) -> None:
        super().__init__(
            f"le code « {written} » a perdu des chiffres dans un tableur : mettez la colonne au format « Texte », "
            "puis tapez le code en entier"
        )


def plain_cell(written: str) -> str:
    """The text of a cell: without the spaces around it, nor the apostrophe or the ``=""`` that keep it a text."""
    text = (
        unicodedata.normalize("NFC", written)
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\x0b", "\n")
        .replace("\x0c", "\n")
    )
    text = text.lstrip().lstrip(_INVISIBLE).lstrip()
    text = (text[1:] if _GUARDED.match(text) else text).strip().strip(_INVISIBLE).strip()
    formula = _FORMULA_TEXT.fullmatch(text)
    return formula[1].strip() if formula else text


def guarded_cell(text: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe before what begins a formula. ``plain_cell`` takes it back."""
    return f"'{text}" if _ACTIVE.match(text) else text


def cut(text: str) -> str:
    """The beginning of a cell, as a sentence shows it."""
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def cell_fault(text: str) -> str | None:
    """What a spreadsheet wrote in place of the value of a cell, and what to do; None when it is the value."""
    if _HIDDEN.fullmatch(text):
        return f"« {cut(text)} » : la colonne est trop étroite ; élargissez-la, puis enregistrez de nouveau"
    if _BROKEN.fullmatch(text):
        return f"« {text} » est le résultat d’une formule en erreur ; écrivez la valeur"
    return None


def read_code(written: str) -> str:
    """The code of an authority, out of what a spreadsheet makes of it: ``38185.0``, ``2,00040715E+08``.

    Raises ``LostDigits`` when some are gone. A zero lost in front is not known here.
    """
    code = re.sub(r"[\s'’\u200b\ufeff]", "", written)
    if whole := _WHOLE.fullmatch(code):
        return whole[1]
    if number := _SCIENTIFIC.fullmatch(code):
        digits, places = number[2] or "", int(number[3])
        if len(digits) < places:
            raise LostDigits(written)
        if not digits[places:].strip("0"):
            return number[1] + digits[:places]
    return code

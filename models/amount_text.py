"""Amounts in euros as people and spreadsheets write them: « 12 000,50 € », ``12000.0``, ``1.250,00``."""

import re
from decimal import Decimal

from models.day_text import simplified
from models.table_cells import cut

_CURRENCY = re.compile(r"^(?:€|eur|euros?) ?| ?(?:€|eur|euros?)$")
_SHAPES = (
    r"[0-9]+(?:[.,][0-9]+)?",
    r"[0-9]{1,3}(?:([ '])[0-9]{3})(?:\1[0-9]{3})*(?:[.,][0-9]+)?",
    r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+",
    r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+",
    r"[0-9]{1,3}(?:\.[0-9]{3}){2,}",
    r"[0-9]{1,3}(?:,[0-9]{3}){2,}",
)
"""Plain; with spaces or apostrophes between the thousands; with points or commas there, which their number or the other
sign tells from the decimal one."""
_AMBIGUOUS = re.compile(r"-?(?!0[.,])([0-9]{1,3})[.,]([0-9]{3})")
_SCIENTIFIC = re.compile(r"(-?[0-9])(?:[.,]([0-9]{1,15}))?e\+?([0-9]{1,2})")
_MULTIPLE = re.compile(r"[0-9] ?(?:k|m|md|milliers?|millions?|milliards?)\b")
_LONGEST = 40


def read_amount(text: str) -> Decimal | None:
    """The amount that ``text`` says without doubt, to the cent, negative or not; None for any other text."""
    plain = _plain(text)
    if len(plain) > _LONGEST or _AMBIGUOUS.fullmatch(plain):
        return None
    if number := _SCIENTIFIC.fullmatch(plain):
        whole, decimals, places = number[1], number[2] or "", int(number[3])
        return None if len(decimals) < places else _to_the_cent(Decimal(f"{whole}.{decimals}e{places}"))
    if not any(re.fullmatch(f"-?{shape}", plain) for shape in _SHAPES):
        return None
    decimal = max(plain.rfind("."), plain.rfind(","))
    if decimal >= 0 and plain.count(plain[decimal]) > 1:
        decimal = -1
    digits = [re.sub("[^-0-9]", "", part) for part in (plain[:decimal], plain[decimal:])]
    return _to_the_cent(Decimal(".".join(digits) if decimal >= 0 else "".join(digits)))


def amount_fault(text: str) -> str:
    """Why ``read_amount`` reads none in ``text``, and what to write."""
    plain, shown = _plain(text), f"« {cut(text)} »"
    if doubt := _AMBIGUOUS.fullmatch(plain):
        whole, rest = doubt[1], doubt[2]
        readings = f"{whole}{rest} ou {whole},{rest.rstrip('0') or '0'}"
        return f"{shown} se lit {readings} ; écrivez le montant sans séparer les milliers"
    if _SCIENTIFIC.fullmatch(plain):
        return (
            f"{shown} est un montant abrégé par le tableur, qui a pu perdre des chiffres ; mettez la colonne au format "
            "« Nombre », puis enregistrez de nouveau"
        )
    if _MULTIPLE.search(plain):
        return f"{shown} est en milliers ou en millions ; écrivez le montant en euros, par exemple 12500"
    return (
        f"{shown} n’est pas un montant en euros ; écrivez-le en chiffres, avec deux décimales au plus, par exemple "
        "12500,50, ou laissez la case vide"
    )


def _plain(text: str) -> str:
    return _CURRENCY.sub("", simplified(text[: 10 * _LONGEST]).replace("’", "'"))


def _to_the_cent(amount: Decimal) -> Decimal | None:
    """None when it has parts of a cent."""
    cents = amount.scaleb(2)
    return amount if cents == cents.to_integral_value() else None

"""What people type in our forms: read field by field, refused in a sentence that names the field."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from models.columns import DAY, LONGEST_LINE, LONGEST_REASON
from models.limits import Days
from models.refusal import Refusal
from models.typed_text import line, shown

Fields = Mapping[str, str]


class WrongField(Refusal):
    """A field that is empty, too long, or not what it should be; ``name`` is the field's."""

    def __init__(self, name: str, label: str, text: str) -> None:
        super().__init__(f"{label} : {text}.")


async def _text_fields(request: Request) -> dict[str, str]:
    """The text fields of the form, with what a page shows of them."""
    form = await request.form()
    return {name: shown(value) for name, value in form.items() if isinstance(value, str)}


TypedFields = Annotated[dict[str, str], Depends(_text_fields)]


def words(fields: Fields, name: str, label: str, most: int = LONGEST_REASON) -> str:
    """What was written, trimmed; empty when nothing was. Raises ``WrongField`` past ``most`` characters."""
    text = fields.get(name, "").strip()
    if (length := len(line(text))) > most:
        raise WrongField(name, label, f"{length} caractères ; raccourcissez à {most} au plus")
    return text


def needed(fields: Fields, name: str, label: str, most: int = LONGEST_LINE) -> str:
    """As ``words``, of a field that cannot be empty."""
    text = words(fields, name, label, most)
    if not text:
        raise WrongField(name, label, "ce champ est vide ; remplissez-le")
    return text


def day(fields: Fields, name: str, label: str, limits: Days = DAY) -> date:
    """The date of a field, as browsers write it (2027-03-03) or people do (3/3/2027). Raises ``WrongField``."""
    text = fields.get(name, "").strip()
    by_hand = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", text)
    try:
        if by_hand:
            day, month, year = (int(each) for each in by_hand.groups())
            return _measured(date(year, month, day), name, label, limits)
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return _measured(date.fromisoformat(text), name, label, limits)
    except ValueError:
        pass
    fault = f"« {text[:40]} » n’est pas une date" if text else "la date manque"
    raise WrongField(name, label, f"{fault}. Écrivez-la comme 3/03/2027")


def _measured(day: date, name: str, label: str, limits: Days) -> date:
    if fault := limits.fault(day):
        raise WrongField(name, label, fault)
    return day


def number(fields: Fields, name: str, label: str) -> int:
    """A whole number, its thousands apart or not. Raises ``WrongField``."""
    text = re.sub(r"\s", "", needed(fields, name, label))
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise WrongField(name, label, f"« {text[:40]} » n’est pas un nombre entier ; écrivez-le en chiffres")
    return int(text)

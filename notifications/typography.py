"""French as it is printed: non-breaking spaces, dates in full, plurals, « de » and « d’ »."""

import re
from collections.abc import Sequence
from datetime import date

from jinja2 import Environment
from jinja2.ext import Extension

NBSP = "\u00a0"
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def french(text: str) -> str:
    """``text`` with a non-breaking space before ``: ; ? !`` and inside « », where a plain one stood."""
    text = re.sub(r" ([:;?»]|!(?!=))", NBSP + r"\1", text)
    return text.replace("« ", "«" + NBSP)


def long_date(day: date | None) -> str:
    """« 12 mai 2026 », « 1er mai 2026 »; empty when there is no date."""
    if day is None:
        return ""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}{NBSP}{MONTHS[day.month - 1]} {day.year}"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """« 0 réserve », « 1 réserve », « 2 réserves »: in French the plural starts at two."""
    return f"{number}{NBSP}{singular if number < 2 else plural or singular + 's'}"


def listing(names: Sequence[str]) -> str:
    """« Niort, Bourges et Guichen »."""
    return " et ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


VOWELS = "aâàeéèêëiîïoôuyhœæ"


def as_a(role: str) -> str:
    """« en tant que maire », « en tant qu’interlocutrice privilégiée »."""
    return f"en tant qu’{role}" if role[:1].lower() in VOWELS else f"en tant que {role}"


def of(name: str) -> str:
    """« de Niort », « d’Arles », « du Havre », « des Sables-d’Olonne »."""
    for article, contracted in (("Le ", "du "), ("Les ", "des ")):
        if name.startswith(article):
            return contracted + name.removeprefix(article)
    return f"d’{name}" if name[:1].lower() in VOWELS else f"de {name}"


def quoted(text: str) -> str:
    """« text », its spaces non-breaking."""
    return f"«{NBSP}{text}{NBSP}»"


def visible(text: str) -> str:
    """``text`` typed by somebody, without the control characters a mail must not carry (line ends stay)."""
    return _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """``text`` on one line, runs of plain spaces and line ends made one; Jinja ``Markup`` stays so."""
    return type(text)(re.sub(r"[ \t\n]+", " ", text).strip(" "))


class FrenchTypography(Extension):
    """Applies `french` to the words of our templates."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The template's source, its spaces made right before it is compiled."""
        return french(source)


def teach(environment: Environment) -> None:
    """Give the templates of ``environment`` these words as filters."""
    environment.filters.update(
        day=long_date, count=count, listing=listing, of=of, as_a=as_a, one_line=one_line
    )

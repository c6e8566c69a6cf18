"""French as it is printed: non-breaking spaces, dates in full, plurals, « de » and « d’ ».

Ours: Babel writes « 1 mai » for « 1er mai », and knows neither the spaces before « ; » nor « d’ » before a vowel.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment
from jinja2.ext import Extension

PARIS = ZoneInfo("Europe/Paris")
NBSP = "\u00a0"
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def french(text: str) -> str:
    """``text`` with a non-breaking space before ``: ; ? !`` and inside « », where a plain one stood."""
    text = re.sub(r" ([:;?»]|!(?!=))", NBSP + r"\1", text)
    return text.replace("« ", "«" + NBSP)


def long_date(day: date | None) -> str:
    """« 12 mai 2026 », « 1er mai 2026 »; empty when there is no date. Of an instant, the day it was in Paris."""
    if day is None:
        return ""
    day = _in_paris(day)
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}{NBSP}{MONTHS[day.month - 1]} {day.year}"


def _in_paris(day: date) -> date:
    return day.astimezone(PARIS).date() if isinstance(day, datetime) else day


def weekday_date(day: date) -> str:
    """« mardi 12 mai 2026 »; of an instant, the day it was in Paris."""
    day = _in_paris(day)
    return f"{WEEKDAYS[day.weekday()]} {long_date(day)}"


def hour(instant: datetime) -> str:
    """« 9 h », « 10 h 30 », as the clocks of Paris show it."""
    at = instant.astimezone(PARIS)
    minutes = f"{NBSP}{at.minute:02d}" if at.minute else ""
    return f"{at.hour}{NBSP}h{minutes}"


def instant(at: datetime) -> str:
    """« mardi 9 mars 2027 à 10 h 30 », as it was in Paris."""
    return f"{weekday_date(at.astimezone(PARIS).date())} à {hour(at)}"


def distance(day: date, today: date) -> str:
    """« dans 7 jours », « demain », « aujourd’hui », « en retard de 8 jours »."""
    days = (day - today).days
    if days < 0:
        return f"en retard de {count(-days, 'jour')}"
    return {0: "aujourd’hui", 1: "demain"}.get(days, f"dans {count(days, 'jour')}")


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


def capitalized(text: str) -> str:
    """``text`` with its first letter in capital, the others as they are."""
    return text[:1].upper() + text[1:]


def cut(text: str, most: int) -> str:
    """``text``, or its first words and « … » when it is longer than ``most`` characters."""
    if len(text) <= most:
        return text
    words = text[:most].rsplit(" ", 1)[0]
    return words.rstrip(" ,;:" + NBSP) + "…"


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
        capitalized=capitalized,
        day=long_date,
        weekday=weekday_date,
        hour=hour,
        instant=instant,
        count=count,
        listing=listing,
        of=of,
        as_a=as_a,
        one_line=one_line,
    )

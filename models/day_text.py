"""Days as people write them in a table: ISO, day/month/year, or with the month in words."""

import re
import unicodedata
from datetime import date

from models.table_cells import cut

MONTHS = (
    ("janvier", "january"),
    ("fevrier", "february"),
    ("mars", "march"),
    ("avril", "april"),
    ("mai", "may"),
    ("juin", "june"),
    ("juillet", "july"),
    ("aout", "august"),
    ("septembre", "september"),
    ("octobre", "october"),
    ("novembre", "november"),
    ("decembre", "december"),
)
DAY_SHAPES = (
    r"(?P<day>[0-3]?[0-9])/(?P<month>[01]?[0-9])/(?P<year>(?:20)?[0-9]{2})",
    r"(?P<day>[0-3]?[0-9])\.(?P<month>[01]?[0-9])\.(?P<year>(?:20)?[0-9]{2})",
    r"(?P<day>[0-3][0-9])-(?P<month>[01][0-9])-(?P<year>20[0-9]{2})",
    r"(?P<year>20[0-9]{2})[-/](?P<month>[01]?[0-9])[-/](?P<day>[0-3]?[0-9])",
    r"(?P<day>[0-3]?[0-9])(?:er)?[ /-](?P<word>[a-z]{3,})\.?[ /-](?P<year>(?:20)?[0-9]{2})",
)
"""What ``simplified`` text may be for a day. A month comes before the day in no French table, nor does a year of two
digits, which is one of 2000 to 2099."""
_MIDNIGHT = re.compile(r"[ t]00:00(:00(\.0+)?)?z?$")
_WEEKDAYS = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")
_BEFORE = re.compile(rf"(le )?((?P<weekday>{'|'.join(_WEEKDAYS)})([a-z]*di|anche|\.),? )?(le )?")
_SERIAL = re.compile(r"[1-9][0-9]{4}([.,][0-9]+)?")
_MONTH_FIRST = re.compile(r"(0?[1-9]|1[0-2])([/.-])(1[3-9]|2[0-9]|3[01])\2(20)?[0-9]{2}")
_NO_YEAR = re.compile(r"[0-3]?[0-9](er)?([ -][a-z]{3,}\.?|[/.][01]?[0-9])")
_NO_DAY = re.compile(r"([a-z]{3,}\.?[ -]|t[1-4] |[01]?[0-9][/.-])?20[0-9]{2}|20[0-9]{2}[/-][01]?[0-9]")
_EXAMPLE = "écrivez par exemple 31/03/2027 ou 2027-03-31"


class NoMonth(Exception):
    """A word that is the beginning of no month, or of two."""

    def __init__(self, word: str, *, is_several: bool) -> None:
        self.reason = f"« {word} » {'peut être deux mois' if is_several else 'n’est pas un mois'}"
        super().__init__(self.reason)


def simplified(text: str) -> str:
    """``text`` in small letters without accents, with hyphens for dashes and single spaces."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    bare = re.sub("[‐‑‒–—−]", "-", re.sub("[\u0300-\u036f]", "", bare))
    return " ".join(bare.split())


def month_of(word: str) -> int:
    """The number of a month, in French or English, whole or cut to three letters or more. Raises ``NoMonth``."""
    fitting = [
        number for number, names in enumerate(MONTHS, 1) if any(name.startswith(word) for name in names)
    ]
    if word == "sept":
        return 9
    if len(fitting) != 1:
        raise NoMonth(word, is_several=bool(fitting))
    return fitting[0]


def read_day(text: str) -> date | None:
    """The day that ``text`` says without doubt; None for any other text."""
    try:
        return _day(*_parts(text))
    except (NoMonth, ValueError):
        return None


def day_fault(text: str) -> str:
    """Why ``read_day`` reads none in ``text``, and what to write."""
    (weekday, plain), shown = _parts(text), f"« {cut(text)} »"
    if _SERIAL.fullmatch(plain):
        advice = "mettez la colonne au format « Date », puis enregistrez de nouveau"
        return f"{shown} est une date laissée en nombre par le tableur ; {advice}"
    for shape, reason in (
        (_MONTH_FIRST, "met le mois avant le jour"),
        (_NO_YEAR, "n’a pas d’année"),
        (_NO_DAY, "n’a pas de jour"),
    ):
        if shape.fullmatch(plain):
            return f"{shown} {reason} ; {_EXAMPLE}"
    try:
        _day(weekday, plain)
    except NoMonth as wrong:
        return f"{shown} n’est pas une date, {wrong.reason} ; {_EXAMPLE}"
    except ValueError:
        return f"{shown} est un jour qui n’existe pas ; {_EXAMPLE}"
    return f"{shown} ne se lit pas comme une date de 2000 à 2099 ; {_EXAMPLE}"


def _parts(text: str) -> tuple[str | None, str]:
    """The day of the week, if it is said, and what follows, simplified."""
    plain = _MIDNIGHT.sub("", simplified(text))
    before = _BEFORE.match(plain)
    return (before["weekday"], plain[before.end() :]) if before else (None, plain)


def _day(weekday: str | None, plain: str) -> date | None:
    """The day of ``_parts``. Raises ``NoMonth``, and ``ValueError`` for one that no calendar has."""
    for shape in DAY_SHAPES:
        if parts := re.fullmatch(shape, plain):
            named = parts.groupdict()
            month = month_of(named["word"]) if "word" in named else int(named["month"])
            day = date(2000 + int(named["year"][-2:]), month, int(named["day"]))
            if weekday and weekday != _WEEKDAYS[day.weekday()]:
                raise ValueError(weekday)
            return day
    return None

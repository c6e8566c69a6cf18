"""Days as people write them in a table: ISO, day/month/year, or with the month in words."""

import re
import unicodedata
from datetime import date

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
    r"(?P<day>[0-3]?[0-9])/(?P<month>[01]?[0-9])/(?P<year>20[0-9]{2})",
    r"(?P<day>[0-3]?[0-9])\.(?P<month>[01]?[0-9])\.(?P<year>20[0-9]{2})",
    r"(?P<day>[0-3][0-9])-(?P<month>[01][0-9])-(?P<year>20[0-9]{2})",
    r"(?P<year>20[0-9]{2})[-/](?P<month>[01][0-9])[-/](?P<day>[0-3][0-9])",
    r"(?P<day>[0-3]?[0-9])(?:er)?[ -](?P<word>[a-z]{3,})\.?[ -](?P<year>20[0-9]{2})",
)
"""What ``simplified`` text may be for a day. A month comes before the day in no French table."""
_MIDNIGHT = re.compile(r"[ t]00:00(:00(\.0+)?)?z?$")
_WEEKDAY = re.compile(r"^(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche),? ")


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
    plain = _WEEKDAY.sub("", _MIDNIGHT.sub("", simplified(text)))
    for shape in DAY_SHAPES:
        if day := re.fullmatch(shape, plain):
            parts = day.groupdict()
            try:
                month = month_of(parts["word"]) if "word" in parts else int(parts["month"])
                return date(int(parts["year"]), month, int(parts["day"]))
            except (NoMonth, ValueError):
                return None
    return None

"""The ANCT's public list of shared projects (CSV, Licence Ouverte 2.0): read, corrected, refused line by line.

Nothing is written here. What can be corrected without doubt is, and is reported; a line that leaves a doubt is
refused, and the others are read.
"""

import calendar
import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from models.folded import folded
from models.local_authority import AuthorityKind, LocalAuthority, UnknownAuthority, check_name, find_authority
from models.refusal import NBSP, Refusal, typeset
from models.shared_project import LONGEST_THEME
from models.yaml_file import InvalidFile, Problem, decode

COLUMNS = ("codgeo", "libgeo", "echelon", "dispositif", "periode", "ingredients")
"""Those we read; the list may have others (« id_engcit », « url »), in any order."""
SCHEME = "PPTDE"
"""What the list calls the shared projects of « Territoires en commun »."""
WITH_ARRONDISSEMENTS = ("13055", "69123", "75056")

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
_DASH = "[-‐‑‒–—]"
_MONTH_OF_YEAR = r"([a-z]{3,})\s*\.?\s*(20[0-9]{2})"
_PERIOD = re.compile(rf"{_MONTH_OF_YEAR}\s*{_DASH}\s*{_MONTH_OF_YEAR}")
_STRAY_SPACE = re.compile(rf"^\s|\s$|\s\s|\s\.|\S{_DASH}\s|\s{_DASH}\S")


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of a line of the list (1 is the header): a correction, a refusal, or a remark."""

    line: int
    text: str

    def __str__(self) -> str:
        end = "" if self.text.endswith((".", "?")) else "."
        spaced = re.sub(f"{NBSP}+", " ", self.text)  # it may hold a refusal, typeset already
        return typeset(f"ligne {self.line} : {spaced}{end}")


@dataclass(frozen=True, slots=True)
class AnctLine:
    """One authority in one project. ``code`` and ``name`` are those of the COG, ``theme`` is the list's
    « ingredients »; the period goes from the first day of a month to the last of another, both included."""

    line: int
    code: str
    name: str
    echelon: AuthorityKind
    period_from: date
    period_until: date
    theme: str


@dataclass(slots=True)
class AnctList:
    """What was understood of the list, and what is to be said of it."""

    lines: list[AnctLine] = field(default_factory=list)
    corrections: list[Remark] = field(default_factory=list)
    refusals: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


class UnreadableLine(Refusal):
    """A line that misses a cell, or has a value the import has no use for."""


class UnreadablePeriod(Refusal):
    """A period that is not a month and a year, a dash, a month and a year, in that order of time."""

    def __init__(self, period: str, reason: str) -> None:
        super().__init__(
            f"période « {period} » illisible, {reason} : écrivez par exemple « sept. 2021 - déc. 2022 »"
        )


def read_anct_list(content: bytes, *, file: str) -> AnctList:
    """Read the list: UTF-8 with or without byte order mark, separated by commas (or semicolons), one line per row.

    Raises ``InvalidFile`` when nothing can be read: empty file, missing column. Paris (75056) stands in the
    list for its 20th arrondissement. It is kept as listed: nothing on the line tells which arrondissement,
    and only the commune is an authority that can sign; a remark says so.
    """
    rows = [(number, raw) for number, raw in enumerate(re.split(rb"\r\n|\r|\n", content), 1) if raw.strip()]
    header = decode(rows[0][1] if rows else b"", file=file)
    delimiter = ";" if header.count(";") > header.count(",") else ","
    names = next(csv.reader([header], delimiter=delimiter))
    places = _places(names, rows[0][0], file)
    if len(rows) == 1:
        raise InvalidFile([Problem(file, None, "", "la liste n’a que son en-tête ; ajoutez-y des lignes")])
    read = AnctList()
    for number, raw in rows[1:]:
        try:
            row = _cells(raw, delimiter, len(names), file)
            if any(cell.strip() for cell in row):
                _read_line(number, {column: row[place] for column, place in places.items()}, read)
        except InvalidFile as refusal:
            read.refusals.append(Remark(number, refusal.problems[0].text))
        except Refusal as refusal:
            read.refusals.append(Remark(number, str(refusal)))
    return read


def read_period(text: str) -> tuple[date, date]:
    """First and last day of « Sep. 2021-Dec.2022 ». Raises ``UnreadablePeriod``.

    Months are in French or English, whole or cut to three letters or more.
    """
    bare = unicodedata.normalize("NFKD", text.casefold())
    period = _PERIOD.fullmatch(re.sub("[\u0300-\u036f]", "", bare).strip())
    if period is None:
        raise UnreadablePeriod(
            text, "il y faut deux mois, chacun avec son année" if text.strip() else "elle est vide"
        )
    first, first_year, last, last_year = period.groups()
    since = date(int(first_year), _month(first, text), 1)
    year, month = int(last_year), _month(last, text)
    until = date(year, month, calendar.monthrange(year, month)[1])
    if until < since:
        raise UnreadablePeriod(text, "elle finit avant de commencer")
    return since, until


def _month(word: str, period: str) -> int:
    fitting = [
        number for number, names in enumerate(MONTHS, 1) if any(name.startswith(word) for name in names)
    ]
    if len(fitting) != 1:
        reason = "peut être deux mois" if fitting else "n’est pas un mois"
        raise UnreadablePeriod(period, f"« {word} » {reason}")
    return fitting[0]


def _places(header: Sequence[str], line: int, file: str) -> dict[str, int]:
    names = [name.strip().casefold() for name in header]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        text = f"colonne absente de l’en-tête ; ajoutez-la (il faut : {', '.join(COLUMNS)})"
        raise InvalidFile([Problem(file, line, column, text) for column in missing])
    return {column: names.index(column) for column in COLUMNS}


def _cells(raw: bytes, delimiter: str, width: int, file: str) -> list[str]:
    """The cells of one line, as many as the header has (``width``). Raises ``UnreadableLine``."""
    try:
        row = next(csv.reader([decode(raw, file=file)], delimiter=delimiter, strict=True))
    except csv.Error:
        raise UnreadableLine("un guillemet n’est pas refermé : fermez-le, ou retirez-le") from None
    if len(row) != width:
        raise UnreadableLine(
            f"{len(row)} cellule{'s' if len(row) > 1 else ''} au lieu de {width} : suivez l’en-tête, "
            f"et mettez entre guillemets un texte qui contient « {delimiter} »"
        )
    return row


def _read_line(number: int, cells: dict[str, str], read: AnctList) -> None:
    tidy = {column: " ".join(cell.split()) for column, cell in cells.items()}
    corrections: list[str] = []
    if tidy["dispositif"].upper() != SCHEME:
        raise UnreadableLine(
            f"le dispositif « {tidy['dispositif']} » n’est pas celui des projets partagés : "
            f"écrivez « {SCHEME} », ou retirez la ligne"
        )
    authority = _authority(tidy, corrections)
    since, until = read_period(cells["periode"])
    if _STRAY_SPACE.search(cells["periode"]):
        dates = f"du {since:%d/%m/%Y} au {until:%d/%m/%Y}"
        corrections.append(f"période « {cells['periode']} », aux espaces irréguliers, lue {dates}")
    theme = _theme(tidy["ingredients"])
    read.lines.append(AnctLine(number, authority.code, authority.name, authority.kind, since, until, theme))
    read.corrections += [Remark(number, correction) for correction in corrections]
    read.remarks += [Remark(number, remark) for remark in _to_know(authority)]


def _authority(cells: dict[str, str], corrections: list[str]) -> LocalAuthority:
    """The authority of the line; what is corrected in its code or its name is added to ``corrections``."""
    code, name = cells["codgeo"], cells["libgeo"]
    try:
        authority = find_authority(code, kind=_echelon(cells["echelon"]))
    except UnknownAuthority as unknown:
        authority = _confirmed(unknown, name)
        corrections.append(
            f"code « {code} » corrigé en « {authority.code} », que confirme le nom {authority.name}"
        )
    corrections += check_name(authority, name)
    return authority


def _confirmed(unknown: UnknownAuthority, name: str) -> LocalAuthority:
    """The authority suggested for an unknown code, provided that the name beside it is its name."""
    if unknown.suggestion is None:
        raise unknown
    if not name:
        raise UnreadableLine(f"{unknown} Aucun nom n’est écrit pour le confirmer : corrigez le code")
    try:
        check_name(unknown.suggestion, name)
    except Refusal:
        doubt = f"Le nom écrit, « {name} », ne le confirme pas : corrigez le code ou le nom"
        raise UnreadableLine(f"{unknown} {doubt}") from None
    return unknown.suggestion


def _echelon(text: str) -> AuthorityKind:
    bare = text.casefold().replace("é", "e")
    if bare not in list(AuthorityKind):
        kinds = ", ".join(AuthorityKind)
        raise UnreadableLine(f"échelon « {text} » inconnu : écrivez l’un de ceux-ci, {kinds}")
    return AuthorityKind(bare)


def _theme(text: str) -> str:
    if not folded(text):
        raise UnreadableLine("le thème (« ingredients ») est vide : écrivez celui du projet")
    if len(text) > LONGEST_THEME:
        raise UnreadableLine(
            f"le thème (« ingredients ») a {len(text)} caractères : raccourcissez-le à {LONGEST_THEME} au plus"
        )
    return text


def _to_know(authority: LocalAuthority) -> Iterator[str]:
    if authority.code in WITH_ARRONDISSEMENTS:
        yield (
            f"{authority} est reprise comme commune entière : si le projet est celui d’un arrondissement, "
            "c’est encore la commune qui signe, car un arrondissement n’est pas une collectivité"
        )

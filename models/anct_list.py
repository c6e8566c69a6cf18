"""The ANCT's public list of shared projects (CSV, Licence Ouverte 2.0): read, corrected, refused line by line.

Nothing is written here. What can be corrected without doubt is, and is reported; a line that leaves a doubt is
refused, with what can be known of the project it belongs to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from models.file_text import decode
from models.folded import folded
from models.invalid_file import InvalidFile, Problem, told_once
from models.local_authority import (
    AuthorityKind,
    LocalAuthority,
    UnknownAuthority,
    authorities_named,
    check_name,
    find_authority,
)
from models.period_text import UnreadablePeriod, read_period
from models.refusal import NBSP, Refusal, typeset
from models.shared_project import LONGEST_THEME
from models.table_cells import LostDigits, read_code
from models.table_file import Column, Most, Row, read_table

COLUMNS = (
    Column("codgeo", "codgeo", ("code géographique", "code geo", "code insee", "code")),
    Column("libgeo", "libgeo", ("libellé géographique", "libellé", "collectivité", "nom")),
    Column("echelon", "echelon"),
    Column("dispositif", "dispositif"),
    Column("periode", "periode"),
    Column("ingredients", "ingredients", ("ingrédient", "thème", "thématique")),
)
"""Those we read; the list may have others (« id_engcit », « url »), in any order."""
SCHEME = "PPTDE"
"""What the list calls the shared projects of « Territoires en commun »."""
WITH_ARRONDISSEMENTS = ("13055", "69123", "75056")
MOST = Most(1000, "partagez la liste par projets")

_DASH = "[-‐‑‒–—]"
_MONTHS = re.compile(rf"[^\W\d]{{3,}}\.? ?20\d\d ?{_DASH} ?[^\W\d]{{3,}}\.? ?20\d\d")
_STRAY_SPACE = re.compile(rf"^\s|\s$|\s\s|\s\.|\S{_DASH}\s|\s{_DASH}\S")

Period = tuple[date, date]
"""First and last day, both included."""


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
    """One authority in one project. ``code`` and ``name`` are those of the COG (``is_named``: a name is written
    beside the code), ``theme`` is the list's « ingredients »; both ends of the period are included."""

    line: int
    code: str
    name: str
    echelon: AuthorityKind
    period_from: date
    period_until: date
    theme: str
    is_named: bool


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that is refused, and what it says of its project: ``theme`` and ``period``, as far as they can be read.

    ``text`` is the whole line; its cells may be in the wrong columns unless it ``is_whole``.
    """

    remark: Remark
    theme: str | None = None
    period: Period | None = None
    text: str = ""
    is_whole: bool = True


@dataclass(slots=True)
class AnctList:
    """What was understood of the list, and what is to be said of it."""

    lines: list[AnctLine] = field(default_factory=list)
    corrections: list[Remark] = field(default_factory=list)
    refused: list[RefusedLine] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def refusals(self) -> list[Remark]:
        """What is said of the lines that are refused."""
        return [each.remark for each in self.refused]


class UnreadableLine(Refusal):
    """A line that misses a cell, or has a value the import has no use for."""


def read_anct_list(content: bytes, *, file: str) -> AnctList:
    """Read the list, as any spreadsheet saves it.

    Raises ``InvalidFile`` when it cannot be read as a whole: empty file, missing column, quotes that do not match, or
    the same reason to refuse all its lines.
    Paris (75056) stands in the list for its 20th arrondissement. It is kept as listed: nothing on the line tells which
    arrondissement, and only the commune is an authority that can sign; a remark says so.
    """
    text = decode(content, file=file, by_line=True)
    rows = read_table(text, COLUMNS, file=file, most=MOST, others=True)
    if not rows:
        raise InvalidFile.of(file, "la liste n’a que son en-tête ; ajoutez-y des lignes")
    read = AnctList()
    for row in rows:
        try:
            _read_line(row, read)
        except Refusal as refusal:
            read.refused.append(_refused(row, str(refusal)))
    _check_some_is_read(read, file)
    return read


def _check_some_is_read(read: AnctList, file: str) -> None:
    """A list of which every line is refused for one reason is refused once."""
    problems = told_once(Problem(file, each.line, "", each.text) for each in read.refusals)
    if not read.lines and len(read.refused) > len(problems) == 1:
        raise InvalidFile(problems)


def _refused(row: Row, sentence: str) -> RefusedLine:
    is_whole = not (row.problem or row.is_cut or row.count > row.width)
    if row.count > row.width and not row.problem:
        sentence = f"{sentence} ({row.count} cellules au lieu de {row.width})"
    try:
        period = read_period(row.cells["periode"]) if is_whole else None
    except UnreadablePeriod:
        period = None
    theme = _one_line(row.cells["ingredients"]) or None
    return RefusedLine(Remark(row.line, sentence), theme, period, row.text, is_whole)


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _read_line(row: Row, read: AnctList) -> None:
    if row.problem:
        raise UnreadableLine(row.problem)
    if row.is_cut:
        raise UnreadableLine(
            f"{row.count} cellule{'s' if row.count > 1 else ''} au lieu de {row.width} : suivez l’en-tête"
        )
    tidy = {column: _one_line(cell) for column, cell in row.cells.items()}
    corrections: list[str] = []
    if tidy["dispositif"].upper() != SCHEME:
        raise UnreadableLine(
            f"le dispositif « {tidy['dispositif']} » n’est pas celui des projets partagés : "
            f"écrivez « {SCHEME} », ou retirez la ligne"
        )
    authority = _authority(tidy, corrections)
    since, until = read_period(row.cells["periode"])
    corrections += _read_otherwise(row.cells["periode"], since, until)
    theme = _theme(tidy["ingredients"])
    who, is_named = (authority.code, authority.name, authority.kind), bool(tidy["libgeo"])
    read.lines.append(AnctLine(row.line, *who, since, until, theme, is_named))
    read.corrections += [Remark(row.line, correction) for correction in corrections]
    read.remarks += [Remark(row.line, remark) for remark in _to_know(authority)]


def _read_otherwise(period: str, since: date, until: date) -> Iterator[str]:
    dates = f"lue du {since:%d/%m/%Y} au {until:%d/%m/%Y}"
    if not _MONTHS.fullmatch(_one_line(period)):
        yield f"période « {_one_line(period)} » {dates}"
    elif _STRAY_SPACE.search(period):
        yield f"période « {period} », aux espaces irréguliers, {dates}"


def _authority(cells: dict[str, str], corrections: list[str]) -> LocalAuthority:
    """The authority of the line; what is corrected in its code or its name is added to ``corrections``."""
    name = cells["libgeo"]
    code = _code(cells["codgeo"], name)
    if code != cells["codgeo"]:
        corrections.append(f"code « {cells['codgeo']} » lu « {code} »")
    try:
        authority = find_authority(code, kind=_echelon(cells["echelon"]))
    except UnknownAuthority as unknown:
        authority = _confirmed(unknown, name)
        corrections.append(
            f"code « {code} » corrigé en « {authority.code} », que confirme le nom {authority.name}"
        )
    corrections += check_name(authority, name)
    return authority


def _code(written: str, name: str) -> str:
    """The code, out of what a spreadsheet made of it. Raises ``UnreadableLine``, with the code of that ``name``."""
    try:
        return read_code(written)
    except LostDigits as lost:
        namesakes = ", ".join(map(str, authorities_named(name)[:3]))
        raise UnreadableLine(f"{lost}{f' ; d’après le nom : {namesakes}' if namesakes else ''}") from None


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
    bare = folded(text)
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

"""Tables in text, as spreadsheets save them (CSV): the one reader of all the tables people send."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.folded import folded
from models.invalid_file import InvalidFile
from models.table_cells import plain_cell
from models.yaml_tree import UNPRINTABLE

_SEPARATORS = (";", ",", "\t", "|")
_SEPARATOR_LINE = re.compile(r'\s*("?sep=(.)"?[;,\t ]*)(?=[\r\n]|$)', re.IGNORECASE)
_DEEPEST_HEADER = 20
"""Rows among which the header is looked for, below a title."""
_LONGEST_NAME, _WIDEST = 200, 200
"""Characters of the name of a column, and cells of a header."""
_LONGEST_CELL = 100_000
_THOUSANDS = r"\b[km] ?(?:€|eur)|millier|million"
_REMARK = re.compile(rf"[(\[](?![^)\]]*(?:{_THOUSANDS}))[^)\]]*[)\]]", re.IGNORECASE)
"""In brackets beside the name of a column; one that multiplies its numbers changes what they say."""
_QUOTES = "un guillemet n’est pas refermé, ou est mal placé ; corrigez ou retirez celui qui s’ouvre ici"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the key of its cells, its name, and other names it goes by (case and accents aside)."""

    key: str
    name: str
    also: tuple[str, ...] = ()
    is_needed: bool = True

    def places_in(self, header: Sequence[str]) -> list[int]:
        """Where the cells of a header, already bare, name it: with its own name, else with another."""
        own = [place for place, cell in enumerate(header) if cell == _bare(self.name)]
        others = {_bare(name) for name in self.also}
        return own or [place for place, cell in enumerate(header) if cell in others]


def _bare(name: str) -> str:
    """What is compared of the name of a column; what is in brackets does not count, but for thousands and millions."""
    return folded(_REMARK.sub("", plain_cell(name[:_LONGEST_NAME]))).replace(" ", "")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the line it begins on, its cells by the key of their column (all keys are there).

    ``problem`` says why it cannot be read with certainty, if so. ``count`` is the number of cells it has, out of those
    of the header, ``width``; ``is_cut`` when it stops before the last column needed. ``text`` is all of it.
    """

    line: int
    cells: dict[str, str]
    count: int
    width: int
    is_cut: bool
    text: str
    problem: str | None = None


class _Header(NamedTuple):
    """Where the header is: its rank among the rows, its line, its separator, and the place of each column."""

    rank: int
    line: int
    separator: str
    cells: list[str]
    places: dict[str, list[int]]

    @property
    def score(self) -> int:
        """How many of the columns it names."""
        return sum(map(bool, self.places.values()))


class Most(NamedTuple):
    """How many rows a table may have, and what to do when there are more."""

    rows: int
    advice: str


def read_table(
    text: str, columns: Sequence[Column], *, file: str, most: Most, others: bool = False
) -> list[Row]:
    """The rows of ``text`` below the header that names ``columns``; those without a word are left out.

    Semicolons, commas, tabs or bars; a ``sep=`` line; titles above the header; columns in any order, and ``others``
    that are not read; empty cells at the end; line breaks within quotes. Raises ``InvalidFile`` when the table cannot
    be read as a whole.
    """
    declared = None
    if first := _SEPARATOR_LINE.match(text):
        declared = first[2]
        text = text[: first.start(1)] + text[first.end(1) :]  # its line stays: the others keep their number
    header = _find_header(text, columns, declared, file)
    _check_header(header, columns, others, file)
    written = []
    for rank, (line, cells) in enumerate(_parsed(text, header.separator)):
        if cells is None:
            raise InvalidFile.of(file, _QUOTES, line)
        if rank > header.rank and any(map(plain_cell, cells)):
            written.append((line, cells))
    if len(written) > most.rows:
        raise InvalidFile.of(file, f"{len(written)} lignes, {most.rows} au plus ; {most.advice}")
    return [_row(line, cells, header, columns) for line, cells in written]


def _parsed(text: str, separator: str, most: int | None = None) -> Iterator[tuple[int, list[str] | None]]:
    """Each row, with the line it begins on; None for one that cannot be told from the next, the last to come."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=separator != "\t"
    )
    line = 1
    while most is None or most > 0:
        most = None if most is None else most - 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, None
            return
        yield line, cells
        line = reader.line_num + 1


def _find_header(text: str, columns: Sequence[Column], declared: str | None, file: str) -> _Header:
    separators = ([declared] if declared in _SEPARATORS else []) + list(_SEPARATORS)
    found = [header for separator in separators for header in _headers(text, columns, separator)]
    if not found:
        wrong = next((line for line, cells in _parsed(text, ";", _DEEPEST_HEADER) if cells is None), None)
        if wrong is not None:
            raise InvalidFile.of(file, _QUOTES, wrong)
        line = len(text) - len(text.lstrip())
        raise InvalidFile.of(
            file, f"aucune ligne ne nomme les colonnes ; écrivez en première ligne « {_wanted(columns)} »",
            text[:line].count("\n") + 1,
        )  # fmt: skip
    return max(found, key=lambda header: header.score)


def _headers(text: str, columns: Sequence[Column], separator: str) -> Iterator[_Header]:
    """The rows that name at least one column."""
    for rank, (line, cells) in enumerate(_parsed(text, separator, _DEEPEST_HEADER)):
        names = [_bare(cell) for cell in (cells or [])[:_WIDEST]]
        places = {column.key: column.places_in(names) for column in columns}
        if any(places.values()):
            yield _Header(rank, line, separator, cells or [], places)


def _check_header(header: _Header, columns: Sequence[Column], others: bool, file: str) -> None:
    places = header.places
    known = {place for found in places.values() for place in found}
    cells = [plain_cell(cell)[:60] for cell in header.cells]
    faults = {
        "il manque dans l’en-tête": [
            each.name for each in columns if each.is_needed and not places[each.key]
        ],
        "l’en-tête nomme deux fois": [each.name for each in columns if len(places[each.key]) > 1],
        "l’en-tête a en trop": []
        if others
        else [cell for place, cell in enumerate(cells) if cell and place not in known],
    }
    told = [f"{fault} {_listed(names)}" for fault, names in faults.items() if names]
    if told:
        raise InvalidFile.of(file, f"{', et '.join(told)} ; écrivez « {_wanted(columns)} »", header.line)


def _listed(names: Sequence[str]) -> str:
    what = "la colonne" if len(names) == 1 else "les colonnes"
    return f"{what} {', '.join(f'« {name} »' for name in names[:10])}"


def _wanted(columns: Sequence[Column]) -> str:
    return ";".join(column.name for column in columns if column.is_needed)


def _row(line: int, cells: list[str], header: _Header, columns: Sequence[Column]) -> Row:
    plain = [plain_cell(cell) for cell in cells]
    places = {key: found[0] for key, found in header.places.items() if found}
    values = {
        column.key: plain[place] if (place := places.get(column.key, len(plain))) < len(plain) else ""
        for column in columns
    }
    last_needed = max(places[column.key] for column in columns if column.is_needed)
    width = max(place for place, cell in enumerate(header.cells, 1) if plain_cell(cell))
    problem = _problem(plain, width, header.separator)
    return Row(
        line, values, len(plain), len(header.cells), len(plain) <= last_needed, " ".join(plain), problem
    )


def _problem(cells: list[str], width: int, separator: str) -> str | None:
    if UNPRINTABLE.search("".join(cells)):
        return "caractère invisible interdit ; effacez-le et retapez le texte"
    count = max(place for place, cell in enumerate(cells, 1) if cell)
    if count <= width:
        return None
    advice = f"mettez entre guillemets un texte qui contient « {separator} »"
    if separator == "\t":
        advice = "effacez la tabulation qui est dans un texte"
    return f"{count} cellules au lieu de {width} ; suivez l’en-tête, et {advice}"

"""The list of the new mayors and presidents after an election: a table, one city a line."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.folded import folded
from models.invalid_file import InvalidFile, Problem, told_once
from models.table_cells import LostDigits, cell_fault, cut, read_code
from models.table_file import Column, Most, Row, read_table

COLUMNS = (
    Column("code", "code", ("code insee", "insee", "code commune", "code de la commune", "codgeo", "code géographique",
                            "siren")),
    Column("name", "nom", ("prénom et nom", "nom et prénom", "nom prénom", "prénom nom", "nom complet", "titulaire",
                           "nom de l’élu")),
    Column("whole_name", "prenom et nom", ("nom et prénom", "nom prénom", "prénom nom", "nom complet"), False),
    Column("first_name", "prenom", ("prénom de l’élu",), False),
    Column("email", "adresse", ("adresse électronique", "email", "e-mail", "mail", "courriel", "adresse mail",
                                "adresse e-mail", "adresse courriel")),
    Column("quality", "qualite", ("fonction",), False),
    Column("shared", "boite_partagee", (), False),
)  # fmt: skip
"""Those of the list, in any order; others are not read. A first name in a column of its own is put before the name."""
FILE = "La liste"
"""What the list is called in sentences, when it is no file."""
MOST = Most(500, "partagez la liste")
_YES, _NO = {"oui", "o", "x", "vrai", "true", "1", "yes"}, {"", "non", "n", "faux", "false", "0", "no"}
_COLUMN_OF = {column.key: column.name for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class HandoverLine:
    """A line of the list, as it was written: ``number`` counts from 1, the line of the file it begins on."""

    number: int
    code: str
    name: str
    email: str
    quality: str | None
    shares_mailbox: bool = False


class InvalidHandover(InvalidFile):
    """The list cannot be used as it is: every line that is wrong, with what to do."""

    opening = "Rien n’a été proposé.\n"


def read_handover(text: str, *, file: str = FILE) -> list[HandoverLine]:
    """The lines of the list, however a spreadsheet saves it. Raises ``InvalidHandover``, with lines and columns."""
    try:
        rows = read_table(text, COLUMNS, file=file, most=MOST, others=True)
    except InvalidFile as wrong:
        raise InvalidHandover(wrong.problems) from None
    if not rows:
        raise InvalidHandover.of(file, "personne n’y est nommé ; écrivez une ligne par collectivité")
    problems = [Problem(file, row.line, column, text) for row in rows for column, text in _problems(row)]
    lines = [] if problems else [_line(row) for row in rows]
    problems += [Problem(file, line, "code", text) for line, text in _doubles(lines)]
    if problems:
        raise InvalidHandover(told_once(problems))
    return lines


def _problems(row: Row) -> Iterator[tuple[str, str]]:
    """What is wrong in the row, by column."""
    if row.problem:
        yield "", row.problem
        return
    for key, cell in row.cells.items():
        if fault := cell_fault(cell):
            yield _COLUMN_OF[key], fault
        elif not cell and key in ("code", "email", "name") and not (key == "name" and _name(row)):
            yield _COLUMN_OF[key], "vide ; remplissez-le"
    try:
        read_code(row.cells["code"])
    except LostDigits as lost:
        yield "code", str(lost)
    if folded(row.cells["shared"]) not in _YES | _NO:
        yield "boite_partagee", f"« {cut(row.cells['shared'])} » n’est ni oui ni non ; écrivez l’un des deux"


def _line(row: Row) -> HandoverLine:
    code, quality = read_code(row.cells["code"]), _one_line(row.cells["quality"]) or None
    is_shared = folded(row.cells["shared"]) in _YES
    return HandoverLine(row.line, code, _name(row), _one_line(row.cells["email"]), quality, is_shared)


def _name(row: Row) -> str:
    """As it is written in one cell, else the first name before the name."""
    cells = row.cells
    return _one_line(cells["whole_name"] or f"{cells['first_name']} {cells['name']}")


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _doubles(lines: list[HandoverLine]) -> Iterator[tuple[int, str]]:
    seen: dict[str, int] = {}
    for line in lines:
        if line.code in seen:
            yield (
                line.number,
                (
                    f"{line.code} est déjà à la ligne {seen[line.code]} ; une fonction n’a qu’un titulaire, gardez une "
                    "seule ligne"
                ),
            )
        seen.setdefault(line.code, line.number)

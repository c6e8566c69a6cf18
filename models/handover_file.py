"""The list of the new mayors and presidents after an election: a CSV file, one city a line."""

import csv
import io
from dataclasses import dataclass

from models.folded import folded
from models.refusal import Refusal

COLUMNS = ("code", "nom", "adresse", "qualite", "boite_partagee")
MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class HandoverLine:
    """A line of the file, as it was written: ``number`` counts from 1, the header being line 1."""

    number: int
    code: str
    name: str
    email: str
    quality: str | None
    shares_mailbox: bool = False


class InvalidHandover(Refusal):
    """The file cannot be used as it is: every line that is wrong, with what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Rien n’a été proposé. " + " ".join(problems))


def read_handover(text: str) -> list[HandoverLine]:
    """The lines of the file, whose first one names the columns ``COLUMNS`` (the last two may be missing).

    Commas or semicolons; accents and capitals in the header do not count. Raises ``InvalidHandover``.
    """
    rows = _rows(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    places = _places(rows[0] if rows else [])
    lines = [_line(number, row, places) for number, row in enumerate(rows[1:], start=2) if any(row)]
    problems = list(_problems(lines))
    if problems:
        raise InvalidHandover(problems)
    return lines


def _rows(text: str) -> list[list[str]]:
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if header.count(";") >= header.count(",") else ",")
    try:
        return [[cell.strip() for cell in row] for row in reader]
    except csv.Error:
        where = (
            f"Ligne {reader.line_num} : une cellule ne se lit pas ; vérifiez les guillemets de cette ligne."
        )
        raise InvalidHandover([where]) from None


def _places(header: list[str]) -> dict[str, int]:
    plain = {
        "qualité": "qualite",
        "boîte partagée": "boite_partagee",
        "adresse électronique": "adresse",
        "email": "adresse",
        "prénom et nom": "nom",
    }
    names = [plain.get(each.casefold(), each.casefold()) for each in header]
    missing = [each for each in COLUMNS[:3] if each not in names]
    if missing:
        raise InvalidHandover(
            [
                f"Ligne 1 : il manque {'la colonne' if len(missing) == 1 else 'les colonnes'} "
                f"{', '.join(f'« {each} »' for each in missing)} ; la première ligne est « {';'.join(COLUMNS[:4])} »."
            ]
        )
    return {name: place for place, name in reversed(list(enumerate(names)))}


def _line(number: int, row: list[str], places: dict[str, int]) -> HandoverLine:
    code, name, email, quality, shared = (_cell(row, places.get(each)) for each in COLUMNS)
    return HandoverLine(number, code, name, email, quality or None, folded(shared) == "oui")


def _cell(row: list[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""


def _problems(lines: list[HandoverLine]) -> list[str]:
    problems = [] if lines else ["Le fichier ne nomme personne : écrivez une ligne par collectivité."]
    if len(lines) > MOST_LINES:
        problems.append(f"Le fichier a {len(lines)} lignes : {MOST_LINES} au plus à la fois ; partagez-le.")
    seen: dict[str, int] = {}
    for line in lines:
        for name, value in (("code", line.code), ("nom", line.name), ("adresse", line.email)):
            if not value:
                problems.append(f"Ligne {line.number}, « {name} » : vide ; remplissez-le.")
        if line.code in seen:
            problems.append(
                f"Ligne {line.number}, « code » : {line.code} est déjà à la ligne {seen[line.code]} ; une fonction n’a "
                "qu’un titulaire, gardez une seule ligne."
            )
        seen.setdefault(line.code, line.number)
    return problems

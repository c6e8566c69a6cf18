"""A city's action plan as a file: what it says is read, so that each action becomes a commitment.

The file itself is what is signed (its SHA-256 covers every action): nothing here corrects or rewrites it.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from itertools import zip_longest
from pathlib import PurePath
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.commitment import HOLDER
from models.field_error import in_french, located_errors
from models.file_text import decode
from models.invalid_file import InvalidFile, Problem
from models.iso_date import DueDate
from models.limits import Text
from models.yaml_file import read_yaml_text

MAX_ACTIONS = 500

Words = Annotated[str, Text("Texte", 500, is_needed=True)]


class PlannedAction(BaseModel):
    """One action of a plan: what, who carries it, for how much (euros), how it is measured, and when."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    title: Words
    owner: Annotated[str, HOLDER.needed]
    budget_eur: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)] | None = None
    indicator: Words
    starts_on: DueDate
    due_on: DueDate

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.due_on < self.starts_on:
            text = (
                f"l’échéance {self.due_on} précède le début {self.starts_on} ; corrigez l’une des deux dates"
            )
            raise located_errors("action", [(("due_on",), text)])
        return self


class _Plan(BaseModel):
    actions: Annotated[tuple[PlannedAction, ...], Field(min_length=1, max_length=MAX_ACTIONS)]


CSV_COLUMNS = {
    "titre": "title",
    "porteur": "owner",
    "budget": "budget_eur",
    "indicateur": "indicator",
    "debut": "starts_on",
    "echeance": "due_on",
}
"""Header of a plan in CSV, and the field each column fills."""

_COLUMN_OF = {field: column for column, field in CSV_COLUMNS.items()}


def read_action_plan(content: bytes, filename: str) -> list[PlannedAction]:
    """The actions of a plan, in the order of the file; raises ``InvalidFile`` with every problem found.

    YAML (``actions:``, a list with the fields of ``PlannedAction``) or CSV (UTF-8, « ; » or « , », header
    ``titre;porteur;budget;indicateur;debut;echeance``, ISO dates), told apart by the extension.
    """
    name = PurePath(filename).name
    kind = PurePath(name).suffix.lower()
    if kind in {".yaml", ".yml"}:
        return list(read_yaml_text(decode(content, file=name), _Plan, file=name).actions)
    if kind == ".csv":
        return _read_csv(decode(content, file=name), name)
    advice = "un plan d’action est un fichier YAML ou CSV ; donnez un fichier .yaml ou .csv"
    raise InvalidFile([Problem(name, None, "", advice)])


def _read_csv(text: str, file: str) -> list[PlannedAction]:
    actions: list[PlannedAction] = []
    problems: list[Problem] = []
    for line, cells in _rows(text, file):
        read = _read_row(cells, file, line)
        if isinstance(read, PlannedAction):
            actions.append(read)
        else:
            problems += read
    if not problems and not actions:
        problems = [Problem(file, 1, "", "aucune action dans ce plan ; ajoutez une ligne par action")]
    if not problems and len(actions) > MAX_ACTIONS:
        text = f"{len(actions)} actions, {MAX_ACTIONS} au plus ; regroupez-les"
        problems = [Problem(file, None, "", text)]
    if problems:
        raise InvalidFile(problems)
    return actions


def _rows(text: str, file: str) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Each row that is not blank: its first line, and its cells under the names of the columns."""
    delimiter = ";" if ";" in text.splitlines()[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    line = 1
    try:
        for cells in reader:
            if not columns:
                columns = _columns(cells, file)
            elif any(cell.strip() for cell in cells):
                yield line, list(zip_longest(columns, cells, fillvalue=""))
            line = reader.line_num + 1
    except csv.Error as error:
        advice = "un guillemet n’est pas refermé ou est mal placé ; corrigez cette ligne"
        raise InvalidFile([Problem(file, line, "", advice)]) from error


def _columns(cells: list[str], file: str) -> list[str]:
    columns = [_unaccented(cell.strip().lower()) for cell in cells]
    if sorted(columns) != sorted(CSV_COLUMNS):
        wanted = ";".join(CSV_COLUMNS)
        text = f"l’en-tête ne nomme pas les six colonnes, une fois chacune ; écrivez « {wanted} »"
        raise InvalidFile([Problem(file, 1, "", text)])
    return columns


def _read_row(cells: list[tuple[str, str]], file: str, line: int) -> PlannedAction | list[Problem]:
    if len(cells) > len(CSV_COLUMNS):
        text = (
            "trop de cellules sur cette ligne ; mettez entre guillemets un texte qui contient le séparateur"
        )
        return [Problem(file, line, "", text)]
    values = {CSV_COLUMNS[column]: cell.strip() or None for column, cell in cells}
    written = {field: value or "" for field, value in values.items()}
    if values["budget_eur"]:
        values["budget_eur"] = re.sub(r"[\s€]", "", values["budget_eur"]).replace(",", ".")
    try:
        return PlannedAction.model_validate_json(json.dumps(values), strict=True)
    except ValidationError as error:
        return [
            Problem(
                file,
                line,
                _COLUMN_OF[str(detail["loc"][0])],
                in_french(detail, PlannedAction, written[str(detail["loc"][0])]),
            )
            for detail in error.errors()
        ]


def _unaccented(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))

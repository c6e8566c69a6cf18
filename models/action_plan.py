"""A city's action plan as a file: what it says is read, so that each action becomes a commitment.

The file itself is what is signed (its SHA-256 covers every action): nothing here corrects or rewrites it.
"""

import json
from decimal import Decimal
from pathlib import PurePath
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.amount_text import amount_fault, read_amount
from models.commitment import HOLDER
from models.day_text import day_fault, read_day
from models.field_error import in_french, located_errors
from models.file_text import decode
from models.invalid_file import InvalidFile, Problem, told_once
from models.iso_date import DueDate
from models.limits import Text
from models.table_cells import cell_fault
from models.table_file import Column, Most, Row, read_table
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


COLUMNS = (
    Column("title", "titre", ("action", "intitulé", "libellé", "titre de l’action", "intitulé de l’action",
                              "libellé de l’action", "nom de l’action", "actions", "title")),
    Column("owner", "porteur", ("responsable", "pilote", "porteur de l’action", "service porteur", "service", "owner",
                                "service responsable", "direction", "porteurs")),
    Column("budget_eur", "budget", ("montant", "coût", "budget prévisionnel", "coût prévisionnel", "coût estimé",
                                    "montant prévisionnel", "budget estimé", "budget en euros", "budget en €",
                                    "budget eur")),
    Column("indicator", "indicateur", ("indicateurs", "indicateur de suivi", "indicateur de résultat",
                                       "indicateur de réussite", "indicator")),
    Column("starts_on", "debut", ("date de début", "date début", "début prévu", "début prévisionnel", "démarrage",
                                  "starts on", "début de l’action")),
    Column("due_on", "echeance", ("date d’échéance", "date échéance", "fin", "date de fin", "date fin",
                                  "fin prévue", "fin prévisionnelle", "échéance prévue", "date limite", "due on",
                                  "terme")),
)  # fmt: skip
"""Those of a plan in a table: the field of ``PlannedAction`` each fills, its name, and other names it goes by."""

_COLUMN_OF = {column.key: column.name for column in COLUMNS}


def read_action_plan(content: bytes, filename: str) -> list[PlannedAction]:
    """The actions of a plan, in the order of the file; raises ``InvalidFile`` with every problem found.

    YAML (``actions:``, a list with the fields of ``PlannedAction``) or a table of ``COLUMNS`` (CSV), however a
    spreadsheet saves it; told apart by the extension.
    """
    name = PurePath(filename).name
    kind = PurePath(name).suffix.lower()
    if kind in {".yaml", ".yml"}:
        return list(read_yaml_text(decode(content, file=name), _Plan, file=name).actions)
    if kind in {".csv", ".tsv", ".txt"}:
        return _read_table(decode(content, file=name, by_line=True), name)
    advice = "un plan d’action est un fichier YAML ou CSV ; donnez un fichier .yaml ou .csv"
    raise InvalidFile([Problem(name, None, "", advice)])


def _read_table(text: str, file: str) -> list[PlannedAction]:
    rows = read_table(text, COLUMNS, file=file, most=Most(MAX_ACTIONS, "regroupez les actions"))
    if not rows:
        raise InvalidFile.of(file, "aucune action dans ce plan ; ajoutez une ligne par action", 1)
    actions: list[PlannedAction] = []
    problems: list[Problem] = []
    for row in rows:
        read = _read_row(row)
        if isinstance(read, PlannedAction):
            actions.append(read)
        else:
            problems += [Problem(file, row.line, column, text) for column, text in read]
    if problems:
        raise InvalidFile(told_once(problems))
    return actions


def _read_row(row: Row) -> PlannedAction | list[tuple[str, str]]:
    """The action, or what is wrong with it, by column."""
    if row.problem:
        return [("", row.problem)]
    read = {field: _read_cell(field, cell) for field, cell in row.cells.items()}
    faults = {field: fault for field, (_, fault) in read.items() if fault}
    try:
        values = json.dumps({field: value for field, (value, _) in read.items()})
        action = PlannedAction.model_validate_json(values, strict=True)
    except ValidationError as error:
        for detail in error.errors():
            field = str(detail["loc"][0])
            faults.setdefault(field, in_french(detail, PlannedAction, row.cells[field]))
    else:
        if not faults:
            return action
    return [(_COLUMN_OF[field], faults[field]) for field in _COLUMN_OF if field in faults]


def _read_cell(field: str, cell: str) -> tuple[str | None, str | None]:
    """The value as ``PlannedAction`` takes it, or why there is none; its limits are said there."""
    if not cell:
        return None, None
    if fault := cell_fault(cell):
        return None, fault
    if field == "budget_eur":
        amount = read_amount(cell)
        return (None, amount_fault(cell)) if amount is None else (f"{amount:f}", None)
    if field in {"starts_on", "due_on"}:
        day = read_day(cell)
        return (str(day), None) if day else (None, day_fault(cell))
    return cell, None

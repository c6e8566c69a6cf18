"""What the commands print: tables for people, plain columns in a pipe, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.paris_time import PARIS
from models.refusal import typeset
from models.shape import Shape

WIDE = 10_000
"""Columns of a pipe: enough for a line never to be cut."""


def console() -> Console:
    """Where people read: colours and width of the terminal, neither in a pipe."""
    is_terminal = sys.stdout.isatty()
    return Console(width=None if is_terminal else WIDE, force_terminal=is_terminal, highlight=False)


def print_json(data: Any) -> None:
    """UTF-8, ISO 8601 with offset for instants and ISO for days, keys as they are."""
    print(json.dumps(data, ensure_ascii=False, indent=2, default=_plain))


def answer(sentence: str, data: Any, as_json: bool) -> None:
    """Say what was done: a French sentence, or ``data`` for a program."""
    if as_json:
        print_json(data)
    else:
        say(sentence)


def say(sentence: str, style: str = "") -> None:
    """One line for people, typeset."""
    console().print(Text(typeset(sentence), style=style), soft_wrap=True)


def warn(sentence: str) -> None:
    """One line beside the result, on the error output."""
    print(typeset(sentence), file=sys.stderr)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]], empty: str) -> None:
    """A table, or the sentence ``empty`` when it has no row."""
    lines = list(rows)
    if not lines:
        say(empty)
        return
    screen = console()
    table = Table(box=box.SIMPLE_HEAD if screen.is_terminal else None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=not screen.is_terminal)
    for line in lines:
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in line))
    if screen.is_terminal:
        screen.print(table)
        return
    with screen.capture() as captured:
        screen.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def print_list(
    data: Any, as_json: bool, columns: Sequence[str], rows: Iterable[Sequence[str | Text]], empty: str
) -> None:
    """What a list holds: ``data`` for a program, else its rows as ``print_table`` prints them."""
    if as_json:
        print_json(data)
    else:
        print_table(columns, rows, empty)


def day(value: date | str | None) -> str:
    """« 15/11/2021 »; a dash for none."""
    if value is None:
        return "–"
    return (date.fromisoformat(value) if isinstance(value, str) else value).strftime("%d/%m/%Y")


def moment(value: datetime | str | None) -> str:
    """« 15/11/2021 10:30 » in Paris; a dash for none."""
    if value is None:
        return "–"
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    return instant.astimezone(PARIS).strftime("%d/%m/%Y %H:%M")


def _plain(value: Any) -> Any:
    if isinstance(value, Shape):
        return value.model_dump(by_alias=True)
    if isinstance(value, date):  # a datetime is a date
        return value.isoformat()
    return str(value)

"""What is to be corrected in a file that people wrote, each thing with its place."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, Self

from models.refusal import Refusal, typeset

_SHOWN = 20
_AND = " et "
_PARTICULAR = re.compile(r"«[^»]*»|[0-9]+")
"""What two problems of one sort need not share: what is quoted, and numbers."""


@dataclass(frozen=True)
class Problem:
    """One thing to correct in a file; ``line`` counts from 1 (None: the whole file), ``field`` may be empty.

    ``others`` are the other lines where it is to be corrected too; then ``field`` may name several.
    """

    file: str
    line: int | None
    field: str
    text: str
    others: tuple[int, ...] = ()

    def __str__(self) -> str:
        place = [self.file]
        if self.line is not None:
            place.append(_lines((self.line, *self.others)))
        if self.field:
            place.append(f"champ{'s' if _AND in self.field else ''} {self.field}")
        end = "" if self.text.endswith((".", "?")) else "."
        return typeset(f"{', '.join(place)} : {self.text}{end}")


class InvalidFile(Refusal):
    """A file that is refused whole; ``problems`` lists everything to correct, in the order of the file.

    ``opening`` is said before the list.
    """

    opening: ClassVar[str] = ""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line or 0)
        shown = [str(problem) for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            shown.append(f"… et {len(self.problems) - _SHOWN} autres à corriger ensuite.")
        super().__init__(self.opening + "\n".join(shown))

    @classmethod
    def of(cls, file: str, text: str, line: int | None = None) -> Self:
        """The refusal of a file for one reason."""
        return cls([Problem(file, line, "", text)])


def told_once(problems: Iterable[Problem]) -> list[Problem]:
    """The problems of the lines of a table, each sort once, with all its lines and the fields that have it there."""
    by_field: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        by_field.setdefault((_PARTICULAR.sub("", problem.text), problem.field), []).append(problem)
    by_lines: dict[tuple[str, tuple[int | None, ...]], list[list[Problem]]] = {}
    for (sort, field), found in by_field.items():
        lines = tuple(each.line for each in found)
        by_lines.setdefault((sort if lines[1:] else f"{sort} {field}", lines), []).append(found)
    return [_together(fields) for fields in by_lines.values()]


def _together(fields: list[list[Problem]]) -> Problem:
    """One problem for several fields that have it on the same lines."""
    first, *others = fields[0]
    names = [problems[0].field for problems in fields]
    is_alike = all(each.text == first.text for problems in fields for each in problems)
    return Problem(
        first.file,
        first.line,
        _listed(names),
        first.text if is_alike else f"par exemple, {first.text}",
        tuple(each.line for each in others if each.line is not None),
    )


def _lines(numbers: Sequence[int]) -> str:
    """« ligne 4 », « lignes 2, 3 et 7 à 12 »."""
    shown: list[str] = []
    for _, ranked in groupby(enumerate(numbers), lambda each: each[1] - each[0]):
        run = [number for _, number in ranked]
        shown += [f"{run[0]} à {run[-1]}"] if run[2:] else map(str, run)
    if shown[_SHOWN:]:
        shown = [*shown[:_SHOWN], "d’autres"]
    return f"ligne{'s' if numbers[1:] else ''} {_listed(shown)}"


def _listed(words: Sequence[str]) -> str:
    return _AND.join(filter(None, [", ".join(words[:-1]), words[-1]]))

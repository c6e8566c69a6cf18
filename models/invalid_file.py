"""What is to be corrected in a file that people wrote, each thing with its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.refusal import Refusal

_SHOWN = 20


@dataclass(frozen=True)
class Problem:
    """One thing to correct in a file; ``line`` counts from 1 (None: the whole file), ``field`` may be empty."""

    file: str
    line: int | None
    field: str
    text: str

    def __str__(self) -> str:
        place = [self.file]
        if self.line is not None:
            place.append(f"ligne {self.line}")
        if self.field:
            place.append(f"champ {self.field}")
        end = "" if self.text.endswith("?") else "."
        return f"{', '.join(place)} : {self.text}{end}"


class InvalidFile(Refusal):
    """A file that is refused whole; ``problems`` lists everything to correct, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line or 0)
        shown = [str(problem) for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            shown.append(f"… et {len(self.problems) - _SHOWN} autres à corriger ensuite.")
        super().__init__("\n".join(shown))

    @classmethod
    def of(cls, file: str, text: str, line: int | None = None) -> "InvalidFile":
        """The refusal of a file for one reason."""
        return cls([Problem(file, line, "", text)])

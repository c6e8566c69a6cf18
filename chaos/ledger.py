"""What a client notes, on disk before it goes on: nothing that it says was acknowledged is forgotten by its death."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self

Note = dict[str, Any]


@dataclass
class Ledger:
    """One file of JSON lines, written by one process; each note is on disk when ``note`` returns."""

    path: Path
    _file: BinaryIO = field(init=False)

    def __post_init__(self) -> None:
        self._file = self.path.open("ab", buffering=0)

    def note(self, what: str, **values: Any) -> None:
        line = json.dumps({"what": what, "at": time.time(), **values}, ensure_ascii=False)
        self._file.write(line.encode() + b"\n")
        os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def notes(folder: Path) -> Iterator[Note]:
    """Every note of every ledger of the folder; a last line cut short by a death is left out."""
    for file in sorted(folder.glob("*.ledger")):
        for line in file.read_bytes().splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue

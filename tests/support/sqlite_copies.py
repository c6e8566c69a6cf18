"""SQLite databases, one per test, each a copy of what its test starts from."""

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class SqliteCopies:
    """Copies of ``template``, or of one another, in ``folder``. Nobody may be writing to what is copied."""

    folder: Path
    template: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def take(self, content: Path | None = None) -> str:
        """The address of a database of one's own, with this content or the template's."""
        return f"sqlite:///{self._copy(content or self.template)}"

    def give_back(self, url: str) -> None:
        """Throw it away."""
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)

    def content(self, url: str) -> Path:
        """What the database holds now."""
        return self._copy(Path(url.removeprefix("sqlite:///")))

    def _copy(self, source: Path) -> Path:
        file = self.folder / f"{next(self._numbers)}.db"
        shutil.copy(source, file)
        return file

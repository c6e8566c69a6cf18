"""Read a `Procfile`: the name of each kind of process and the line of shell that starts it."""

import re
from pathlib import Path

PROCFILE = Path(__file__).parent.parent / "Procfile"
_LINE = re.compile(r"([A-Za-z0-9_]+): (.+)")


def read_procfile(file: Path = PROCFILE) -> dict[str, str]:
    """The lines by name, in the order of the file. Raises ``ValueError`` for a line that is none."""
    lines = [line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    matches = [_LINE.fullmatch(line) for line in lines]
    if None in matches:
        raise ValueError(f"{file}: « {lines[matches.index(None)]} » is not « name: command »")
    return {match[1]: match[2] for match in matches if match}

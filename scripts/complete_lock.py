"""Complete a lock for pip: a package pinned with its extras is pinned without them too.

``python -m scripts.complete_lock FILE…``. pip takes « sqlalchemy » and « sqlalchemy[asyncio] » for two
requirements, and with ``--require-hashes`` refuses the one that has no pin as soon as a newer version is out.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

PINNED_WITH_EXTRAS = re.compile(r"^([\w.-]+)\[[^\]]+\]==")


def complete(lines: list[str]) -> Iterator[str]:
    """The same lines, each pin with extras followed by the pin of the package itself."""
    pins = {line.split("==")[0] for line in lines if re.match(r"^[\w.-]+==", line)}
    for place, line in enumerate(lines):
        yield line
        if (found := _start_of_pin(lines, place)) is not None and found[1] not in pins:
            start, name = found
            yield PINNED_WITH_EXTRAS.sub(f"{name}==", lines[start])
            yield from lines[start + 1 : place + 1]


def _start_of_pin(lines: list[str], last: int) -> tuple[int, str] | None:
    """Where the pin with extras whose hashes end on line ``last`` begins, and the package's name."""
    if lines[last].endswith("\\") or not lines[last].startswith("    --hash"):
        return None
    start = last
    while lines[start].startswith("    --hash"):
        start -= 1
    found = PINNED_WITH_EXTRAS.match(lines[start])
    return (start, found[1]) if found else None


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text("\n".join(complete(file.read_text("utf-8").splitlines())) + "\n", encoding="utf-8")

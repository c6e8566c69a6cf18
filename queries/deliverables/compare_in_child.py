"""Compare two files in a process of its own, which the caller kills when it lasts: files come from anybody.

``python -m queries.deliverables.compare_in_child``: two files (path, name, encoding) on the standard input as JSON, the
difference on the standard output. It imports none of our models, which would cost it a second. The standard library's
process pools can neither end one task nor limit its memory.
"""

import json
import logging
import resource
import subprocess
import sys
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from queries.deliverables.text_difference import Difference, Hunk, Run, difference
from queries.deliverables.text_of_file import PDF, NoText, text_of_file

CPU_SECONDS = 5
SECONDS = 10
"""Elapsed seconds: the machine has other work too."""
MEMORY = 768 * 1024 * 1024
AT_ONCE = BoundedSemaphore(2)
"""Comparisons that run together: the other processors are left to the others."""
TOO_MANY = "D’autres comparaisons sont en cours : réessayez dans quelques secondes."
TOO_LONG = (
    "Ces deux versions sont trop longues à comparer ici : téléchargez-les pour les comparer sur votre "
    "ordinateur."
)
SAME_TEXT = "Les deux versions ont le même texte : seule leur présentation, ou leur fichier, a changé."


@dataclass(frozen=True, slots=True)
class Content:
    """A kept file to compare: where it is, the name it came with, and the encoding of its text (or ``PDF``)."""

    path: Path
    name: str
    encoding: str

    @property
    def flows(self) -> bool:
        """Whether line breaks mean nothing, as in the text of a PDF."""
        return self.encoding == PDF


class NotNow(Exception):
    """The comparison could not be made this time; ``str()`` is a French sentence that says why."""


def compare_in_child(older: Content, newer: Content) -> Difference:
    """The difference between two texts, or two PDFs. Raises ``NoText``, ``NotNow``; ends within seconds."""
    if not AT_ONCE.acquire(timeout=SECONDS / 2):
        raise NotNow(TOO_MANY)
    try:
        answer = _ask(json.dumps([[str(each.path), each.name, each.encoding] for each in (older, newer)]))
    finally:
        AT_ONCE.release()
    if "why" in answer:
        raise NoText(answer["why"])
    hunks = (
        Hunk(one["kind"], tuple(Run(**run) for run in one["runs"]), one["lines"]) for one in answer["hunks"]
    )
    return Difference(tuple(hunks), answer["is_cut"])


def _ask(files: str) -> dict[str, Any]:
    command = [sys.executable, "-I", "-m", "queries.deliverables.compare_in_child"]
    try:
        child = subprocess.run(  # noqa: S603 -- our own module, which gets no argument
            command, input=files.encode(), capture_output=True, timeout=SECONDS, env={}, check=True
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise NotNow(TOO_LONG) from None
    answer: dict[str, Any] = json.loads(child.stdout)
    return answer


def main() -> None:
    """The child: its limits first, then the files."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    logging.disable()
    warnings.simplefilter("ignore")
    older, newer = (Content(Path(path), name, encoding) for path, name, encoding in json.load(sys.stdin))
    try:
        answer = asdict(_compared(older, newer))
    except NoText as reason:
        answer = {"why": str(reason)}
    json.dump(answer, sys.stdout)


def _compared(older: Content, newer: Content) -> Difference:
    old, new = (text_of_file(each.path, each.name, each.encoding) for each in (older, newer))
    changes = difference(old, new, flows=older.flows)
    if not changes.hunks:
        raise NoText(SAME_TEXT)
    return changes


if __name__ == "__main__":
    main()

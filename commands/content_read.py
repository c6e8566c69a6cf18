"""The content that a command signs: named by its hash, or shown on the terminal and accepted there.

Never silently the newest: what was submitted a moment ago may be another text than the one that was read.
"""

import re
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from commands.printing import moment, warn
from models.refusal import Refusal, typeset
from queries.deliverables.versions import VersionToRead

_HASH = re.compile(r"[0-9a-f]{64}")


class ContentNotNamed(Refusal):
    """A program does not say which content was read, and nobody is there to be asked."""

    def __init__(self, title: str, slug: str) -> None:
        super().__init__(
            "Rien ne se signe sans dire ce qui a été lu : ajoutez « --sha256 EMPREINTE », celle du contenu de "
            f"« {title} » que vous avez lu (« projet-partage project show {slug} --json » donne les empreintes), ou "
            "répondez à la question dans un terminal."
        )


class ContentDeclined(Refusal):
    """The person who was shown the content did not say yes."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"Rien n’est enregistré sur « {title} » : relisez ce document, puis recommencez et répondez « oui »."
        )


def read_hash(text: str) -> str:
    """A whole SHA-256, in any case. Its beginning is refused: two texts that begin alike are soon made."""
    digits = text.strip().lower()
    if not _HASH.fullmatch(digits):
        raise typer.BadParameter(
            f"« {text} » n’est pas une empreinte entière ; donnez ses 64 caractères, chiffres et lettres de a à f"
        )
    return digits


ContentRead = Annotated[
    str | None,
    typer.Option(
        "--sha256",
        metavar="EMPREINTE",
        parser=read_hash,
        help="L’empreinte entière du contenu qui a été lu. Sans elle, le document est montré et une réponse demandée ; "
        "un programme est refusé.",
    ),
]


def content_to_sign(
    versions: Sequence[VersionToRead], asked: str | None, *, title: str, slug: str, act: str
) -> str:
    """The hash of the content to sign; ``versions`` are those of the deliverable, the current one first.

    ``asked`` is what ``--sha256`` gives: the action refuses it unless it is the current version's. Without it, the
    current version is shown on the terminal, and ``act`` (« approuver au nom de Niort ») is asked about. Raises
    ``ContentNotNamed``, ``ContentDeclined``.
    """
    if asked is not None:
        return asked
    if not has_terminal():
        raise ContentNotNamed(title, slug)
    _show(title, versions[0])
    if not _says_yes(f"Vous avez lu ce contenu, et voulez {act} ? [oui/non] "):
        raise ContentDeclined(title)
    return versions[0].sha256


def has_terminal() -> bool:
    """Somebody can read the question (asked on the error output, beside what a program reads) and answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _show(title: str, version: VersionToRead) -> None:
    for line in (
        f"« {title} », version {version.number}",
        f"  fichier : {version.file_name}, {version.size} octets",
        f"  déposé le {moment(version.submitted_at)} par {version.submitted_by}",
        f"  empreinte : {version.sha256}",
    ):
        # What others have typed draws nothing on the terminal but its letters.
        warn("".join(letter if letter.isprintable() or letter == "\u00a0" else "?" for letter in line))


def _says_yes(question: str) -> bool:
    """Only « oui » (or « o ») is a yes; an empty line, or the end of the input, is not."""
    print(typeset(question), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("oui", "o")

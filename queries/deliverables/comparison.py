"""The page of what changed between two versions of a deliverable, for whoever reads the project."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlmodel import Session

from database.engine import Database
from database.outage import FilesAway
from models import file_kind as kinds
from models.refusal import Refusal, typeset
from models.tables import DELIVERABLE, STAGE, VERSION
from queries.access.project_access import Header, NotVisible, access_to_project
from queries.access.standing import Standing
from queries.deliverables.compare_in_child import Content, NotNow, compare_in_child
from queries.deliverables.text_difference import Hunk
from queries.deliverables.text_of_file import PDF, NoText

LARGEST = 20_000_000
"""Bytes of a file that is opened for this."""
TOO_LARGE = typeset(
    "Ces deux versions sont trop lourdes pour être comparées ici : téléchargez-les pour les comparer sur votre "
    "ordinateur."
)
GONE = typeset("Le fichier de l’une des deux versions n’est plus là : dites-le à l’ANCT.")
MIXED = "L’une des versions est du texte et l’autre un PDF : elles ne se comparent pas ici."
REMEMBERED = 64
ENCODINGS = {
    kinds.TEXT.key: "utf-8-sig",
    kinds.UTF16_TEXT.key: "utf-16",
    kinds.OLD_TEXT.key: "windows-1252",
    kinds.PDF.key: PDF,
    kinds.ACTIVE_PDF.key: PDF,
}
"""How each sort that has a text is read."""
_Outcome = tuple[tuple[Hunk, ...], bool, str | None]


class KeptContents(Protocol):
    """Where the contents of versions are kept (``actions.files.kept_kinds.KeptKinds``)."""

    def path(self, sha256: str) -> Path:
        """Where the content of this hash is."""

    def kind(self, sha256: str, name: str) -> kinds.FileKind:
        """The sort of this content; raises ``FilesAway``."""


@dataclass(frozen=True, slots=True)
class VersionCompared:
    """One of the two: its number, its document, and what its author says that it changes."""

    number: int
    file_name: str
    sha256: str
    size: int
    submitted_at: datetime
    change_note: str | None


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """What leads from ``older`` to ``newer``; ``why_not`` is a sentence when there are no passages to show.

    ``numbers`` are those of all versions, newest first, to choose among. ``is_cut``: the page does not show all.
    """

    header: Header
    standing: Standing
    deliverable_title: str
    deliverable_path: str
    numbers: tuple[int, ...]
    older: VersionCompared
    newer: VersionCompared
    hunks: tuple[Hunk, ...]
    is_cut: bool
    why_not: str | None


class NothingToCompare(Refusal):
    """There is no version before the current one."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"« {title} » n’a pas encore deux versions : il n’y a rien à comparer, lisez celle qui est là."
        )


def compare_versions(
    db: Database,
    files: KeptContents,
    slug: str,
    deliverable_id: int,
    person_id: int,
    *,
    older: int | None = None,
    newer: int | None = None,
    now: datetime,
) -> ComparisonPage:
    """Compare two versions by their numbers: by default the current one, and the one before ``newer``.

    The database is not held while the files are read. Raises ``NotVisible``, also when there is no such version, and
    ``NothingToCompare``. Writes nothing.
    """
    with db.read() as session:
        header, standing, title, versions = _read_versions(session, slug, deliverable_id, person_id, now)
    by_number = {each.number: each for each in versions}
    last = by_number.get(newer if newer is not None else max(by_number, default=0))
    first = by_number.get(older if older is not None else (last.number - 1 if last else 0))
    if len(by_number) < 2 and older is None and newer is None:
        raise NothingToCompare(title)
    if first is None or last is None:
        raise NotVisible
    hunks, is_cut, why_not = _compared(files, first, last)
    return ComparisonPage(
        header,
        standing,
        title,
        f"{header.path}/livrables/{deliverable_id}",
        tuple(sorted(by_number, reverse=True)),
        first,
        last,
        hunks,
        is_cut,
        why_not,
    )


def _read_versions(
    session: Session, slug: str, deliverable_id: int, person_id: int, now: datetime
) -> tuple[Header, Standing, str, list[VersionCompared]]:
    access = access_to_project(session, slug, person_id, now)
    wanted = ("number", "file_name", "sha256", "size", "submitted_at", "change_note")
    query = (
        sa.select(DELIVERABLE.c.title, *(VERSION.c[name] for name in wanted))
        .join(DELIVERABLE, DELIVERABLE.c.id == VERSION.c.deliverable_id)
        .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
        .where(DELIVERABLE.c.id == deliverable_id, STAGE.c.project_id == access.project_id)
    )
    rows = session.connection().execute(query).all()
    if not rows:
        raise NotVisible
    return access.header, access.standing, rows[0].title, [VersionCompared(*row[1:]) for row in rows]


def _compared(files: KeptContents, older: VersionCompared, newer: VersionCompared) -> _Outcome:
    if max(older.size, newer.size) > LARGEST:
        return (), False, TOO_LARGE
    try:
        first, last = _content(files, older), _content(files, newer)
        if first.flows != last.flows:
            raise NoText(MIXED)
        return _remembered(first, last)
    except (FileNotFoundError, FilesAway):
        return (), False, GONE
    except (NoText, NotNow) as reason:
        return (), False, typeset(str(reason))


def _content(files: KeptContents, version: VersionCompared) -> Content:
    """The file and how it is read. Raises ``FileNotFoundError``, ``FilesAway``, ``NoText``."""
    kind = files.kind(version.sha256, version.file_name)
    if kind.key not in ENCODINGS:
        raise NoText(
            f"« {version.file_name} » est {kind.label}, et seuls les textes et les PDF se comparent ici : "
            "téléchargez les deux versions pour les comparer."
        )
    path = files.path(version.sha256)
    if not path.is_file():
        raise FileNotFoundError(path)
    return Content(path, version.file_name, ENCODINGS[kind.key])


@lru_cache(maxsize=REMEMBERED)
def _remembered(older: Content, newer: Content) -> _Outcome:
    """Contents never change under their hash, so differences are kept; a comparison that failed is tried again."""
    try:
        difference = compare_in_child(older, newer)
    except NoText as reason:
        return (), False, typeset(str(reason))
    return difference.hunks, difference.is_cut, None

"""A document as its page shows it: in place when nothing in it can act, else as a link that says what it is."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from actions.files.kept_kinds import KeptKinds
from models import file_kind as kinds
from models.action_plan import PlannedAction, read_action_plan
from models.file_kind import FileKind
from models.invalid_file import InvalidFile
from models.project_shapes import VersionLine

MOST_TEXT = 200_000
"""Bytes of a text that a page shows; the file has the rest."""
REMEMBERED = 64
"""Plans whose actions are kept in memory."""
CHARSETS = {kinds.TEXT.key: "utf-8-sig", kinds.UTF16_TEXT.key: "utf-16", kinds.OLD_TEXT.key: "windows-1252"}
IMAGES = (kinds.PNG.key, kinds.JPEG.key, kinds.WEBP.key)


@dataclass(frozen=True, slots=True)
class DocumentShown:
    """One version to be read. ``way``: « pdf », « image », « text », « download », « unreadable » (kept before such
    files were refused) or « lost » (not on the disk).

    ``sort`` says what the file is (« PDF », « texte »). ``text`` is the content of a text, or its beginning
    (``is_cut``); ``actions`` those of an action plan that can be read.
    """

    version: VersionLine
    way: str
    sort: str
    text: str = ""
    is_cut: bool = False
    actions: tuple[PlannedAction, ...] = ()

    @property
    def download_path(self) -> str:
        """The address that gives it to be kept."""
        return f"{self.version.path}?telecharger=1"


def document_shown(files: KeptKinds, version: VersionLine, *, is_plan: bool) -> DocumentShown:
    """How this version is shown; reads the file, whole when it is a plan."""
    path = files.path(version.sha256)
    if not path.is_file():
        return DocumentShown(version, "lost", "document")
    kind = files.kind(version.sha256, version.file_name)
    if kind.key in CHARSETS:
        return _text(files, version, kind, is_plan=is_plan)
    ways = {kinds.PDF.key: "pdf", kinds.UNREADABLE.key: "unreadable", **dict.fromkeys(IMAGES, "image")}
    way = ways.get(kind.key, "download")
    return DocumentShown(version, way, sort_of(kind))


def sort_of(kind: FileKind) -> str:
    """« PDF », « classeur Excel » : the sort without its article."""
    return kind.label.partition(" ")[2]


def _text(files: KeptKinds, version: VersionLine, kind: FileKind, *, is_plan: bool) -> DocumentShown:
    with files.open(version.sha256) as file:
        content = file.read(MOST_TEXT + 1)
    text = content[:MOST_TEXT].decode(CHARSETS[kind.key], "ignore")
    actions = _actions(files.path(version.sha256), version.file_name) if is_plan else ()
    return DocumentShown(version, "text", sort_of(kind), text, len(content) > MOST_TEXT, actions)


@lru_cache(maxsize=REMEMBERED)
def _actions(path: Path, name: str) -> tuple[PlannedAction, ...]:
    """A plan is read when it is submitted: what cannot be was written for older rules, and is shown as it is.

    What stands under its hash never changes: a plan that takes seconds to read takes them once.
    """
    try:
        return tuple(read_action_plan(path.read_bytes(), name))
    except InvalidFile:
        return ()

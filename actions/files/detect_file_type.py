"""Tell of what sort a file is by its content alone: its first bytes, then the library that reads that sort.

Detectors of signatures were weighed: puremagic and filetype say « program » of a table that begins with MZ, « docx » of
any ZIP, and nothing of passwords; libmagic is a system library, and says nothing of them either. So each sort is told
by who reads it: qpdf, zipfile, olefile, Pillow.

Runs in a process of its own with limits (``inspection_server``); imports none of our models, which would cost a second.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from PIL import Image

from actions.files.not_taken import NotTaken, Why
from actions.files.read_archive import HEADS as ARCHIVES
from actions.files.read_archive import read_archive
from actions.files.read_ole import HEAD as OLE
from actions.files.read_ole import read_ole
from actions.files.read_pdf import HEADER_WITHIN, read_pdf

CHUNK = 1024 * 1024
HEAD = 4096
MOST_POINTS = 200_000_000

_BY_HEAD = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"\xff\xd8\xff"), "jpeg"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "webp"),
    (re.compile(rb"GIF8[79]a"), "gif"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "tiff"),
    (re.compile(rb".{4}ftyp(heic|heix|heim|heis|hevc|heif|mif1|msf1|avif|avis)", re.DOTALL), "heic"),
    (re.compile(rb"\{\\rtf"), "rtf"),
)
_OF_PILLOW = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "MPO")
_PROGRAM = re.compile(rb"MZ|\x7fELF|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe")
_REFUSED_TEXTS = (
    (re.compile(rb"#!"), "un programme"),
    (
        re.compile(rb"<(!doctype\s+html|html|head|body|script|iframe|meta|object|embed)\b", re.I),
        "une page web",
    ),
    (re.compile(rb"<(svg|!doctype\s+svg)\b", re.I), "un dessin SVG, qui peut contenir un programme"),
    (re.compile(rb"<\?(xml|php)|<!doctype|<%", re.I), "du XML ou du code"),
)
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def detect_file_type(file: BinaryIO) -> dict[str, Any]:
    """``kind``, the key of its sort (``models.file_kind``), and ``pages`` where it has some. Raises ``NotTaken``."""
    head = file.read(HEAD)
    bare = head.removeprefix(codecs.BOM_UTF8).lstrip()
    for pattern, refused in _REFUSED_TEXTS:
        if pattern.match(bare):
            raise NotTaken(Why.refused, refused)
    if head.startswith(ARCHIVES):
        return {"kind": read_archive(file)}
    if head.startswith(OLE):
        return {"kind": read_ole(file)}
    if by_head := next((kind for pattern, kind in _BY_HEAD if pattern.match(head)), None):
        _require_reasonable_size(file)
        return {"kind": by_head}
    if _PROGRAM.match(head) and _text(file) is None:
        raise NotTaken(Why.refused, "un programme")
    if b"%PDF-" in head[: HEADER_WITHIN + len(b"%PDF-")]:
        return _pdf(file, is_at_start=bare.startswith(b"%PDF-"))
    if kind := _text(file):
        return {"kind": kind}
    raise NotTaken(Why.refused, "d’une sorte que la plateforme ne connaît pas")


def _pdf(file: BinaryIO, *, is_at_start: bool) -> dict[str, Any]:
    """A text that speaks of PDF holds the same letters: it is a PDF only if qpdf says so."""
    try:
        pdf = read_pdf(file)
    except NotTaken as reason:
        kind = None if is_at_start or reason.why is Why.locked else _text(file)
        if kind is None:
            raise
        return {"kind": kind}
    return {"kind": "active_pdf" if pdf.is_active else "pdf", "pages": pdf.pages}


def _require_reasonable_size(file: BinaryIO) -> None:
    """A few bytes may say an image of a thousand million points, which would stop its reader's browser."""
    file.seek(0)
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(file, formats=_OF_PILLOW) as image:
            width, height = image.size
    except MemoryError:
        raise
    except (
        Exception
    ):  # damaged, or of a variety that Pillow does not read: it makes no reader fail but its own
        return
    if width * height > MOST_POINTS:
        raise NotTaken(Why.refused, f"une image de plus de {MOST_POINTS // 1_000_000} millions de points")


def _text(file: BinaryIO) -> str | None:
    """UTF-8, UTF-16 with its mark, or what French Windows writes; without what no text contains. None: no text."""
    file.seek(0)
    start = file.read(2)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf16_text" if _decodes(file, "utf-16") else None
    if any(_CONTROLS.search(chunk) for chunk in _chunks(file)):
        return None
    if _decodes(file, "utf-8"):
        return "text"
    return "old_text" if _decodes(file, "windows-1252") else None


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(file):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk

"""What a PDF is, as qpdf reads it: whether it opens without a password, its pages, and what would act in it.

Runs in a process of its own with limits (``inspection_server``): anybody's file is read here.
"""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import pikepdf

from actions.files.not_taken import NotTaken, Why

HEADER_WITHIN = 1024
"""Bytes before the header that readers accept (ISO 32000-1, annex H, note 13)."""
MOST_DECODED = 100_000_000
"""Bytes of the pages' contents, and of the lists of objects, that are decoded to be looked at."""
_TAIL = 65_536
_ACTIONS = re.compile(rb"/(JavaScript|Launch|ImportData|SubmitForm|RichMedia|XFA)(?![A-Za-z0-9])")
_IN_OBJECT = re.compile(rb"/(JavaScript|JS|Launch|ImportData|SubmitForm|RichMedia|XFA)(?![A-Za-z0-9])")
"""The name of two letters is sought in objects alone: the pixels of a large scan hold it by chance."""
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ESCAPED_NAME = re.compile(rb"/[A-Za-z]*#[0-9A-Fa-f]{2}[A-Za-z#0-9]*")
_LENGTH = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s+(\d{1,12})")
_BROKEN = "un PDF abîmé ou incomplet"


@dataclass(frozen=True, slots=True)
class Pdf:
    """A PDF that can be read. ``is_active``: something in it acts, or what would could not be read."""

    pages: int
    is_active: bool


def read_pdf(file: BinaryIO) -> Pdf:
    """Read it. Raises ``NotTaken``: protected by a password, damaged, cut, or without a page."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        _require_end(content)
        acts_in_clear = _acts(content)
    try:
        with pikepdf.open(file, access_mode=pikepdf.AccessMode.mmap, inherit_page_attributes=False) as pdf:
            pages = _readable_pages(pdf)
            return Pdf(pages, acts_in_clear or _acts_in_objects(pdf))
    except pikepdf.PasswordError:
        raise NotTaken(Why.locked, "pdf") from None
    except pikepdf.PdfError as error:
        if "encryption" in str(error):  # by a certificate, or by a method of its own
            raise NotTaken(Why.locked, "pdf") from None
        raise NotTaken(Why.damaged, _BROKEN) from None


def _require_end(content: mmap.mmap) -> None:
    """A file that was cut has lost its end; an update that was cut goes on after the end of what it updates."""
    start = content.rfind(b"startxref", max(len(content) - _TAIL, 0))
    linear = _LENGTH.search(content, 0, 2 * HEADER_WITHIN)
    is_cut = start < 0 or (linear is not None and int(linear[1]) > len(content))
    if is_cut or re.search(rb"\d obj\b", content[start:]):
        raise NotTaken(Why.damaged, _BROKEN)


def _readable_pages(pdf: pikepdf.Pdf) -> int:
    """How many pages there are; what stands on them can be decoded."""
    left = MOST_DECODED
    for page in pdf.pages:
        for stream in _contents(page.obj):
            if left > 0:
                left -= len(_decoded(stream))
    if not len(pdf.pages):
        raise NotTaken(Why.damaged, "un PDF sans aucune page")
    return len(pdf.pages)


def _contents(page: pikepdf.Object) -> Iterator[pikepdf.Stream]:
    contents = page.get("/Contents")
    several = contents if isinstance(contents, pikepdf.Array) else [contents]
    return (each for each in several if isinstance(each, pikepdf.Stream))


def _decoded(stream: pikepdf.Stream) -> bytes:
    """The bytes of a stream. Raises ``PdfError``."""
    return stream.read_bytes()


def _acts_in_objects(pdf: pikepdf.Pdf) -> bool:
    left = MOST_DECODED
    for each in pdf.objects:
        if each is None:
            continue
        if not isinstance(each, pikepdf.Stream):
            if isinstance(each, pikepdf.Object) and _IN_OBJECT.search(each.unparse(resolved=True)):
                return True
            continue
        if _IN_OBJECT.search(each.stream_dict.unparse(resolved=True)):
            return True
        if each.get("/Type") == "/ObjStm":
            try:
                listed = _decoded(each)
            except pikepdf.PdfError:
                return True  # nobody can tell what stands in it
            left -= len(listed)
            if left < 0 or _acts(listed):
                return True
    return False


def _acts(content: bytes | mmap.mmap) -> bool:
    """Whether an action stands in these bytes as they are: also one that no table of the file leads to."""
    if _ACTIONS.search(content):
        return True
    names = (_ESCAPE.sub(_character, match[0]) for match in _ESCAPED_NAME.finditer(content))
    return any(_ACTIONS.match(name) for name in names)


def _character(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 16)])

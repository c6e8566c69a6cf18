"""What a ZIP is: an archive, or one of the many documents that are made of one.

Runs in a process of its own with limits (``inspection_server``). The standard library reads archives, and each format
says in a part of its own what it is; detectors of signatures (puremagic, filetype) call all of them « docx ».
"""

import struct
import zipfile
import zlib
from typing import BinaryIO
from xml.etree import ElementTree

from actions.files.not_taken import NotTaken, Why

MOST_MEMBERS = 20_000
LONGEST_LIST_OF_PARTS = 5_000_000
MOST_INFLATED = 2_000_000_000
BOMB_FROM, BOMB_TIMES = 100_000_000, 100
"""An archive that unfolds into more than so many bytes, and so many times its size, is a trap."""
HEADS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OPEN_DOCUMENTS = {
    "text": "odt",
    "text-template": "ott",
    "text-master": "odm",
    "spreadsheet": "ods",
    "spreadsheet-template": "ots",
    "presentation": "odp",
    "presentation-template": "otp",
    "graphics": "odg",
    "graphics-template": "otg",
    "formula": "odf",
    "chart": "odc",
}
_MAIN_PARTS = {
    "wordprocessingml.document.main+xml": "docx",
    "wordprocessingml.template.main+xml": "dotx",
    "spreadsheetml.sheet.main+xml": "xlsx",
    "spreadsheetml.template.main+xml": "xltx",
    "ms-excel.sheet.binary.macroenabled.main": "xlsb",
    "presentationml.presentation.main+xml": "pptx",
    "presentationml.template.main+xml": "potx",
    "presentationml.slideshow.main+xml": "ppsx",
    "ms-visio.drawing.main+xml": "vsdx",
}
_EMPTY_LIBRARIES = ("script-lc.xml", "script-lb.xml", "dialog-lc.xml", "dialog-lb.xml", "/")
_MACROS = NotTaken(Why.refused, "un document avec des macros")
_BROKEN = NotTaken(Why.damaged, "une archive ou un document abîmé ou incomplet")
_CHUNK = 1024 * 1024


def read_archive(file: BinaryIO) -> str:
    """The key of its sort (``models.file_kind``). Raises ``NotTaken``; everything in it was unfolded once."""
    _require_few_members(file)
    try:
        with zipfile.ZipFile(file) as archive:
            kind = _kind(archive, archive.namelist())
            _require_readable(archive)
            return kind
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, struct.error):
        raise _BROKEN from None
    except (NotImplementedError, RuntimeError, ValueError, LookupError, ElementTree.ParseError):
        raise _BROKEN from None


def _require_few_members(file: BinaryIO) -> None:
    """Read the number of members at the end of the file, before the list itself: a list of 20 MB takes 140 MB."""
    size = file.seek(0, 2)
    file.seek(max(size - 65_557, 0))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise _BROKEN
    members, length = struct.unpack("<HI", tail[end + 10 : end + 16])
    is_long = members > MOST_MEMBERS or (length != 0xFFFFFFFF and length > MOST_MEMBERS * 500)
    if is_long:
        raise NotTaken(Why.refused, f"une archive de plus de {MOST_MEMBERS} fichiers")


def _kind(archive: zipfile.ZipFile, members: list[str]) -> str:
    if len(members) > MOST_MEMBERS:
        raise NotTaken(Why.refused, f"une archive de plus de {MOST_MEMBERS} fichiers")
    if "META-INF/MANIFEST.MF" in members or "AndroidManifest.xml" in members:
        raise NotTaken(Why.refused, "un programme")
    if any(each.flag_bits & 0x1 for each in archive.infolist()):
        raise NotTaken(Why.locked, "archive")
    if "[Content_Types].xml" in members:
        return _office(archive, members)
    if "mimetype" in members:
        return _with_mimetype(archive, members)
    if any(each.startswith("Index/") and each.endswith(".iwa") for each in members) or "Index.zip" in members:
        if any(each.rpartition("/")[2] in (".iwph", ".iwpv2") for each in members):
            raise NotTaken(Why.locked, "iwork")
        return "iwork"
    return "zip"


def _office(archive: zipfile.ZipFile, members: list[str]) -> str:
    parts = _content_types(_read(archive, "[Content_Types].xml"))
    kind = next((kind for part, kind in _MAIN_PARTS.items() if any(part in each for each in parts)), None)
    has_macros = any("macroenabled" in each for each in parts) and kind != "xlsb"
    if has_macros or any(each.lower().endswith("vbaproject.bin") for each in members):
        raise _MACROS
    return kind or "zip"


def _content_types(content: bytes) -> list[str]:
    return [each.get("ContentType", "").lower() for each in ElementTree.fromstring(content)]  # noqa: S314 - with limits


def _with_mimetype(archive: zipfile.ZipFile, members: list[str]) -> str:
    """OpenDocument (ODF 1.3, part 2) and EPUB say what they are in their first member."""
    declared = _read(archive, "mimetype").decode("ascii", "replace").strip()
    if declared == "application/epub+zip":
        if "META-INF/rights.xml" in members:
            raise NotTaken(Why.locked, "epub")
        return "epub"
    if any(_is_macro(each) for each in members):
        raise _MACROS
    kind = _OPEN_DOCUMENTS.get(declared.removeprefix(_OPEN_DOCUMENT))
    if kind is None or not declared.startswith(_OPEN_DOCUMENT):
        return "zip"
    manifest = "META-INF/manifest.xml"
    if manifest in members and b"encryption-data" in _read(archive, manifest):
        raise NotTaken(Why.locked, "open_document")
    return kind


def _is_macro(member: str) -> bool:
    return member.startswith(("Basic/", "Scripts/")) and not member.endswith(_EMPTY_LIBRARIES)


def _read(archive: zipfile.ZipFile, member: str) -> bytes:
    """A small member; one that says it is huge, or is, is not read (a bomb)."""
    with archive.open(member) as part:
        content = part.read(LONGEST_LIST_OF_PARTS + 1)
    if len(content) > LONGEST_LIST_OF_PARTS:
        raise NotTaken(Why.refused, "une archive piégée")
    return content


def _require_readable(archive: zipfile.ZipFile) -> None:
    """Unfold each member once, into nothing, against its checksum; zipfile stops at the size that it declares."""
    unfolded = sum(each.file_size for each in archive.infolist())
    folded = sum(each.compress_size for each in archive.infolist())
    if unfolded > MOST_INFLATED or unfolded > max(BOMB_FROM, BOMB_TIMES * folded):
        raise NotTaken(Why.refused, "une archive piégée")
    for member in archive.infolist():
        with archive.open(member) as part:
            while part.read(_CHUNK):
                pass

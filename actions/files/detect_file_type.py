"""Tell of what sort a file is by its content alone: its first bytes, and what stands inside.

No library does it for us: those that are light take the name's word for it, or see a Word document where a macro is.
"""

import codecs
import re
import zipfile
from pathlib import Path

from actions.files.active_pdf import is_active
from models import file_kind as kinds
from models.file_kind import FileKind, RefusedKind

CHUNK = 1024 * 1024
HEAD = 4096
MOST_MEMBERS = 20_000
LONGEST_LIST_OF_PARTS = 5_000_000

_BY_HEAD = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), kinds.PNG),
    (re.compile(rb"\xff\xd8\xff"), kinds.JPEG),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), kinds.WEBP),
    (re.compile(rb"GIF8[79]a"), kinds.GIF),
    (re.compile(rb"II\*\x00|MM\x00\*"), kinds.TIFF),
    (re.compile(rb".{4}ftyp(heic|heix|heif|mif1)", re.DOTALL), kinds.HEIC),
    (re.compile(rb"\{\\rtf"), kinds.RTF),
)
_REFUSED_HEADS = (
    (
        re.compile(rb"MZ|\x7fELF|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe"),
        "un programme",
    ),
    (re.compile(rb"#!"), "un programme"),
    (
        re.compile(rb"<(!doctype\s+html|html|head|body|script|iframe|meta|object|embed)\b", re.I),
        "une page web",
    ),
    (re.compile(rb"<(svg|!doctype\s+svg)\b", re.I), "un dessin SVG, qui peut contenir un programme"),
    (re.compile(rb"<\?(xml|php)|<!doctype|<%", re.I), "du XML ou du code"),
)
_OPEN_DOCUMENTS = {each.media_type: each for each in (kinds.ODT, kinds.ODS, kinds.ODP, kinds.ODG)}
_MAIN_PARTS = {
    b"wordprocessingml.document.main+xml": kinds.DOCX,
    b"spreadsheetml.sheet.main+xml": kinds.XLSX,
    b"presentationml.presentation.main+xml": kinds.PPTX,
}
_EMPTY_LIBRARIES = ("script-lc.xml", "script-lb.xml", "dialog-lc.xml", "dialog-lb.xml", "/")
_MACROS = "un document avec des macros"
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def detect_file_type(path: Path, name: str) -> FileKind:
    """The sort of this file. Raises ``RefusedKind`` (it says ``name``) for all that ``KINDS`` does not hold."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    bare = head.removeprefix(codecs.BOM_UTF8).lstrip()
    for pattern, refused in _REFUSED_HEADS:
        if pattern.match(bare):
            raise RefusedKind(name, refused)
    if re.match(rb"%PDF-\d\.\d", head):
        return kinds.ACTIVE_PDF if is_active(path) else kinds.PDF
    if head.startswith(b"PK"):
        return _zipped(path, name)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _old_office(path, name)
    by_head = next((kind for pattern, kind in _BY_HEAD if pattern.match(head)), None)
    return by_head or _text(path, name)


def _zipped(path: Path, name: str) -> FileKind:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
            if len(members) > MOST_MEMBERS:
                raise RefusedKind(name, f"une archive de plus de {MOST_MEMBERS} fichiers")
            return _in_archive(archive, members, name)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise RefusedKind(name, "une archive illisible ou incomplète") from None
    except (ValueError, UnicodeDecodeError, IndexError):
        raise RefusedKind(name, "une archive illisible ou incomplète") from None


def _in_archive(archive: zipfile.ZipFile, members: list[str], name: str) -> FileKind:
    if "META-INF/MANIFEST.MF" in members or "AndroidManifest.xml" in members:
        raise RefusedKind(name, "un programme")
    if "[Content_Types].xml" in members:
        parts = _read(archive, "[Content_Types].xml", name)
        if b"macroEnabled" in parts or any(each.lower().endswith("vbaproject.bin") for each in members):
            raise RefusedKind(name, _MACROS)
        return next((kind for part, kind in _MAIN_PARTS.items() if part in parts), kinds.ZIP)
    if "mimetype" in members:
        declared = _read(archive, "mimetype", name).decode("ascii", "replace").strip()
        if any(_is_macro(each) for each in members):
            raise RefusedKind(name, _MACROS)
        return _OPEN_DOCUMENTS.get(declared, kinds.ZIP)
    return kinds.ZIP


def _is_macro(member: str) -> bool:
    return member.startswith(("Basic/", "Scripts/")) and not member.endswith(_EMPTY_LIBRARIES)


def _read(archive: zipfile.ZipFile, member: str, name: str) -> bytes:
    """A small member; one that says it is huge, or is, is not read (a bomb)."""
    with archive.open(member) as part:
        content = part.read(LONGEST_LIST_OF_PARTS + 1)
    if len(content) > LONGEST_LIST_OF_PARTS:
        raise RefusedKind(name, "une archive piégée")
    return content


def _old_office(path: Path, name: str) -> FileKind:
    """The names of the parts stand in UTF-16 in the file's own directory: a macro's part among them is one."""
    wanted = [word.encode("utf-16-le") for word in ("_VBA_PROJECT", "VBA\0", "Macros\0")]
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if any(word in tail + chunk for word in wanted):
                raise RefusedKind(name, _MACROS)
            tail = chunk[-64:]
    return kinds.OLD_OFFICE


def _text(path: Path, name: str) -> FileKind:
    """UTF-8, UTF-16 with its mark, or what French Windows writes; without what no text contains."""
    with path.open("rb") as file:
        start = file.read(2)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        encoding, kind = "utf-16", kinds.UTF16_TEXT
        return kind if _decodes(path, encoding) else _unknown(name)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if _CONTROLS.search(chunk):
                return _unknown(name)
    if _decodes(path, "utf-8"):
        return kinds.TEXT
    return kinds.OLD_TEXT if _decodes(path, "windows-1252") else _unknown(name)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _unknown(name: str) -> FileKind:
    raise RefusedKind(name, "d’une sorte que la plateforme ne connaît pas")

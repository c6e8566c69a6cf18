"""The sorts of files we take, what each is served as, and the name a file is kept and given back under."""

import re
import unicodedata
from dataclasses import dataclass

from models.refusal import Refusal

LONGEST_NAME = 120
NO_NAME = "document"


@dataclass(frozen=True, slots=True)
class FileKind:
    """One sort. ``label`` is said in a sentence; the first of ``extensions`` is given to a name without one.

    ``inline_type`` is the media type when a page may show it in place; None: it is only ever downloaded.
    """

    key: str
    label: str
    extensions: tuple[str, ...]
    media_type: str
    inline_type: str | None = None


_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
_OPEN_XML = "application/vnd.openxmlformats-officedocument"

PDF = FileKind("pdf", "un PDF", ("pdf",), "application/pdf", "application/pdf")
ACTIVE_PDF = FileKind("active_pdf", "un PDF qui contient des actions", ("pdf",), "application/pdf")
PNG = FileKind("png", "une image PNG", ("png",), "image/png", "image/png")
JPEG = FileKind("jpeg", "une image JPEG", ("jpg", "jpeg"), "image/jpeg", "image/jpeg")
WEBP = FileKind("webp", "une image WebP", ("webp",), "image/webp", "image/webp")
GIF = FileKind("gif", "une image GIF", ("gif",), "image/gif")
TIFF = FileKind("tiff", "une image TIFF", ("tif", "tiff"), "image/tiff")
HEIC = FileKind("heic", "une photo HEIC", ("heic", "heif"), "image/heic")
ODT = FileKind("odt", "un texte OpenDocument", ("odt",), f"{_OPEN_DOCUMENT}.text")
ODS = FileKind("ods", "un tableur OpenDocument", ("ods",), f"{_OPEN_DOCUMENT}.spreadsheet")
ODP = FileKind("odp", "une présentation OpenDocument", ("odp",), f"{_OPEN_DOCUMENT}.presentation")
ODG = FileKind("odg", "un dessin OpenDocument", ("odg",), f"{_OPEN_DOCUMENT}.graphics")
DOCX = FileKind("docx", "un document Word", ("docx",), f"{_OPEN_XML}.wordprocessingml.document")
XLSX = FileKind("xlsx", "un classeur Excel", ("xlsx",), f"{_OPEN_XML}.spreadsheetml.sheet")
PPTX = FileKind("pptx", "une présentation PowerPoint", ("pptx",), f"{_OPEN_XML}.presentationml.presentation")
OLD_OFFICE = FileKind(
    "old_office", "un document Office d’avant 2007", ("doc", "xls", "ppt"), "application/x-ole-storage"
)
RTF = FileKind("rtf", "un texte RTF", ("rtf",), "application/rtf")
ZIP = FileKind("zip", "une archive ZIP", ("zip",), "application/zip")
TEXT_EXTENSIONS = ("txt", "md", "csv", "tsv", "yaml", "yml", "json", "geojson")
TEXT, UTF16_TEXT, OLD_TEXT = (
    FileKind(
        key, "du texte", TEXT_EXTENSIONS, f"text/plain; charset={charset}", f"text/plain; charset={charset}"
    )
    for key, charset in (("text", "utf-8"), ("utf16_text", "utf-16"), ("old_text", "windows-1252"))
)
KINDS = (
    *(PDF, ACTIVE_PDF, PNG, JPEG, WEBP, GIF, TIFF, HEIC, ODT, ODS, ODP, ODG, DOCX, XLSX, PPTX),
    *(OLD_OFFICE, RTF, ZIP, TEXT, UTF16_TEXT, OLD_TEXT),
)
"""Everything that is taken: nothing that runs (page, drawing with scripts, macros, program) is among them."""
ACCEPTED = "PDF, OpenDocument, Word, Excel, PowerPoint, image, texte, CSV, YAML, JSON ou ZIP"
ACCEPT_ATTRIBUTE = ",".join(dict.fromkeys(f".{each}" for kind in KINDS for each in kind.extensions))
"""For ``<input type="file" accept="…">``: a help to who chooses, checked again on the content."""

_KNOWN = frozenset(each for kind in KINDS for each in kind.extensions) | {
    "docm",
    "xlsm",
    "pptm",
    "html",
    "svg",
}


class RefusedKind(Refusal):
    """The content is of a sort that is not taken; ``content`` says what it was seen to be (« une page web »)."""

    def __init__(self, name: str, content: str) -> None:
        super().__init__(
            f"Le fichier « {name} » est {content}, et ne peut pas être déposé : donnez {ACCEPTED}."
        )


class MisnamedFile(Refusal):
    """The name says one sort, the content is another."""

    def __init__(self, name: str, kind: FileKind) -> None:
        super().__init__(
            f"Le fichier « {name} » n’est pas ce que dit son nom : c’est {kind.label}. "
            "Enregistrez-le de nouveau sous le bon format, ou corrigez son nom."
        )


def clean_name(file_name: str) -> str:
    """The name alone, without its folders, nor anything that would change what it is read or written as.

    Control and bidirectional characters go, what Windows forbids becomes « _ »; ``LONGEST_NAME`` at most.
    """
    name = unicodedata.normalize("NFC", file_name.encode("utf-8", "replace").decode("utf-8"))
    name = re.split(r"[/\\]", name.strip())[-1]
    name = "".join(" " if each.isspace() else each for each in name)
    name = "".join(each for each in name if unicodedata.category(each)[0] != "C")
    name = re.sub(r'[<>:"|?*]', "_", re.sub(r" +", " ", name)).strip(". ")
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        return name[:LONGEST_NAME].strip(". ") or NO_NAME
    return f"{stem[: LONGEST_NAME - len(extension) - 1].strip('. ') or NO_NAME}.{extension}"


def name_for(name: str, kind: FileKind) -> str:
    """The clean name, ending as its content does. Raises ``MisnamedFile`` when it ends as another sort does.

    An ending we know nothing of (« v1.2 », « .bat ») stays, followed by the right one.
    """
    name = clean_name(name)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in kind.extensions:
        return name
    if ending in _KNOWN:
        raise MisnamedFile(name, kind)
    return f"{name}.{kind.extensions[0]}"

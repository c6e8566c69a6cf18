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
HEIC = FileKind("heic", "une photo HEIC", ("heic", "heif", "avif"), "image/heic")
ODT = FileKind("odt", "un texte OpenDocument", ("odt",), f"{_OPEN_DOCUMENT}.text")
OTT = FileKind("ott", "un modèle de texte OpenDocument", ("ott",), f"{_OPEN_DOCUMENT}.text-template")
ODM = FileKind("odm", "un document maître OpenDocument", ("odm",), f"{_OPEN_DOCUMENT}.text-master")
ODS = FileKind("ods", "un tableur OpenDocument", ("ods",), f"{_OPEN_DOCUMENT}.spreadsheet")
OTS = FileKind("ots", "un modèle de tableur OpenDocument", ("ots",), f"{_OPEN_DOCUMENT}.spreadsheet-template")
ODP = FileKind("odp", "une présentation OpenDocument", ("odp",), f"{_OPEN_DOCUMENT}.presentation")
OTP = FileKind(
    "otp", "un modèle de présentation OpenDocument", ("otp",), f"{_OPEN_DOCUMENT}.presentation-template"
)
ODG = FileKind("odg", "un dessin OpenDocument", ("odg",), f"{_OPEN_DOCUMENT}.graphics")
OTG = FileKind("otg", "un modèle de dessin OpenDocument", ("otg",), f"{_OPEN_DOCUMENT}.graphics-template")
ODF = FileKind("odf", "une formule OpenDocument", ("odf",), f"{_OPEN_DOCUMENT}.formula")
ODC = FileKind("odc", "un graphique OpenDocument", ("odc",), f"{_OPEN_DOCUMENT}.chart")
DOCX = FileKind("docx", "un document Word", ("docx",), f"{_OPEN_XML}.wordprocessingml.document")
DOTX = FileKind("dotx", "un modèle Word", ("dotx",), f"{_OPEN_XML}.wordprocessingml.template")
XLSX = FileKind("xlsx", "un classeur Excel", ("xlsx",), f"{_OPEN_XML}.spreadsheetml.sheet")
XLTX = FileKind("xltx", "un modèle Excel", ("xltx",), f"{_OPEN_XML}.spreadsheetml.template")
XLSB = FileKind(
    "xlsb", "un classeur Excel binaire", ("xlsb",), "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
)
PPTX = FileKind("pptx", "une présentation PowerPoint", ("pptx",), f"{_OPEN_XML}.presentationml.presentation")
POTX = FileKind("potx", "un modèle PowerPoint", ("potx",), f"{_OPEN_XML}.presentationml.template")
PPSX = FileKind("ppsx", "un diaporama PowerPoint", ("ppsx",), f"{_OPEN_XML}.presentationml.slideshow")
VSDX = FileKind("vsdx", "un dessin Visio", ("vsdx",), "application/vnd.ms-visio.drawing")
OLD_OFFICE = FileKind(
    "old_office",
    "un document Office d’avant 2007",
    ("doc", "dot", "xls", "xlt", "ppt", "pps", "pot", "pub", "vsd", "mpp"),
    "application/x-ole-storage",
)
MSG = FileKind("msg", "un courriel Outlook", ("msg", "oft"), "application/vnd.ms-outlook")
IWORK = FileKind(
    "iwork", "un document Pages, Numbers ou Keynote", ("pages", "numbers", "key"), "application/zip"
)
EPUB = FileKind("epub", "un livre EPUB", ("epub",), "application/epub+zip")
RTF = FileKind("rtf", "un texte RTF", ("rtf",), "application/rtf")
ZIP = FileKind("zip", "une archive ZIP", ("zip", "kmz", "qgz"), "application/zip")
TEXT_EXTENSIONS = (
    *("txt", "md", "csv", "tsv", "yaml", "yml", "json", "geojson"),
    *("eml", "ics", "vcf", "log", "tex", "srt"),
)
TEXT, UTF16_TEXT, OLD_TEXT = (
    FileKind(
        key, "du texte", TEXT_EXTENSIONS, f"text/plain; charset={charset}", f"text/plain; charset={charset}"
    )
    for key, charset in (("text", "utf-8"), ("utf16_text", "utf-16"), ("old_text", "windows-1252"))
)
KINDS = (
    *(PDF, ACTIVE_PDF, PNG, JPEG, WEBP, GIF, TIFF, HEIC),
    *(ODT, OTT, ODM, ODS, OTS, ODP, OTP, ODG, OTG, ODF, ODC),
    *(DOCX, DOTX, XLSX, XLTX, XLSB, PPTX, POTX, PPSX, VSDX),
    *(OLD_OFFICE, MSG, IWORK, EPUB, RTF, ZIP, TEXT, UTF16_TEXT, OLD_TEXT),
)
"""Everything that is taken: nothing that runs (page, drawing with scripts, macros, program) is among them."""
UNREADABLE = FileKind("unreadable", "un fichier illisible", (), "application/octet-stream")
"""What was kept before files were looked at as now, and would not be taken any more. It is only ever downloaded."""
_BY_KEY = {each.key: each for each in (*KINDS, UNREADABLE)}
ACCEPTED = "PDF, OpenDocument, Word, Excel, PowerPoint, Pages, courriel, image, texte, CSV, YAML, JSON ou ZIP"
ACCEPT_ATTRIBUTE = ",".join(dict.fromkeys(f".{each}" for kind in KINDS for each in kind.extensions))
"""For ``<input type="file" accept="…">``: a help to who chooses, checked again on the content."""

_KNOWN = frozenset(each for kind in KINDS for each in kind.extensions) | {
    *("docm", "dotm", "xlsm", "xltm", "pptm", "potm", "ppsm"),
    *("html", "svg"),
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


def kind_of_key(key: str) -> FileKind:
    """The sort of this key; ``UNREADABLE`` for one that nobody knows any more."""
    return _BY_KEY.get(key, UNREADABLE)


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

"""Files as few people send them: protected by a password, damaged, of rare sorts, or made to do harm."""

import io
import re
import struct
import zipfile
import zlib

import pikepdf
from msoffcrypto.format.ooxml import OOXMLFile
from sample_files import WORD, chunk, office, open_document, pdf, png, zipped

PASSWORD = "Mairie2026"
_OOXML = "application/vnd.openxmlformats-officedocument"
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR = 512


def ole(*parts: str, start: bytes = b"") -> bytes:
    """An OLE container of these streams, each of 4096 bytes that begin with ``start``."""
    names = ["Root Entry", *parts]
    folder = [_entry(name, number, len(parts)) for number, name in enumerate(names)]
    folder += [bytes(128)] * (-len(folder) % 4)
    directory = b"".join(folder)
    sectors = len(directory) // SECTOR
    fat = [_FAT, *range(2, sectors + 1), _END]
    for _ in parts:
        first = len(fat)
        fat += [*range(first + 1, first + 8), _END]
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<I", 0).ljust(436, b"\xff")
    return header + table + directory.ljust(sectors * SECTOR, b"\0") + start.ljust(4096, b"\0") * len(parts)


def _entry(name: str, number: int, count: int) -> bytes:
    """One entry of the directory; the streams hang from the root, each to the right of the one before."""
    is_root = number == 0
    coded = (name + "\0").encode("utf-16-le")
    after = number + 1 if 0 < number < count else _FREE
    first = _END if is_root else 2 + (count + 1 + 3) // 4 - 1 + 8 * (number - 1)
    return (
        coded.ljust(64, b"\0")
        + struct.pack("<HBB", len(coded), 5 if is_root else 2, 1)
        + struct.pack("<III", _FREE, after, 1 if is_root and count else _FREE)
        + bytes(16 + 4 + 16)
        + struct.pack("<IQ", first, 0 if is_root else 4096)
    )


def locked_pdf(revision: int, *, owner_only: bool = False) -> bytes:
    """A PDF that asks for a password: RC4 of 40 (2) and 128 bits (3), AES of 128 (4) and 256 bits (6)."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        is_aes = revision >= 4
        document.save(
            out,
            encryption=pikepdf.Encryption(
                owner="Direction",
                user="" if owner_only else PASSWORD,
                R=revision,
                aes=is_aes,
                metadata=is_aes,
            ),
        )
    return out.getvalue()


def locked_word() -> bytes:
    """A document of today's Word that asks for a password."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(office(WORD, word__document="<w:document/>"))).encrypt(PASSWORD, out)
    return out.getvalue()


def locked_open_document() -> bytes:
    manifest = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    return open_document("text", **{"META-INF__manifest.xml": manifest})


def locked_archive() -> bytes:
    """An archive whose member says that it is encrypted."""
    content = bytearray(zipped(a="un"))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    return bytes(content)


LOCKED = {
    **{f"rc4-ou-aes-{revision}.pdf": locked_pdf(revision) for revision in (2, 3, 4, 6)},
    "protege.docx": locked_word(),
    "protege.xlsx": ole("EncryptionInfo", "EncryptedPackage"),
    "ancien.doc": ole("WordDocument", "1Table", start=struct.pack("<HHHHHH", 0xA5EC, 193, 0, 0, 0, 0x0100)),
    "protege.odt": locked_open_document(),
    "protege.zip": locked_archive(),
    "protege.pages": zipped(**{"Index__Document.iwa": "a", ".iwph": "indice"}),
    "protege.epub": zipped(mimetype="application/epub+zip", **{"META-INF__rights.xml": "<rights/>"}),
}
"""Name → a file that asks for a password."""


def _damaged_member() -> bytes:
    with zipfile.ZipFile(io.BytesIO(office(WORD, word__document="<w:document/>" * 50))) as archive:
        place = archive.getinfo("word/document").header_offset + 50
    content = bytearray(office(WORD, word__document="<w:document/>" * 50))
    content[place] ^= 0xFF
    return bytes(content)


def with_content(body: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    """A PDF whose page has this content, as it stands in the file."""
    stream = b"<< /Length %d /Filter %s >>\nstream\n%s\nendstream" % (len(body), filters, body)
    bare = pdf(stream)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
    return bare.replace(page, page.replace(b"/Parent 2 0 R", b"/Contents 4 0 R /Parent 2 0 R"))


DAMAGED = {
    "coupe.pdf": pdf()[: len(pdf()) // 2],
    "sans-fin.pdf": pdf()[: pdf().index(b"startxref")],
    "sans-page.pdf": pdf().replace(b"/Kids [3 0 R] /Count 1", b"/Kids [] /Count 0     "),
    "en-rond.pdf": pdf().replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]"),
    "illisible.pdf": with_content(b"x" * 50),
    "mise-a-jour-coupee.pdf": pdf() + b"4 0 obj\n<< /A 1 >>\nendo",
    "faux.pdf": b"%PDF-1.7 : le compte rendu",
    "coupe.docx": office(WORD, word__document="<w:document/>")[:-30],
    "abime.docx": _damaged_member(),
    "abime.zip": zipped(a="un", b="deux")[:60],
}
"""Name → a file that nobody can open."""


def hidden_javascript() -> dict[str, bytes]:
    """PDFs that run a script, each in its way of not showing it."""
    action = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    packed = zlib.compress(b"4 0 " + action)
    head = b"/N 1 /First 4 /Filter /FlateDecode /Length %d" % len(packed)
    stream = b">>\nstream\n%s\nendstream" % packed
    saved = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(action))) as document:
        document.Root.OpenAction = document.make_indirect(
            pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")
        )
        document.save(saved, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    protected = io.BytesIO()
    with pikepdf.open(io.BytesIO(saved.getvalue())) as document:
        document.save(protected, encryption=pikepdf.Encryption(owner="Direction", user="", R=6))
    return {
        "a name with escapes": pdf(b"<< /Type /Obj#53tm " + head + stream),
        "far from its stream": pdf(b"<< /Type /ObjStm /A (" + b"a" * 5000 + b") " + head + stream),
        "an action with escapes": pdf(b"<< /#53 /#4aava#53cript /#4a#53 (1) >>"),
        "in an object stream": saved.getvalue(),
        "in an object stream, under the owner's password": protected.getvalue(),
        "a form in XML": pdf(b"<< /XFA (x) >>"),
    }


def kept_zeros(megabytes: int) -> bytes:
    """A zlib stream of a few kilobytes that unfolds into so many megabytes."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block + block * (megabytes - 1) + packer.flush()


def many_lists(count: int, size: int) -> bytes:
    """A PDF of ``count`` tiny lists of objects, in so many bytes that no stream ends for long."""
    packed = zlib.compress(b"")
    one = b"<< /Type /ObjStm /N 0 /First 0 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
    lists = [one % (len(packed), packed)] * count
    return pdf(*lists, b"(" + b"<< /ObjStm stream\n" * (size // 18) + b")")


def many_members(count: int) -> bytes:
    """An archive of so many empty files, written by hand: zipfile would take seconds."""
    entry = re.sub(rb"\0$", b"", b"PK\x01\x02" + bytes(24) + struct.pack("<H", 60) + bytes(16))
    listed = b"".join(entry + b"%060d" % number for number in range(count))
    end = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, min(count, 65535), min(count, 65535), len(listed), 30, 0
    )
    return b"PK\x03\x04" + bytes(26) + listed + end


def huge_png(side: int) -> bytes:
    """A few bytes that say they are an image of so many points on each side."""
    return png().replace(png()[8:33], chunk(b"IHDR", struct.pack("!IIBBBBB", side, side, 1, 0, 0, 0, 0)))


RARE = {
    "courriel.msg": (ole("__properties_version1.0", "__substg1.0_0037001F"), "msg"),
    "ancien.xls": (ole("Workbook"), "old_office"),
    "vieux.pps": (ole("PowerPoint Document"), "old_office"),
    **{
        f"modele.{key}": (open_document(sort), key)
        for key, sort in {
            "ott": "text-template",
            "ots": "spreadsheet-template",
            "otp": "presentation-template",
            "otg": "graphics-template",
            "odm": "text-master",
            "odf": "formula",
            "odc": "chart",
        }.items()
    },
    **{
        f"modele.{key}": (office(f"{_OOXML}.{sort}.main+xml"), key)
        for key, sort in {
            "dotx": "wordprocessingml.template",
            "xltx": "spreadsheetml.template",
            "potx": "presentationml.template",
            "ppsx": "presentationml.slideshow",
        }.items()
    },
    "binaire.xlsb": (office("application/vnd.ms-excel.sheet.binary.macroEnabled.main"), "xlsb"),
    "dessin.vsdx": (office("application/vnd.ms-visio.drawing.main+xml"), "vsdx"),
    **{
        f"memo.{ending}": (zipped(**{"Index__Document.iwa": "a"}), "iwork")
        for ending in ("pages", "numbers", "key")
    },
    "livre.epub": (zipped(mimetype="application/epub+zip"), "epub"),
    "trace.kmz": (zipped(**{"doc.kml": "<kml/>"}), "zip"),
    "courriel.eml": (b"From: mairie@niort.example\r\nSubject: Charte\r\n\r\nBonjour\r\n", "text"),
    "reunion.ics": (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "text"),
    "photo.avif": (b"\x00\x00\x00\x18ftypavif" + bytes(16), "heic"),
    "zones.csv": (b"MZ;nom\n1;Gare\n", "text"),
    "colis.csv": (b"PK;nom\n1;Gare\n", "text"),
    "formats.txt": (b"Un PDF commence par %PDF-1.7, puis ses objets.\n", "text"),
}
"""Name → content, and the sort it is told to be."""

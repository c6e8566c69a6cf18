"""Small true files of every sort that is taken, and of those that are not, made on the spot."""

import io
import re
import struct
import zipfile
import zlib

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/content-types"
MACRO_WORD = "application/vnd.ms-word.document.macroEnabled.main+xml"


def pdf(*objects: bytes) -> bytes:
    """A PDF of one empty page, with these objects in it."""
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        *objects,
    ]
    content, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, len(content))
    return content + b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1) + table + end


def written_pdf(text: str) -> bytes:
    """A PDF of one page that is like no other: this text is in it."""
    escaped = re.sub(rb"([()\\])", rb"\\\1", text.encode())
    return pdf(b"(%s)" % escaped)


def hidden_in_pdf(body: bytes) -> bytes:
    """A list of objects, compressed, as PDF 1.5 writers put them."""
    packed = zlib.compress(b"4 0 " + body)
    sized = (len(packed), packed)
    return b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % sized


def zipped(**members: str | bytes) -> bytes:
    """An archive of these members; ``__`` stands for « / », in the order given."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def office(main: str, **members: str | bytes) -> bytes:
    """An Office document whose main part is of this type."""
    parts = f'<Types xmlns="{PACKAGE}"><Override PartName="/a.xml" ContentType="{main}"/></Types>'
    return zipped(**{"[Content_Types].xml": parts, "_rels__.rels": "<Relationships/>"}, **members)


def open_document(sort: str, **members: str | bytes) -> bytes:
    """An OpenDocument file (« text », « spreadsheet »…)."""
    fixed = {"mimetype": f"application/vnd.oasis.opendocument.{sort}", "content.xml": "<office:document/>"}
    return zipped(**fixed, **members)


def old_office(part: str = "WordDocument") -> bytes:
    """The first sectors of a document of before 2007, with a part of this name."""
    directory = (part + "\0").encode("utf-16-le").ljust(64, b"\0")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + directory + bytes(448)


def chunk(name: bytes, body: bytes) -> bytes:
    """A piece of a PNG."""
    return struct.pack("!I", len(body)) + name + body + struct.pack("!I", zlib.crc32(name + body))


def png() -> bytes:
    """One black pixel."""
    header = struct.pack("!IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


TAKEN: dict[str, tuple[bytes, str]] = {
    "note.pdf": (pdf(), "pdf"),
    "carte.png": (png(), "png"),
    "photo.JPG": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40) + b"\xff\xd9", "jpeg"),
    "photo.webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(24), "webp"),
    "logo.gif": (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "gif"),
    "scan.tif": (b"II*\x00\x08\x00\x00\x00" + bytes(16), "tiff"),
    "photo.heic": (b"\x00\x00\x00\x18ftypheic" + bytes(16), "heic"),
    "charte.odt": (open_document("text"), "odt"),
    "budget.ods": (open_document("spreadsheet", **{"Basic/script-lc.xml": "<a/>"}), "ods"),
    "bilan.odp": (open_document("presentation"), "odp"),
    "plan.odg": (open_document("graphics"), "odg"),
    "charte.docx": (office(WORD, word__document="<w:document/>"), "docx"),
    "budget.xlsx": (office(SHEET), "xlsx"),
    "bilan.pptx": (office(SLIDES), "pptx"),
    "ancien.doc": (old_office(), "old_office"),
    "courrier.rtf": (rb"{\rtf1\ansi Bonjour}", "rtf"),
    "ressources.zip": (zipped(a="un", b="deux"), "zip"),
    "plan.yaml": ("actions:\n  - titre: Été\n".encode(), "text"),
    "plan.csv": ("titre;porteur\nÉté;Niort\n".encode("windows-1252"), "old_text"),
    "note.txt": ("Unicode de Windows, é".encode("utf-16"), "utf16_text"),
    "note.md": ("\ufeff# Été\n\n<div>au milieu</div>\n".encode(), "text"),
    "lieux.geojson": (b'{"type": "FeatureCollection", "features": []}', "text"),
}
"""Name → content, and the sort it is told to be."""

REFUSED: dict[str, tuple[bytes, str]] = {
    "page.html": (b"<!DOCTYPE html><script>alert(1)</script>", "une page web"),
    "page.pdf": (b"  \n<html><script>alert(1)</script></html>", "une page web"),
    "deux-en-un.pdf": (b"<html><script>alert(1)</script>\n" + pdf(), "une page web"),
    "dessin.svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "un dessin SVG"),
    "dessin.png": (b'\xef\xbb\xbf<?xml version="1.0"?><svg onload="alert(1)"/>', "du XML"),
    "programme.pdf": (b"MZ\x90\x00" + bytes(60), "un programme"),
    "programme": (b"\x7fELF\x02\x01\x01" + bytes(60), "un programme"),
    "installe.txt": (b"#!/bin/sh\nrm -rf /\n", "un programme"),
    "bibliotheque.zip": (zipped(**{"META-INF/MANIFEST.MF": "Main-Class: A"}), "un programme"),
    "charte.docm": (office(MACRO_WORD, word__vbaProject="x"), "avec des macros"),
    "charte.docx": (office(WORD, **{"word/vbaProject.bin": b"x"}), "avec des macros"),
    "charte.odt": (open_document("text", **{"Basic/Standard/Module1.xml": "<a/>"}), "avec des macros"),
    "ancien.doc": (old_office("_VBA_PROJECT"), "avec des macros"),
    "donnees.bin": (bytes(range(256)), "ne connaît pas"),
    "film.mp4": (b"\x00\x00\x00\x18ftypisom" + bytes(16), "ne connaît pas"),
}
"""Name → content, and what it is said to be."""

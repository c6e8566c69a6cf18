"""What a file is given back with: shown in place for the few sorts that cannot act, downloaded otherwise."""

import unicodedata
from urllib.parse import quote

from models.file_kind import FileKind, clean_name

SHOWN = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""The browser's own viewers (PDF, images) style their page themselves; nothing of ours stands in it."""
DOWNLOADED = "default-src 'none'; sandbox; frame-ancestors 'none'"


def serve_headers(kind: FileKind, name: str, *, inline: bool) -> dict[str, str]:
    """The headers of a file's answer. ``inline`` is a wish: a sort that is only downloaded is downloaded."""
    shown = kind.inline_type if inline else None
    return {
        "Content-Type": shown or kind.media_type,
        "Content-Disposition": content_disposition(name, inline=shown is not None),
        "Content-Security-Policy": SHOWN if shown else DOWNLOADED,
        "X-Frame-Options": "SAMEORIGIN" if shown else "DENY",
        "X-Content-Type-Options": "nosniff",
    }


def content_disposition(name: str, *, inline: bool) -> str:
    """RFC 6266: the name in ASCII for the old, and whole for the others (RFC 8187)."""
    name = clean_name(name)
    decomposed = unicodedata.normalize("NFKD", name.replace("’", "'").replace("œ", "oe").replace("Œ", "OE"))
    plain = "".join(each for each in decomposed if 32 <= ord(each) < 127 and each not in '"\\%')
    disposition = f'{"inline" if inline else "attachment"}; filename="{plain.strip(" .") or "document"}"'
    return disposition if plain == name else f"{disposition}; filename*=UTF-8''{quote(name, safe='')}"

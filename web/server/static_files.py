"""Style sheets, scripts and pictures: minified, compressed once, at addresses that change with their content.

Pages name ``style.css?v=FINGERPRINT``, which a browser keeps for a year. The plain address answers too, and so does one
with another fingerprint (a page opened before an upgrade, a host that is not upgraded yet): with the present content,
which is not kept as that of the address.
"""

import gzip
import mimetypes
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from rcssmin import cssmin
from rjsmin import jsmin
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from web.server.compression import takes_gzip
from web.server.conditional import not_modified

STATIC = Path(__file__).resolve().parents[1] / "static"
ADDRESS = "/static"
FOR_A_YEAR = "public, max-age=31536000, immutable"
FOR_TEN_MINUTES = "public, max-age=600"
ASKED_EACH_TIME = "public, no-cache"
LARGEST_HELD = 2_000_000
"""Bytes: a larger file, which no page of ours names, is read from the disk each time, as it is."""
MINIFIERS: dict[str, Callable[[str], Any]] = {".css": cssmin, ".js": jsmin}
_OURS = re.compile(rf'(?<=url\("){ADDRESS}/([^"?]+)(?="\))')


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file as it is sent; ``gzipped`` is None where compressing saves less than a tenth."""

    content: bytes
    gzipped: bytes | None
    fingerprint: str


@cache
def static_address(name: str, folder: Path = STATIC, under: str = ADDRESS) -> str:
    """The address that pages give to this file of ``folder``, which is served below the path ``under``.

    Worked out once: of a file that changes while the process runs, it is that of another content.
    """
    path = folder / name
    return f"{under}/{name}?v={_prepared(path, path.stat()).fingerprint}"


class FingerprintedFiles(StaticFiles):
    """The files of a folder: whole, whatever ``Range`` asks for, but those that are not held."""

    def file_response(
        self, full_path: Any, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        if stat_result.st_size > LARGEST_HELD:
            answer = super().file_response(full_path, stat_result, scope, status_code)
            answer.headers["Cache-Control"] = FOR_TEN_MINUTES
            return answer
        return _answer(Path(full_path), _prepared(Path(full_path), stat_result), scope)


def _prepared(path: Path, seen: os.stat_result) -> Prepared:
    return _prepare(path, seen.st_mtime_ns, seen.st_size)


@lru_cache(256)
def _prepare(path: Path, changed_at: int, size: int) -> Prepared:
    """Once for each state of a file: minified when it is ours (the State's come so), compressed, its hash taken."""
    content = path.read_bytes()
    if path.suffix in MINIFIERS and path.parent == STATIC:
        text = _OURS.sub(lambda found: static_address(found[1]), content.decode())
        content = str(MINIFIERS[path.suffix](text)).encode()
    gzipped = gzip.compress(content, mtime=0)
    return Prepared(
        content,
        gzipped if len(gzipped) < 0.9 * len(content) else None,
        sha256(content).hexdigest()[:16],
    )


def _answer(path: Path, file: Prepared, scope: Scope) -> Response:
    asked = Headers(scope=scope)
    sends_gzip = file.gzipped is not None and takes_gzip(asked)
    headers = {
        "Cache-Control": _kept(scope["query_string"], file.fingerprint),
        "ETag": f'"{file.fingerprint}{"-gzip" if sends_gzip else ""}"',
    }
    if file.gzipped is not None:
        headers["Vary"] = "Accept-Encoding"
    if unchanged := not_modified(asked, headers):
        return unchanged
    media_type = mimetypes.guess_type(path)[0] or "text/plain"
    if not sends_gzip or file.gzipped is None:
        return Response(file.content, headers=headers, media_type=media_type)
    headers["Content-Encoding"] = "gzip"
    return Response(file.gzipped, headers=headers, media_type=media_type)


def _kept(query: bytes, fingerprint: str) -> str:
    if not query:
        return FOR_TEN_MINUTES
    return FOR_A_YEAR if query == f"v={fingerprint}".encode() else ASKED_EACH_TIME

"""Detect a PDF that acts on its own: runs JavaScript, starts a program, sends a form.

The bytes are searched rather than parsed by pypdf: anybody's file is looked at, in bounded time and memory.
"""

import mmap
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

MOST_INFLATED = 50_000_000
_ACTIONS = re.compile(rb"/(JavaScript|Launch|ImportData|SubmitForm|RichMedia)(?![A-Za-z0-9])")
"""Long names only: the pixels of a large scan hold every name of two or three letters by chance."""
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ESCAPED_NAME = re.compile(rb"/[A-Za-z]*#[0-9A-Fa-f]{2}[A-Za-z#0-9]*")
_OBJECTS = re.compile(rb"/ObjStm\b")
_STREAM = re.compile(rb"stream\r?\n")


def is_active(path: Path) -> bool:
    """True when an action is seen, in clear or in a compressed list of objects, or when one could not be read.

    It decides only whether a page may show the file in place: an active one is downloaded instead.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if _acts(content):
            return True
        try:
            return any(_acts(each) for each in _object_streams(content))
        except (zlib.error, OverflowError):
            return True  # encrypted, or damaged on purpose: nobody can tell what stands in it


def _acts(content: bytes | mmap.mmap) -> bool:
    if _ACTIONS.search(content):
        return True
    names = (_ESCAPE.sub(_character, match[0]) for match in _ESCAPED_NAME.finditer(content))
    return any(_ACTIONS.match(name) for name in names)


def _character(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 16)])


def _object_streams(content: mmap.mmap) -> Iterator[bytes]:
    left = MOST_INFLATED
    for match in _OBJECTS.finditer(content):
        stream = _STREAM.search(content, match.end(), match.end() + 2000)
        if stream is None:
            continue
        end = content.find(b"endstream", stream.end())
        inflated = zlib.decompressobj().decompress(content[stream.end() : end if end > 0 else None], left + 1)
        left -= len(inflated)
        if left < 0:
            raise OverflowError
        yield inflated

"""What an OLE container is: a document of before 2007, a mail of Outlook, or the shell around a protected one.

Runs in a process of its own with limits (``inspection_server``). olefile lists the parts; where its tables are damaged,
their names, which stand in UTF-16 in the file's own directory, are searched for instead.
"""

import re
from contextlib import suppress
from typing import BinaryIO

import msoffcrypto
import olefile

from actions.files.not_taken import NotTaken, Why

HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_INSTALLER = "000C1084-0000-0000-C000-000000000046"
_CHUNK = 1024 * 1024
_LONGEST_NAME = 64
_NAMES = {
    "locked": ("EncryptedPackage",),
    "macros": ("_VBA_PROJECT", "VBA\0", "Macros\0"),
    "msg": ("__substg1.0_", "__properties_version1.0", "__nameid_version1.0"),
}
_SOUGHT = {what: [name.encode("utf-16-le") for name in names] for what, names in _NAMES.items()}


def read_ole(file: BinaryIO) -> str:
    """The key of its sort (``models.file_kind``). Raises ``NotTaken``."""
    parts = _listed(file)
    traits = _traits_of_parts(parts) if parts else _traits_of_bytes(file)
    if "locked" in traits or _asks_password(file):
        raise NotTaken(Why.locked, "office")
    if "macros" in traits:
        raise NotTaken(Why.refused, "un document avec des macros")
    return "msg" if "msg" in traits else "old_office"


def _listed(file: BinaryIO) -> list[str]:
    """The names of all the parts; none when the tables cannot be read. Raises ``NotTaken`` for an installer."""
    file.seek(0)
    try:
        with olefile.OleFileIO(file) as ole:
            clsid = ole.root.clsid if ole.root else ""
            parts = [name for path in ole.listdir(streams=True, storages=True) for name in path]
    except Exception:  # a damaged container makes its reader fail in every way there is
        return []
    if clsid.upper() == _INSTALLER:
        raise NotTaken(Why.refused, "un programme")
    return parts


def _traits_of_parts(parts: list[str]) -> set[str]:
    joined = "\0".join(["", *parts, ""])
    return {
        what
        for what, names in _NAMES.items()
        if any(re.search(f"\0{re.escape(name)}", joined) for name in names)
    }


def _traits_of_bytes(file: BinaryIO) -> set[str]:
    file.seek(0)
    traits, tail = set(), b""
    while chunk := file.read(_CHUNK):
        window = tail + chunk
        traits |= {what for what, words in _SOUGHT.items() if any(word in window for word in words)}
        tail = chunk[-_LONGEST_NAME:]
    return traits


def _asks_password(file: BinaryIO) -> bool:
    """Whether Word, Excel or PowerPoint of before 2007 asks for a password to open it."""
    file.seek(0)
    with suppress(Exception):  # of no sort that it knows, or damaged
        return bool(msoffcrypto.OfficeFile(file).is_encrypted())
    return False

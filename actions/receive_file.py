"""A file that is arriving: written aside while it is hashed, told by its content, looked at for viruses.

It is nobody's yet: the action that names it in a fact keeps it (``ReceivedFile.keep``), once it has checked that
its sender may; otherwise it goes away.
"""

import errno
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from actions.scan_file import Clamd
from actions.tell_kind import tell_kind
from models.file_kind import FileKind, clean_name, name_for
from models.refusal import Refusal

if TYPE_CHECKING:
    from actions.store_file import FileStore, StoredFile

MEGABYTE = 1024 * 1024


class UnusableFile(Refusal):
    """The file is missing, empty, too large, or is not a file."""


class TooLargeFile(UnusableFile):
    """More bytes came than ``limit``; the rest was not read."""

    def __init__(self, name: str, limit: int) -> None:
        self.name, self.limit = name, limit
        most = f"{limit // MEGABYTE} Mo" if limit >= MEGABYTE else f"{limit} octets"
        super().__init__(
            f"Le fichier « {name} » est trop gros, la limite est de {most} : allégez-le ou découpez-le."
        )


class NoRoomLeft(UnusableFile):
    """The disk of the server is full."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Le serveur n’a plus de place, et le fichier « {name} » n’a pas été gardé : "
            "prévenez l’exploitant de la plateforme, puis réessayez."
        )


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A whole file, on disk but not kept: SHA-256 (hexadecimal), size in bytes, clean name, sort.

    A context manager: what was not kept by the end of the block is removed.
    """

    path: Path
    sha256: str
    size: int
    name: str
    kind: FileKind
    store: "FileStore"

    def keep(self) -> "StoredFile":
        """As ``FileStore.keep``."""
        return self.store.keep(self)

    def read_bytes(self) -> bytes:
        """The whole content, whether it was kept since or not: only for the sorts that are read whole."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return self.store.path(self.sha256).read_bytes()

    def discard(self) -> None:
        """Remove it, unless it was kept."""
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.discard()


class Reception:
    """One file on its way in: ``write`` its bytes as they come, then ``finish``. Leaving the block before: no trace.

    Blocking: from a coroutine, call it in a thread (``FileStore.receive_async`` does).
    """

    def __init__(self, store: "FileStore", name: str, limit: int, clamd: Clamd | None) -> None:
        self._store, self._limit, self._clamd = store, limit, clamd
        self.name = clean_name(name)
        self._digest, self._size, self._is_whole = hashlib.sha256(), 0, False
        store.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, path = tempfile.mkstemp(dir=store.incoming)
        self._file, self._path = os.fdopen(number, "wb"), Path(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _raised: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
        except OSError:  # the bytes it could not write are not wanted any more
            pass
        finally:
            if not self._is_whole:
                self._path.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """The next bytes. Raises ``TooLargeFile``, ``NoRoomLeft``."""
        self._size += len(chunk)
        if self._size > self._limit:
            raise TooLargeFile(self.name, self._limit)
        self._digest.update(chunk)
        try:
            self._file.write(chunk)
        except OSError as error:
            raise self._told(error) from error

    def finish(self) -> ReceivedFile:
        """The whole file, durable. Raises ``UnusableFile`` (empty), ``RefusedKind``, ``MisnamedFile``,
        ``InfectedFile``, ``ScannerAway``, ``NoRoomLeft``."""
        if self._size == 0:
            raise UnusableFile(f"Le fichier « {self.name} » est vide : déposez le document lui-même.")
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._told(error) from error
        kind = tell_kind(self._path, self.name)
        name = name_for(self.name, kind)
        if self._clamd is not None:
            self._clamd.scan(self._path, self.name)
        self._is_whole = True
        return ReceivedFile(self._path, self._digest.hexdigest(), self._size, name, kind, self._store)

    def _told(self, error: OSError) -> Exception:
        return NoRoomLeft(self.name) if error.errno in (errno.ENOSPC, errno.EDQUOT) else error

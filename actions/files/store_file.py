"""Files: written aside while they arrive, typed by their content, scanned for viruses, then kept by their SHA-256.

A received file is nobody's yet: the action that names it in a fact keeps it (``ReceivedFile.keep``), once it has
checked that its sender may; otherwise it goes away. It is on disk before a fact names it.
"""

import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlmodel import Session

from actions.files.inspect_file import inspect_file
from actions.files.scan_file import Clamd
from database.insert_once import insert_once
from database.outage import FilesAway
from models.file_inspection import Inspection
from models.file_kind import FileKind, clean_name, name_for
from models.refusal import Refusal
from models.tables import FILE_INSPECTION

MEGABYTE = 1024 * 1024
LIMIT = 100 * MEGABYTE
READ_WHOLE = 5 * MEGABYTE
"""Five hundred actions of a plan, with all that they may say, are half as much."""
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is kept: SHA-256 (hexadecimal), size in bytes, and the name it came with, cleaned."""

    sha256: str
    size: int
    name: str


class UnusableFile(Refusal):
    """The file is missing, empty, too large, or is not a file."""


class TooLargeFile(UnusableFile):
    """More bytes came than ``limit``; the rest was not read."""

    def __init__(self, name: str, limit: int) -> None:
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
    """A whole file, on disk but not kept: SHA-256 (hexadecimal), size in bytes, clean name, what was found in it.

    A context manager: what was not kept by the end of the block is removed.
    """

    path: Path
    sha256: str
    size: int
    name: str
    inspection: Inspection
    store: "FileStore"

    @property
    def kind(self) -> FileKind:
        """Its sort."""
        return self.inspection.kind

    def keep(self, session: Session) -> StoredFile:
        """As ``FileStore.keep``, with what was found in it. Does not commit."""
        kept = self.store.keep(self)
        connection = session.connection()
        connection.execute(to_store(connection, self.sha256, self.inspection))
        return kept

    def read_bytes(self) -> bytes:
        """The whole content, whether it was kept since or not: only for the sorts that are read whole.

        Raises ``TooLargeFile`` beyond ``READ_WHOLE``.
        """
        if self.size > READ_WHOLE:
            raise TooLargeFile(self.name, READ_WHOLE)
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

    Blocking: from a coroutine, call it in a thread.
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
            raise self._failure(error) from error

    def finish(self) -> ReceivedFile:
        """The whole file, durable. Raises ``UnusableFile`` (empty), ``MisnamedFile``, ``InfectedFile``,
        ``ScannerAway``, ``NoRoomLeft``, and what ``inspect_file`` raises."""
        if self._size == 0:
            raise UnusableFile(f"Le fichier « {self.name} » est vide : déposez le document lui-même.")
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._failure(error) from error
        inspection = inspect_file(self._path, self.name)
        name = name_for(self.name, inspection.kind)
        if self._clamd is not None:
            self._clamd.scan(self._path, self.name)
        self._is_whole = True
        return ReceivedFile(self._path, self._digest.hexdigest(), self._size, name, inspection, self._store)

    def _failure(self, error: OSError) -> Exception:
        return NoRoomLeft(self.name) if error.errno in (errno.ENOSPC, errno.EDQUOT) else error


class FileStore:
    """A folder of contents, ``ab/abcdef…``. Files are written once and never changed.

    ``limit`` in bytes, for one file; with ``clamd``, nothing is received that it has not looked at.
    """

    def __init__(self, folder: Path, *, limit: int = LIMIT, clamd: Clamd | None = None) -> None:
        self.folder, self.limit, self.clamd = folder, limit, clamd
        self.incoming = folder / "incoming"

    def path(self, sha256: str) -> Path:
        """Where the content of this hash is."""
        return self.folder / sha256[:2] / sha256

    def present(self, sha256: str) -> Path:
        """Where the content of this hash is, to be sent; raises ``FilesAway`` when it is not there."""
        path = self.path(sha256)
        if not path.is_file():
            raise FilesAway(f"no content {sha256}")
        return path

    def open(self, sha256: str) -> BinaryIO:
        """The content of this hash, to be read; raises ``FilesAway``."""
        try:
            return self.path(sha256).open("rb")
        except OSError as error:
            raise FilesAway(str(error)) from error

    def reception(self, name: str, limit: int | None = None) -> Reception:
        """Begin to receive a file that comes by pieces."""
        return Reception(self, name, self.limit if limit is None else limit, self.clamd)

    def receive(self, chunks: Iterable[bytes], name: str, limit: int | None = None) -> ReceivedFile:
        """Write a file aside, to be kept or discarded; raises what ``Reception`` raises, and leaves no trace."""
        with self.reception(name, limit) as reception:
            for chunk in chunks:
                reception.write(chunk)
            return reception.finish()

    def receive_path(self, source: Path) -> ReceivedFile:
        """As ``receive``, from a file of this machine; raises ``UnusableFile`` too when it cannot be read."""
        if not source.exists():
            raise UnusableFile(f"Le fichier « {source} » n’existe pas : vérifiez son chemin.")
        if not source.is_file():
            raise UnusableFile(f"« {source} » n’est pas un fichier : donnez le chemin d’un fichier.")
        try:
            opened = source.open("rb")
        except PermissionError:
            raise UnusableFile(
                f"Le fichier « {source} » ne peut pas être lu : vérifiez ses droits."
            ) from None
        with opened:
            return self.receive(iter(partial(opened.read, CHUNK), b""), source.name)

    def keep(self, received: ReceivedFile) -> StoredFile:
        """Put a received file in its place, durably. Called in the transaction that names it, once its sender's
        right is checked: undone with it, the content stays for a day, then is swept. Twice is once."""
        target = self.path(received.sha256)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.moving():
            source = received.path if received.path.exists() else target
            os.utime(source)  # its day of grace begins now, for a content that was there already too
            source.replace(target)
        for folder in (target.parent, self.folder):
            sync_folder(folder)
        return StoredFile(received.sha256, received.size, received.name)

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Hold what puts a content in place and what sweeps one away apart, between processes too."""
        with self._locked(".lock", fcntl.LOCK_EX):
            yield

    @contextmanager
    def sparing(self) -> Iterator[None]:
        """Have nothing swept during the block: a backup reads what the facts named when it began."""
        with self._locked(".spared", fcntl.LOCK_SH):
            yield

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """The contrary of ``sparing``. Raises ``BlockingIOError`` while somebody is sparing."""
        with self._locked(".spared", fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield

    @contextmanager
    def _locked(self, name: str, how: int) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / name).open("wb") as lock:
            fcntl.flock(lock, how)
            yield


def to_store(database: Connection | Engine, sha256: str, inspection: Inspection) -> sa.Executable:
    """What writes what was found in a content, unless it is written already: it cannot have changed."""
    row = {"sha256": sha256, "kind": inspection.kind.key, "pages": inspection.pages}
    return insert_once(database, FILE_INSPECTION, "sha256").values(row)


def sync_folder(folder: Path) -> None:
    """Bring the names in this folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

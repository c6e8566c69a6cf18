"""Keep a file by its content: its SHA-256 is its name, and it is on disk before a fact names it."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from models.refusal import Refusal

MAX_BYTES = 100 * 1024 * 1024
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is kept: SHA-256 (hexadecimal), size in bytes, and the name it came with."""

    sha256: str
    size: int
    name: str


class UnusableFile(Refusal):
    """The file is missing, empty, too large, or is not a file."""


class FileStore:
    """A folder of contents, ``ab/abcdef…``. Files are written once and never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the content of this hash is."""
        return self.folder / sha256[:2] / sha256

    def keep(self, source: Path) -> StoredFile:
        """Copy ``source`` in, durably, and say its hash; raises ``UnusableFile``. Twice the same is once."""
        if not source.exists():
            raise UnusableFile(f"Le fichier « {source} » n’existe pas : vérifiez son chemin.")
        if not source.is_file():
            raise UnusableFile(f"« {source} » n’est pas un fichier : donnez le chemin d’un fichier.")
        size = source.stat().st_size
        if size == 0:
            raise UnusableFile(f"Le fichier « {source} » est vide : déposez le document lui-même.")
        if size > MAX_BYTES:
            raise UnusableFile(
                f"Le fichier « {source} » pèse {size // 1_000_000} Mo, et la limite est de "
                f"{MAX_BYTES // 1_000_000} Mo : allégez-le ou découpez-le."
            )
        try:
            return StoredFile(self._copy(source), size, source.name)
        except PermissionError as error:
            raise UnusableFile(
                f"Le fichier « {error.filename} » ne peut pas être lu : vérifiez ses droits."
            ) from error

    def _copy(self, source: Path) -> str:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = hashlib.sha256()
        with source.open("rb") as given, tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as kept:
            while chunk := given.read(CHUNK):
                digest.update(chunk)
                kept.write(chunk)
            kept.flush()
            os.fsync(kept.fileno())
        target = self.path(digest.hexdigest())
        target.parent.mkdir(exist_ok=True, mode=0o700)
        Path(kept.name).replace(target)
        _sync_folder(target.parent)
        _sync_folder(self.folder)
        return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

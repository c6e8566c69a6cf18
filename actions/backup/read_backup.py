"""Read a backup from its first byte to its last, and believe nothing that is not checked.

Only plain members, under the expected names, in the expected order, of the announced sizes and hashes. A member's
name is compared, never used as a path; the archive is not compressed, so it cannot grow as it is read.
"""

import hashlib
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

from pydantic import ValidationError

from actions.backup.write_backup import DATABASE, FILES, MANIFEST, SECRET_KEY
from actions.files.store_file import CHUNK
from models.backup import FORMAT, Manifest, UnusableBackup

LONGEST_MANIFEST = 64 * 1024 * 1024
LONGEST_SECRET = 64 * 1024


class BackupReader:
    """Call ``database``, ``secret_key``, ``contents`` in this order, each to its end. All raise ``UnusableBackup``."""

    def __init__(self, source: BinaryIO, name: str) -> None:
        self._source, self._name = source, name
        self.manifest = self._read_manifest()

    def database(self, path: Path) -> None:
        """Write the copy of the database into this file, and check its hash."""
        size = self._next(DATABASE)
        digest = hashlib.sha256()
        if size != self.manifest.database_bytes:
            self._refuse("la base n’a pas la taille annoncée")
        with path.open("wb") as output:
            for chunk in self._chunks(size):
                digest.update(chunk)
                output.write(chunk)
        if digest.hexdigest() != self.manifest.database_sha256:
            self._refuse("la base n’a pas l’empreinte annoncée")

    def secret_key(self) -> str | None:
        """The secret key, if the backup holds it."""
        if not self.manifest.holds_secret_key:
            return None
        size = self._next(SECRET_KEY)
        if size > LONGEST_SECRET:
            self._refuse("sa clé secrète n’en est pas une")
        return b"".join(self._chunks(size)).decode(errors="replace")

    def contents(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The hash that each content must have, and its bytes, to be read whole before the next."""
        left, before = self.manifest.file_bytes, ""
        for _ in range(self.manifest.files):
            name, size = self._header() or self._refuse("des fichiers manquent")
            sha256, left = name.removeprefix(FILES), left - size
            is_hash = len(sha256) == 64 and not set(sha256) - set("0123456789abcdef")
            if not is_hash or name != FILES + sha256 or sha256 <= before or left < 0:
                self._refuse(f"« {name[:100]} » n’y a pas sa place")
            yield sha256, self._chunks(size)
            before = sha256
        if left or self._header() is not None:
            self._refuse("les fichiers ne sont pas ceux qui étaient annoncés")

    def _read_manifest(self) -> Manifest:
        size = self._next(MANIFEST)
        if size > LONGEST_MANIFEST:
            self._refuse("son sommaire est démesuré")
        text = b"".join(self._chunks(size))
        try:
            manifest = json.loads(text)
            if isinstance(manifest, dict) and manifest.get("format", FORMAT) != FORMAT:
                self._refuse("elle vient d’une autre version du logiciel, qui les écrit autrement")
            return Manifest.model_validate(manifest)
        except (ValueError, ValidationError):
            self._refuse("son sommaire n’est pas lisible")

    def _next(self, name: str) -> int:
        """The size of the next member, which must have this name."""
        header = self._header()
        if header is None or header[0] != name:
            self._refuse(f"« {name} » n’y est pas à sa place")
        return header[1]

    def _header(self) -> tuple[str, int] | None:
        """Name and size of the next member; None at the end of the archive."""
        block = self._read(tarfile.BLOCKSIZE)
        if not any(block):
            return None
        try:
            member = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
        except tarfile.HeaderError:
            self._refuse("ce n’est pas une archive tar, ou elle est altérée")
        if member.type != tarfile.REGTYPE or member.size < 0:
            self._refuse(f"« {member.name[:100]} » n’est pas un fichier ordinaire")
        return member.name, member.size

    def _chunks(self, size: int) -> Iterator[bytes]:
        """The bytes of the member, then what fills its last block."""
        left = size
        while left:
            chunk = self._read(min(left, CHUNK))
            left -= len(chunk)
            yield chunk
        self._read(-size % tarfile.BLOCKSIZE)

    def _read(self, size: int) -> bytes:
        read = self._source.read(size)
        if len(read) < size:
            self._refuse("elle est tronquée")
        return read

    def _refuse(self, why: str) -> NoReturn:
        raise UnusableBackup(
            f"« {self._name} » n’est pas une sauvegarde utilisable ({why}) : rien n’est restauré ; prenez-en une autre."
        )

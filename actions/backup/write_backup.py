"""Write a backup: one archive (tar) with its manifest, the database, then every content that it names.

    manifest.json    what the rest is, see ``models.backup``
    database         an SQLite file, or what ``pg_dump --format=custom`` gives
    secret_key       only when it was asked for
    files/SHA-256    each content under its own hash, sorted

The database comes first: a content is on disk before a fact names it, so what is copied afterwards is all there.
"""

import errno
import fcntl
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from actions.backup.copy_database import DatabaseCopy, copy_database
from actions.files.store_file import CHUNK, FileStore, sync_folder
from database.engine import Database
from models.backup import BackupImpossible, Manifest, fingerprint

if TYPE_CHECKING:
    from typing_extensions import Buffer

MANIFEST, DATABASE, SECRET_KEY, FILES = "manifest.json", "database", "secret_key", "files/"


@dataclass(frozen=True, slots=True)
class WhatToKeep:
    """Beside the database and its files. ``settings``: public values only; ``secret`` is kept if asked."""

    software: str
    settings: dict[str, str]
    secret: str
    with_secret: bool = False
    despite_damage: bool = False


def write_backup(
    db: Database, store: FileStore, target: Path, kept: WhatToKeep, *, now: datetime
) -> tuple[Manifest, str]:
    """Write the whole system into the new file ``target``; returns its manifest and the SHA-256 of the archive.

    Written aside, then renamed once it is on disk: a backup that is killed leaves nothing of that name. Raises
    ``BackupImpossible`` (the target exists, a content is lost or damaged…), ``NoTool``, ``ToolFailed``.
    """
    if not target.parent.is_dir():
        raise BackupImpossible(
            f"Le dossier « {target.parent} » n’existe pas : créez-le, ou choisissez-en un autre."
        )
    _check_free(target)
    try:
        with _aside(target) as (output, path), store.sparing():
            with _scratch(target) as scratch:
                manifest, sha256 = _write(_Hashing(output), copy_database(db, scratch, now=now), store, kept)
            output.flush()
            os.fsync(output.fileno())
            _check_free(target)
            path.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        why = "le disque est plein" if error.errno in (errno.ENOSPC, errno.EDQUOT) else str(error.strerror)
        raise BackupImpossible(
            f"La sauvegarde n’a pas pu être écrite ({why}) : rien n’en est gardé."
        ) from error
    return manifest, sha256


def _check_free(target: Path) -> None:
    if target.exists():
        raise BackupImpossible(f"« {target} » existe déjà, et n’est pas remplacé : choisissez un autre nom.")


@contextmanager
def _aside(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """The archive being written, its owner's only; held, so that two backups never write the same one."""
    path = target.with_name(f".{target.name}.part")
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as output:
        try:
            fcntl.flock(output, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupImpossible("Une autre sauvegarde écrit ce même fichier : attendez sa fin.") from None
        output.truncate()
        try:
            yield output, path
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """Where the copy of the database waits to be put into the archive."""
    path = target.with_name(f".{target.name}.database.part")
    try:
        path.unlink(missing_ok=True)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _write(
    output: "_Hashing", copy: DatabaseCopy, store: FileStore, kept: WhatToKeep
) -> tuple[Manifest, str]:
    there = {sha256: size for sha256 in copy.contents if (size := _size(store.path(sha256))) is not None}
    damaged = [sha256 for sha256 in there if kept.despite_damage and _hash_of(store.path(sha256)) != sha256]
    sizes = {sha256: size for sha256, size in there.items() if sha256 not in damaged}
    missing = sorted(set(copy.contents) - sizes.keys())
    if missing and not kept.despite_damage:
        raise _lost(missing)
    manifest = Manifest(
        software=kept.software,
        kind=copy.kind,
        revision=copy.revision,
        taken_at=copy.taken_at,
        database_bytes=copy.path.stat().st_size,
        database_sha256=_hash_of(copy.path),
        files=len(sizes),
        file_bytes=sum(sizes.values()),
        missing=missing,
        entries=copy.entries,
        heads=copy.heads,
        secret_key=fingerprint(kept.secret),
        holds_secret_key=kept.with_secret,
        settings=kept.settings,
    )
    with tarfile.open(fileobj=output, mode="w|", format=tarfile.GNU_FORMAT) as archive:
        _add(archive, MANIFEST, io.BytesIO(manifest.model_dump_json(indent=1).encode()))
        with copy.path.open("rb") as content:
            _add(archive, DATABASE, content)
        if kept.with_secret:
            _add(archive, SECRET_KEY, io.BytesIO(kept.secret.encode()))
        for sha256 in sizes:
            with store.open(sha256) as content:
                _add(archive, FILES + sha256, content, sha256)
    return manifest, output.sha256


def _add(archive: tarfile.TarFile, name: str, content: BinaryIO, sha256: str | None = None) -> None:
    """One member, read once; its content must have this hash."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = os.fstat(content.fileno()).st_size if sha256 else _length(content), 0o600
    reading = _Reading(content)
    archive.addfile(member, reading)
    if sha256 is not None and reading.sha256 != sha256:
        raise _lost([sha256])


def _lost(hashes: list[str]) -> BackupImpossible:
    return BackupImpossible(
        f"Sauvegarde impossible : {len(hashes)} fichier(s) nommé(s) par la base manquent ou sont altérés, "
        f"dont « {hashes[0]} » ; retrouvez-les dans une sauvegarde antérieure, ou sauvegardez le reste avec "
        "« --despite-damage »."
    )


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _length(content: BinaryIO) -> int:
    length = content.seek(0, os.SEEK_END)
    content.seek(0)
    return length


def _hash_of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


class _Reading:
    """A content that is hashed while it is read."""

    def __init__(self, content: BinaryIO) -> None:
        self._content, self._digest = content, hashlib.sha256()

    def read(self, size: int = CHUNK) -> bytes:
        chunk = self._content.read(size)
        self._digest.update(chunk)
        return chunk

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class _Hashing(io.RawIOBase):
    """An output that is hashed while it is written."""

    def __init__(self, output: BinaryIO) -> None:
        super().__init__()
        self._output, self._digest = output, hashlib.sha256()

    def write(self, chunk: "Buffer") -> int:
        self._digest.update(chunk)
        return self._output.write(chunk)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

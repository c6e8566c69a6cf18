"""What kept files are, as was stored when they came; those kept before are looked at once, when first asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import sqlalchemy as sa

from actions.files.inspect_file import inspect_file
from actions.files.store_file import FileStore, to_store
from database.engine import Database
from database.outage import FilesAway
from models.file_inspection import Inspection
from models.file_kind import UNREADABLE, FileKind, RefusedKind, kind_of_key
from models.tables import FILE_INSPECTION
from models.unreadable_file import DamagedFile, HeavyFile, InspectionBusy, LockedFile

SECONDS_FOR_ANOTHER = 2.0
"""How long one waits for somebody else who is having the same content looked at."""


class KeptKinds:
    """The sorts of the contents of a store. Two that ask for the same content at once have it looked at once; in two
    processes, twice, and the first to write is right, as both found the same."""

    def __init__(self, db: Database, store: FileStore) -> None:
        self._db, self._store = db, store
        self._lock = Lock()
        self._looked_at: dict[str, Lock] = {}

    def path(self, sha256: str) -> Path:
        """Where the content of this hash is."""
        return self._store.path(sha256)

    def open(self, sha256: str) -> BinaryIO:
        """The content of this hash, to be read; raises ``FilesAway``."""
        return self._store.open(sha256)

    def kind(self, sha256: str, name: str) -> FileKind:
        """The sort of a kept content; ``UNREADABLE`` for one that would be refused today.

        Raises ``FilesAway``; ``InspectionBusy`` for one that waits to be looked at.
        """
        stored = self._stored(sha256)
        if stored is not None:
            return stored
        with self._alone(sha256, name):
            return self._stored(sha256) or self._look(sha256, name)

    def _stored(self, sha256: str) -> FileKind | None:
        query = sa.select(FILE_INSPECTION.c.kind).where(FILE_INSPECTION.c.sha256 == sha256)
        with self._db.read() as session:
            key = session.connection().execute(query).scalar()
        return kind_of_key(key) if key is not None else None

    def _look(self, sha256: str, name: str) -> FileKind:
        try:
            found = inspect_file(self.path(sha256), name)
        except (RefusedKind, LockedFile, DamagedFile, HeavyFile):
            found = Inspection(UNREADABLE)
        except OSError as error:
            raise FilesAway(str(error)) from error
        self._db.note(to_store(self._db.engine, sha256, found))
        return found.kind

    @contextmanager
    def _alone(self, sha256: str, name: str) -> Iterator[None]:
        with self._lock:
            mine = self._looked_at.setdefault(sha256, Lock())
        if not mine.acquire(timeout=SECONDS_FOR_ANOTHER):
            raise InspectionBusy(name)
        try:
            yield
        finally:
            with self._lock:
                self._looked_at.pop(sha256, None)
            mine.release()

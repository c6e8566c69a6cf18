"""Remove the files nobody names: what was received and never kept, what was kept for a fact that was undone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from actions.files.store_file import FileStore
from database.engine import Database
from models.agency_signature import AgencySignature
from models.commitment import Commitment
from models.deliverable import Deliverable, DeliverableVersion
from models.party import PartyDeparture
from models.recorded_act import RecordedAct
from models.sign_off import SignOff

GRACE = timedelta(days=1)
NAMING: tuple[tuple[type[SQLModel], str], ...] = (
    (Deliverable, "sha256"),
    (DeliverableVersion, "sha256"),
    (SignOff, "sha256"),
    (SignOff, "proof_sha256"),
    (AgencySignature, "sha256"),
    (RecordedAct, "file_sha256"),
    (PartyDeparture, "file_sha256"),
    (Commitment, "evidence_sha256"),
)
"""Every column that names a content. A new one belongs here, or its files are swept (a test compares)."""


def sweep_orphans(db: Database, store: FileStore, now: datetime) -> list[str]:
    """Remove what has been there for a day and no fact names; returns what was removed, relative to the store.

    A content that is being kept again meanwhile is spared: ``keep`` makes it a day younger, under the lock.
    Nothing is removed while a backup is being made: the next round sees to it.
    """
    try:
        with store.sweeping():
            return _sweep(db, store, now - GRACE)
    except BlockingIOError:
        return []


def _sweep(db: Database, store: FileStore, oldest: datetime) -> list[str]:
    with db.read() as session:
        named = named_contents(session.connection())
    swept = []
    for file in [*_files(store.incoming), *_contents(store)]:
        if (file.parent == store.incoming or file.name not in named) and _remove(file, store, oldest):
            swept.append(str(file.relative_to(store.folder)))
    return swept


def named_contents(connection: Connection) -> set[str]:
    """The hash of every content a fact names."""
    columns = [getattr(model, column) for model, column in NAMING]
    queries = [sa.select(column.label("sha256")).where(column.is_not(None)) for column in columns]
    return set(connection.execute(sa.union(*queries)).scalars())


def _contents(store: FileStore) -> Iterator[Path]:
    for folder in sorted(store.folder.glob("[0-9a-f][0-9a-f]")):
        yield from _files(folder)


def _files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.is_file()) if folder.is_dir() else []


def _remove(file: Path, store: FileStore, oldest: datetime) -> bool:
    with store.moving():
        try:
            is_old = datetime.fromtimestamp(file.stat().st_mtime, UTC) < oldest
            if is_old:
                file.unlink()
        except FileNotFoundError:  # kept, or swept by another, in between
            return False
    return is_old

"""Remove the files nobody names: what was received and never kept, what was kept for a fact that was undone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from actions.files.store_file import FileStore
from database.engine import Database
from queries.ledger.named_contents import named_contents

GRACE = timedelta(days=1)


def sweep_orphans(db: Database, store: FileStore, now: datetime) -> list[str]:
    """Remove the files older than a day that no fact names; returns their paths, relative to the store.

    Writes nothing in the database. A content that is kept again meanwhile stays: ``keep`` renews its date, under the
    lock. Nothing is removed during a backup: the next round does it.
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

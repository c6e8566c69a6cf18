"""Backups as the tests make them, and the empty places in which they are restored."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cast import Cast

from actions.backup.restore_backup import Restored, restore_backup
from actions.backup.write_backup import WhatToKeep, write_backup
from actions.files.store_file import FileStore
from commands.open_database import VERSIONS
from database.engine import Database
from models.backup import Manifest

REVISIONS = sorted(path.name.split("_")[0] for path in VERSIONS.glob("[0-9]*.py"))
NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)


class Elsewhere:
    """Where to restore: an empty database of the same kind as the cast's, and an empty folder."""

    def __init__(self, url: str, folder: Path) -> None:
        self.db, self.folder, self.files = Database(url), folder, FileStore(folder / "files")

    def restore(self, archive: Path, **options: Any) -> Restored:
        return restore_backup(
            self.db, self.files, self.folder, archive, known_revisions=REVISIONS, now=NOW, **options
        )

    def is_empty(self) -> bool:
        tables = set(sa.inspect(self.db.engine).get_table_names())
        self.db.close()
        for end in ("", "-wal", "-shm"):  # what looking has made
            (self.folder / f"projet-partage.db{end}").unlink(missing_ok=True)
        return not tables and not (self.folder.exists() and list(self.folder.iterdir()))


def back_up(cast: Cast, target: Path, *, now: datetime | None = None, **options: Any) -> Manifest:
    kept = {
        "software": "0.1.0",
        "settings": {"PROJET_PARTAGE_BASE_URL": "https://projets.example"},
        "secret": "le secret du système",
    }
    manifest, _ = write_backup(
        cast.db, cast.files, target, WhatToKeep(**(kept | options)), now=now or cast.now
    )
    return manifest

"""Put the contents of a backup back into the store, each under the hash that it really has."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from actions.files.store_file import FileStore, sync_folder
from models.backup import UnusableBackup


@contextmanager
def restored_files(store: FileStore, contents: Iterable[tuple[str, Iterator[bytes]]]) -> Iterator[set[str]]:
    """Write each content durably and yield their hashes; a block that raises removes those that were not there before.

    Raises ``UnusableBackup`` for a content that is not what it says.
    """
    for folder in (store.folder, store.incoming):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    restored, new = set[str](), list[Path]()
    try:
        for sha256, chunks in contents:
            path = store.path(sha256)
            if not path.exists():
                new.append(path)
            _restore(store, sha256, chunks)
            restored.add(sha256)
        for folder in {path.parent for path in new} | {store.folder}:
            sync_folder(folder)
        yield restored
    except BaseException:
        for path in new:
            path.unlink(missing_ok=True)
        _remove_empty(store)
        raise


def _remove_empty(store: FileStore) -> None:
    """Remove the folders of a store that holds nothing."""
    for folder in [*store.folder.iterdir(), store.folder]:
        if folder.is_dir():
            with suppress(OSError):  # it holds something
                folder.rmdir()


def _restore(store: FileStore, sha256: str, chunks: Iterator[bytes]) -> None:
    number, name = tempfile.mkstemp(dir=store.incoming)
    aside, target, digest = Path(name), store.path(sha256), hashlib.sha256()
    try:
        with os.fdopen(number, "wb") as output:
            for chunk in chunks:
                digest.update(chunk)
                output.write(chunk)
            output.flush()
            os.fsync(output.fileno())
        if digest.hexdigest() != sha256:
            raise UnusableBackup(
                f"Le fichier « {sha256} » de la sauvegarde est altéré : rien n’est restauré ; prenez-en une autre."
            )
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)

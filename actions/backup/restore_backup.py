"""Restore a whole system from one backup: all of it, verified, or nothing.

1. Read the manifest, and refuse what this version, this kind of database or this disk cannot take.
2. Mark the empty database: until the last step, nothing starts on it, and a restoration that is killed begins again.
3. Put the copy of the database and every content on the disk, each checked against its hash.
4. Load the copy, bring it to this version's schema, verify the journal and that no content is missing.
5. Put it in place; in one transaction: a new epoch, sessions ended, one entry in the register, the revision.

Prefect's database is not part of it: runs are made again by ``reconcile``.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session, col

from actions.backup.read_backup import BackupReader
from actions.backup.restore_database import Target, target_of
from actions.backup.restore_files import restored_files
from actions.files.store_file import FileStore
from actions.ledger.journal import record
from database.engine import Database
from database.upgrade import upgrade_schema
from models.api_token import ApiToken
from models.audit_entry import PROTECTION
from models.backup import KIND_NAMES, Manifest, RestoreImpossible, UnusableBackup
from models.channel import Channel
from models.installation import Installation
from models.notice import WAITING, Notice
from models.person import SYSTEM
from models.tables import PROCESS_AGREEMENT, SIGN_IN_LINK, WEB_SESSION
from queries.ledger.named_contents import named_contents
from queries.ledger.verify_journal import verify_journal

MARK = "restoring"
"""File of the data directory while it is being restored: what is beside it may be thrown away."""
HARMLESS = {"lost+found", "secret_key", MARK}
"""What may be in a data directory that is empty: a volume's own, and the key that the operator has put back."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what is to be known of it. ``damage``: what does not hold in the journal, in French."""

    manifest: Manifest
    secret_key: str | None
    damage: list[str]
    owed_notices: int
    channels: int
    live_tokens: int


def restore_backup(
    db: Database,
    store: FileStore,
    data_dir: Path,
    source: Path,
    *,
    known_revisions: list[str],
    now: datetime,
    despite_damage: bool = False,
) -> Restored:
    """Restore ``source`` into an empty database and data directory. Commits.

    Raises ``UnusableBackup``, ``RestoreImpossible``, ``NoTool``, ``ToolFailed``: the target is empty again then.
    """
    with source.open("rb") as archive, _claimed(data_dir):
        reader = BackupReader(archive, source.name)
        target = target_of(db, data_dir)
        _check(reader.manifest, target, data_dir, known_revisions)
        target.claim()
        try:
            return _restore(db, store, target, reader, now, despite_damage)
        except BaseException:
            target.release()
            raise


def _restore(
    db: Database, store: FileStore, target: Target, reader: BackupReader, now: datetime, despite_damage: bool
) -> Restored:
    manifest = reader.manifest
    reader.database(target.copy)
    secret_key = reader.secret_key()
    with restored_files(store, reader.contents()) as contents:
        loaded = target.load()
        try:
            revision = _upgrade(loaded, manifest.revision)
            damage = _verify(loaded, manifest, contents)
        finally:
            if loaded is not db:
                loaded.close()
        if damage and not despite_damage:
            raise RestoreImpossible(
                f"Le journal de la sauvegarde est altéré ({damage[0]}) : rien n’est restauré ; prenez une sauvegarde "
                "antérieure, ou restaurez celle-ci telle quelle avec « --despite-damage »."
            )
        target.put_in_place()
        return _finish(db, manifest, revision, secret_key, damage, now)


@contextmanager
def _claimed(data_dir: Path) -> Iterator[None]:
    """Hold an empty data directory, or what an interrupted restoration left of it."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    data_dir.chmod(0o700)
    others = sorted({each.name for each in data_dir.iterdir()} - HARMLESS)
    mark = data_dir / MARK
    if others and not mark.exists():
        raise RestoreImpossible(
            f"Le dossier « {data_dir} » n’est pas vide (« {others[0]} ») : rien n’est restauré par-dessus ; mettez-le "
            "de côté, ou choisissez-en un autre avec PROJET_PARTAGE_DATA_DIR."
        )
    with os.fdopen(os.open(mark, os.O_WRONLY | os.O_CREAT, 0o600), "w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RestoreImpossible(
                f"Une autre restauration travaille dans « {data_dir} » : attendez sa fin."
            ) from None
        try:
            yield
        except BaseException:
            if {each.name for each in data_dir.iterdir()} <= HARMLESS:
                mark.unlink()
            raise
        mark.unlink()


def _check(manifest: Manifest, target: Target, data_dir: Path, known_revisions: list[str]) -> None:
    if manifest.kind != target.kind:
        held, here = KIND_NAMES[manifest.kind], KIND_NAMES[target.kind]
        raise RestoreImpossible(
            f"Cette sauvegarde est celle d’une base {held}, et le système est réglé sur {here} : réglez "
            f"PROJET_PARTAGE_DATABASE_URL sur une base {held} vide."
        )
    if manifest.revision not in known_revisions:
        raise RestoreImpossible(
            f"Cette sauvegarde vient d’une version plus récente du logiciel ({manifest.software}, schéma "
            f"{manifest.revision}) : mettez le logiciel à jour avant de la restaurer."
        )
    needed = manifest.file_bytes + 3 * manifest.database_bytes
    free = shutil.disk_usage(data_dir).free
    if free < needed:
        raise RestoreImpossible(
            f"Il faut {needed // 1_000_000 + 1} Mo dans « {data_dir} », et il en reste {free // 1_000_000} : "
            "libérez de la place, ou choisissez un autre dossier."
        )


def _upgrade(db: Database, revision: str) -> str:
    """Bring the loaded database to the newest schema, and return its revision; it stays marked as unfinished."""
    with db.write_statements() as connection:
        _write_revision(connection, revision)
        upgrade_schema(connection)
        newest = str(connection.scalar(sa.text("SELECT version_num FROM alembic_version")))
        connection.exec_driver_sql("DELETE FROM alembic_version")
    return newest


def _write_revision(connection: Connection, revision: str) -> None:
    connection.execute(sa.text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})


def _verify(db: Database, manifest: Manifest, contents: set[str]) -> list[str]:
    """What does not hold in the journal. Raises ``UnusableBackup`` when database, files and manifest disagree."""
    with db.read() as session:
        lost = named_contents(session.connection()) - contents - set(manifest.missing)
        triggers = _triggers(session.connection())
    verification = verify_journal(db)
    protection = PROTECTION[manifest.kind]
    if triggers - protection:
        raise UnusableBackup(
            "La base de la sauvegarde contient du code qui n’est pas à nous : rien n’est restauré."
        )
    if lost or verification.heads != manifest.heads:
        raise UnusableBackup(
            "Le sommaire de la sauvegarde ne dit pas ce qu’elle contient : rien n’est restauré ; prenez-en une autre."
        )
    damage = [f"{each.journal}, {each.text}" for each in verification.tamperings]
    return damage if triggers == protection else [*damage, "ses lignes n’étaient plus protégées"]


def _triggers(connection: Connection) -> set[str]:
    """The triggers and views of this database."""
    names = (
        "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION "
        "SELECT viewname FROM pg_views WHERE schemaname = current_schema()"
    )
    return set(connection.exec_driver_sql(names).scalars())


def _finish(
    db: Database, manifest: Manifest, revision: str, secret_key: str | None, damage: list[str], now: datetime
) -> Restored:
    """Mark the restored database as finished. Commits; from then on, processes may start on it."""
    with db.write() as session:
        installed = Installation(epoch=secrets.token_hex(4), holds_until=manifest.taken_at, restored_at=now)
        session.add(installed)
        _end_sessions(session, now)
        _forget_agreement(session)
        holds_until = manifest.taken_at.isoformat()
        record(session, "system.restored", project_id=None, actor=SYSTEM, now=now, holds_until=holds_until)
        session.flush()
        _write_revision(session.connection(), revision)
        return Restored(
            manifest,
            secret_key,
            damage,
            owed_notices=_count(session, Notice, sa.text(WAITING)),
            channels=_count(session, Channel, col(Channel.removed_at).is_(None)),
            live_tokens=_count(
                session, ApiToken, col(ApiToken.revoked_at).is_(None), col(ApiToken.expires_at) > now
            ),
        )


def _end_sessions(session: Session, now: datetime) -> None:
    """End every session: a person who signed out after the backup must not be signed in again by it."""
    connection = session.connection()
    connection.execute(
        sa.update(WEB_SESSION).where(WEB_SESSION.c.ended_at.is_(None)).values(ended_at=now, id_token=None)
    )
    connection.execute(sa.update(SIGN_IN_LINK).where(SIGN_IN_LINK.c.used_at.is_(None)).values(used_at=now))


def _forget_agreement(session: Session) -> None:
    """The folder of the files is another one, the secret perhaps too: the first process to start says which."""
    session.connection().execute(sa.delete(PROCESS_AGREEMENT))


def _count(session: Session, table: type, *conditions: object) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(*conditions)  # type: ignore[arg-type]
    return session.connection().execute(query).scalar_one()

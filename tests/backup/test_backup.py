"""A backup holds all that was acknowledged before it began; a restoration gives it back whole, or not at all."""

import copy
import multiprocessing
import os
import queue
import shutil
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from backups import NOW, Elsewhere, back_up
from cast import BOURGES, GUICHEN, MANTES, NIORT, Cast
from journal_forgery import change
from postgres_copies import POSTGRES
from sqlalchemy import make_url
from sqlmodel import SQLModel, select

import actions.backup.restore_backup
import actions.backup.write_backup
from actions.files.store_file import FileStore
from actions.files.sweep_files import sweep_orphans
from actions.signing.sign_off import SignOffRequest, sign_off
from actions.signing.withdraw_sign_off import SignOffWithdrawal, withdraw_sign_off
from database.engine import Database
from database.upgrade import upgrade_database
from models.audit_entry import PROTECTION
from models.backup import BackupImpossible, RestoreImpossible, RestoreUnfinished, UnusableBackup
from models.person import AuthMethod
from models.sign_off import Decision, SignOff
from models.stored_row import identity
from models.tables import AUDIT_ENTRY
from queries.ledger.named_contents import named_contents
from queries.ledger.verify_journal import verify_journal

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"


@pytest.fixture
def cast(at: At, tmp_path: Path) -> Cast:
    """A project under review, with its file, where two cities have signed."""
    cast = at("constitution in review")
    shared, cast.files = cast.files, FileStore(tmp_path / "files")
    with cast.db.read() as session:
        for sha256 in named_contents(session.connection()):
            cast.files.path(sha256).parent.mkdir(parents=True)
            shutil.copy(shared.path(sha256), cast.files.path(sha256))
    cast.sign(NOTE, NIORT)
    cast.sign(NOTE, BOURGES)
    return cast


@pytest.fixture
def elsewhere(cast: Cast, tmp_path: Path) -> Iterator[Elsewhere]:
    folder = tmp_path / "ailleurs"
    if cast.db.is_sqlite:
        place = Elsewhere(f"sqlite:///{folder / 'projet-partage.db'}", folder)
        yield place
        place.db.close()
        return
    name = f"pp_restore_{uuid4().hex[:12]}"
    url = make_url(POSTGRES)
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(False), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" STRATEGY wal_log')
        place = Elsewhere(url.set(database=name).render_as_string(False), folder)
        yield place
        place.db.close()
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def rows(db: Database, *, but: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    with db.read() as session:
        return {
            table.name: sorted(map(tuple, session.connection().execute(sa.select(table))), key=repr)
            for table in SQLModel.metadata.sorted_tables
            if table.name not in but
        }


def contents(store: FileStore) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in store.folder.glob("??/*")}


on_sqlite = pytest.mark.parametrize("shelf", ["sqlite"], indirect=True)
"""For what happens above the database."""
CHANGED_BY_RESTORING = (
    "installation",
    "process_agreement",
    "audit_entry",
    "journal",
    "web_session",
    "sign_in_link",
)


def test_what_is_restored_is_what_was_backed_up(cast: Cast, elsewhere: Elsewhere, tmp_path: Path) -> None:
    before, files, heads = rows(cast.db), contents(cast.files), verify_journal(cast.db).heads
    manifest = back_up(cast, tmp_path / "a.tar")
    assert stat.S_IMODE((tmp_path / "a.tar").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("*a.tar*")] == ["a.tar"]
    restored = elsewhere.restore(tmp_path / "a.tar")
    after = rows(elsewhere.db)
    assert {name for name in before if before[name] != after[name]} <= set(CHANGED_BY_RESTORING)
    assert [each for each in after["audit_entry"] if each in before["audit_entry"]] == before["audit_entry"]
    assert [each[4] for each in after["audit_entry"] if each not in before["audit_entry"]] == [
        "system.restored"
    ]
    assert contents(elsewhere.files) == files != {}
    assert restored.manifest == manifest
    assert manifest.heads == heads
    assert not restored.damage
    assert verify_journal(elsewhere.db).tamperings == []


def test_a_restored_system_works_and_is_backed_up_again(
    cast: Cast, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    back_up(cast, tmp_path / "a.tar")
    elsewhere.restore(tmp_path / "a.tar")
    upgrade_database(elsewhere.db)
    there = copy.copy(cast)
    there.db, there.files = elsewhere.db, elsewhere.files
    there.sign(NOTE, GUICHEN)
    assert back_up(there, tmp_path / "b.tar").files == len(contents(elsewhere.files))
    with elsewhere.db.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="append-only"):
        connection.execute(sa.delete(AUDIT_ENTRY))


def test_a_restored_outbox_gives_keys_that_prefect_has_never_seen(
    cast: Cast, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    from actions.prefect.deliver_nudges import _epoch

    back_up(cast, tmp_path / "a.tar")
    elsewhere.restore(tmp_path / "a.tar")
    assert _epoch(cast.db) == ""
    assert len(_epoch(elsewhere.db)) > 6


@on_sqlite
def test_sessions_of_then_are_ended(cast: Cast, elsewhere: Elsewhere, tmp_path: Path) -> None:
    from actions.access.sign_in import open_session

    with cast.db.write() as session:
        open_session(session, cast.agent.person_id, AuthMethod.email_link, cast.now)
    back_up(cast, tmp_path / "a.tar")
    elsewhere.restore(tmp_path / "a.tar")
    with elsewhere.db.read() as session:
        open_ = session.connection().scalar(
            sa.text("SELECT count(*) FROM web_session WHERE ended_at IS NULL")
        )
    assert open_ == 0


def test_the_triggers_are_those_that_the_migrations_make(cast: Cast) -> None:
    with cast.db.read() as session:
        kind = "sqlite" if cast.db.is_sqlite else "postgresql"
        assert actions.backup.restore_backup._triggers(session.connection()) == PROTECTION[kind]


@on_sqlite
def test_what_a_backup_still_needs_is_not_swept_meanwhile(cast: Cast) -> None:
    orphan = cast.files.path("ab" * 32)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_text("nommé quand la sauvegarde a commencé")
    os.utime(orphan, (0, 0))
    with cast.files.sparing():
        assert sweep_orphans(cast.db, cast.files, NOW) == []
    assert sweep_orphans(cast.db, cast.files, NOW) == [f"ab/{'ab' * 32}"]


# Damage


@on_sqlite
def test_a_lost_file_stops_the_backup_unless_the_rest_is_asked_for(
    cast: Cast, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    (lost,) = contents(cast.files)
    cast.files.path(lost).unlink()
    with pytest.raises(BackupImpossible, match=lost):
        back_up(cast, tmp_path / "a.tar")
    assert not list(tmp_path.glob("*a.tar*")) + list(tmp_path.glob(".a.tar*"))
    assert back_up(cast, tmp_path / "a.tar", despite_damage=True).missing == [lost]
    assert elsewhere.restore(tmp_path / "a.tar").manifest.missing == [lost]


@on_sqlite
def test_an_altered_file_is_never_taken_for_the_one_that_was_signed(cast: Cast, tmp_path: Path) -> None:
    (sha256,) = contents(cast.files)
    cast.files.path(sha256).write_bytes(b"autre chose")
    with pytest.raises(BackupImpossible, match=sha256):
        back_up(cast, tmp_path / "a.tar")
    assert back_up(cast, tmp_path / "a.tar", despite_damage=True).missing == [sha256]


def test_an_altered_journal_is_restored_only_on_purpose(
    cast: Cast, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    change(cast, sa.update(AUDIT_ENTRY).where(AUDIT_ENTRY.c.event == "sign_off.recorded").values(payload={}))
    back_up(cast, tmp_path / "a.tar")
    with pytest.raises(RestoreImpossible, match="altéré"):
        elsewhere.restore(tmp_path / "a.tar")
    assert elsewhere.is_empty()
    assert len(elsewhere.restore(tmp_path / "a.tar", despite_damage=True).damage) > 1


def test_code_that_is_not_ours_is_not_restored(cast: Cast, elsewhere: Elsewhere, tmp_path: Path) -> None:
    with cast.db.write_statements() as connection:
        connection.exec_driver_sql("CREATE VIEW mine AS SELECT 1 AS one")
    back_up(cast, tmp_path / "a.tar")
    with pytest.raises(UnusableBackup, match="code"):
        elsewhere.restore(tmp_path / "a.tar")
    assert elsewhere.is_empty()


# Killed


def kill(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die(act: Callable[[], object], module: Any, place: str) -> None:
    setattr(module, place, kill)
    act()


def killed_at(act: Callable[[], object], module: Any, place: str) -> None:
    child = multiprocessing.get_context("fork").Process(target=die, args=(act, module, place))
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL


@on_sqlite
@pytest.mark.parametrize("place", ["_write", "_add", "sync_folder"])
def test_a_killed_backup_leaves_no_half_archive(cast: Cast, tmp_path: Path, place: str) -> None:
    target = tmp_path / "a.tar"
    cast.db.close()
    killed_at(lambda: back_up(cast, target), actions.backup.write_backup, place)
    assert target.exists() == (place == "sync_folder")  # renamed by then: it is whole
    target.unlink(missing_ok=True)
    back_up(cast, target)
    assert [path.name for path in tmp_path.iterdir() if "a.tar" in path.name] == ["a.tar"]


@pytest.mark.parametrize("place", ["restored_files", "_upgrade", "_verify", "_finish", "_end_sessions"])
def test_a_killed_restoration_starts_nothing_and_begins_again(
    cast: Cast, elsewhere: Elsewhere, tmp_path: Path, place: str
) -> None:
    back_up(cast, tmp_path / "a.tar")
    cast.db.close()
    killed_at(lambda: elsewhere.restore(tmp_path / "a.tar"), actions.backup.restore_backup, place)
    with pytest.raises(RestoreUnfinished):
        upgrade_database(elsewhere.db)
    elsewhere.db.close()
    elsewhere.restore(tmp_path / "a.tar")
    upgrade_database(elsewhere.db)
    assert verify_journal(elsewhere.db).tamperings == []
    assert contents(elsewhere.files) == contents(cast.files)


def test_nothing_is_restored_over_a_system(cast: Cast, elsewhere: Elsewhere, tmp_path: Path) -> None:
    back_up(cast, tmp_path / "a.tar")
    elsewhere.restore(tmp_path / "a.tar")
    before = rows(elsewhere.db)
    with pytest.raises(RestoreImpossible, match="n’est pas vide"):
        elsewhere.restore(tmp_path / "a.tar")
    same_database = Elsewhere(elsewhere.db.url, tmp_path / "vide")
    with pytest.raises(RestoreImpossible, match="n’est pas vide"):
        same_database.restore(tmp_path / "a.tar")
    same_database.db.close()
    assert rows(elsewhere.db) == before


# Under load


def sign_and_withdraw(cast: Cast, code: str, until: Any, acknowledged: Any) -> None:
    """One city decides again and again; each sign-off is told with the instant of its acknowledgement."""
    db = Database(cast.db.url)
    mayor, request = cast.mayor(code), request_of(cast, code)
    while not until.is_set():
        number = sign_off(db, mayor, request, now=datetime.now(UTC))
        acknowledged.put((number, datetime.now(UTC)))
        withdraw_sign_off(
            db,
            mayor,
            SignOffWithdrawal(cast.slug, "constitution", NOTE, party_code=code, reason="À revoter"),
            now=datetime.now(UTC),
        )
    db.close()


def request_of(cast: Cast, code: str) -> SignOffRequest:
    deliverable = cast.deliverable(NOTE)
    return SignOffRequest(
        identity(deliverable), identity(cast.party(code)), deliverable.sha256 or "", Decision.approved
    )


@pytest.mark.trials
def test_every_fact_acknowledged_before_the_backup_is_in_it(
    cast: Cast, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    fork = multiprocessing.get_context("fork")
    cast.withdraw(NOTE, BOURGES)  # so that the gate never turns
    until, acknowledged = fork.Event(), fork.Queue()
    cast.db.close()
    writers = [
        fork.Process(target=sign_and_withdraw, args=(cast, code, until, acknowledged))
        for code in (GUICHEN, MANTES)
    ]
    for writer in writers:
        writer.start()
    facts = [acknowledged.get(timeout=120) for _ in range(20)]
    taken = []
    for number in range(2):
        taken.append(back_up(cast, tmp_path / f"{number}.tar", now=datetime.now(UTC)).taken_at)
        facts += [acknowledged.get(timeout=120) for _ in range(20)]
    until.set()
    while any(writer.is_alive() for writer in writers) or not acknowledged.empty():
        with suppress(queue.Empty):
            facts.append(acknowledged.get(timeout=0.1))
    elsewhere.restore(tmp_path / "0.tar")
    with elsewhere.db.read() as session:
        there = set(session.exec(select(SignOff.id)))
    lost = [number for number, instant in facts if instant < taken[0] and number not in there]
    after = [number for number, _ in facts if number not in there]
    assert lost == []
    assert after  # else the backup was not taken among the facts, and the test has shown nothing
    assert verify_journal(elsewhere.db).tamperings == []

"""A process that does not share the system's secret and files is refused when it starts, not found out by people."""

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cast import Cast
from sqlmodel import select

from actions.system.join_system import MARK, adopt, join_system, join_when_possible
from database.engine import Database
from models.backup import fingerprint
from models.process_agreement import OtherFiles, OtherSecret, ProcessAgreement
from queries.ledger.named_contents import named_contents

SECRET, OTHER = "la clé du système", "une autre clé"


def agreement(db: Database) -> ProcessAgreement:
    with db.read() as session:
        return session.exec(select(ProcessAgreement)).one()


def test_the_first_process_decides_and_its_like_follow(db: Database, tmp_path: Path) -> None:
    for _ in range(2):
        join_system(db, SECRET, tmp_path / "files")
    assert agreement(db).secret_fingerprint == fingerprint(SECRET)
    assert (tmp_path / "files" / MARK).read_text().strip() == agreement(db).files_mark
    assert SECRET not in str(agreement(db))


def test_another_secret_is_refused_in_a_sentence_that_shows_neither(db: Database, tmp_path: Path) -> None:
    join_system(db, SECRET, tmp_path)
    with pytest.raises(OtherSecret, match="PROJET_PARTAGE_SECRET_KEY") as refused:
        join_system(db, OTHER, tmp_path)
    assert SECRET not in str(refused.value)
    assert OTHER not in str(refused.value)
    join_system(db, SECRET, tmp_path)  # nothing was changed


def test_another_folder_is_refused_whatever_it_holds(db: Database, tmp_path: Path) -> None:
    join_system(db, SECRET, tmp_path / "shared")
    with pytest.raises(OtherFiles, match="montez-y le dossier partagé"):
        join_system(db, SECRET, tmp_path / "forgotten mount")
    (tmp_path / "of another system").mkdir()
    (tmp_path / "of another system" / MARK).write_text("f00")
    with pytest.raises(OtherFiles):
        join_system(db, SECRET, tmp_path / "of another system")


def test_two_first_starts_at_once_agree(db: Database, tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def join(number: int) -> str:
        start.wait()
        try:
            join_system(db, f"clé {number % 2}", tmp_path / f"files {number % 2}")
        except (OtherSecret, OtherFiles) as refusal:
            return type(refusal).__name__
        return "joined"

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(join, range(8)))
    assert sorted(ends) == ["OtherSecret"] * 4 + ["joined"] * 4


def test_files_put_back_without_their_mark_are_the_systems_when_they_are_all_there(
    at: Callable[[str], Cast], tmp_path: Path
) -> None:
    cast = at("charter in review")
    folder = Path(shutil.copytree(cast.files.folder, tmp_path / "restored"))
    join_system(cast.db, SECRET, folder)
    (folder / MARK).unlink()
    with pytest.raises(OtherFiles):
        join_system(cast.db, SECRET, tmp_path / "empty")
    join_system(cast.db, SECRET, folder)
    assert (folder / MARK).read_text().strip() == agreement(cast.db).files_mark
    (folder / MARK).unlink()
    with cast.db.read() as session:
        lost = min(named_contents(session.connection()))
    (folder / lost[:2] / lost).unlink()
    with pytest.raises(OtherFiles):
        join_system(cast.db, SECRET, folder)


def test_the_operator_may_change_both_on_purpose(db: Database, tmp_path: Path) -> None:
    join_system(db, SECRET, tmp_path / "before")
    adopt(db, OTHER, tmp_path / "after")
    join_system(db, OTHER, tmp_path / "after")
    with pytest.raises(OtherSecret):
        join_system(db, SECRET, tmp_path / "after")


def test_a_process_waits_for_the_migrations_and_stops_when_asked(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    stop = threading.Event()
    waiting = threading.Thread(target=join_when_possible, args=(db, SECRET, tmp_path, stop))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    stop.set()
    waiting.join(30)
    assert not waiting.is_alive()
    db.close()

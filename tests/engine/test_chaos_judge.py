"""The judge of the long trials sees what is planted: a fact or a mail lost, doubled, changed, a stage left open."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest
from flows_system import now
from source_files import ROOT, imported

from actions.stages.close_stage import close_stage
from chaos.judge.mails import identity_of
from chaos.judge.sql import open_sql
from chaos.judge.verdict import Verdict, judge
from chaos.ledger import Ledger
from chaos.load.__main__ import Player
from chaos.load.by_actions import ByActions
from chaos.load.outcome import Place
from chaos.plan import read_plan
from database.engine import Database

pytestmark = pytest.mark.trials


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three projects signed by clients, closed, and each mail of theirs in a mailbox: all is well."""
    folder = tmp_path_factory.mktemp("chaos")
    environment = {"PROJET_PARTAGE_DATA_DIR": str(folder / "data"), "PATH": ""}
    (folder / "data").mkdir()
    command = [sys.executable, "-m", "chaos.prepare", str(folder), "--stages", "3", "--seed", "3"]
    subprocess.run(command, check=True, env=environment, cwd=folder)
    _sign(folder)
    db = Database(_url(folder))
    with open_sql(_url(folder)) as sql:
        stages = [row["id"] for row in sql.rows("SELECT id FROM stage WHERE status = 'signed_off'")]
    assert [close_stage(db, stage, now=now()) for stage in stages] == [True] * 3
    db.close()
    _send(folder)
    return folder


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'data' / 'projet-partage.db'}"


def _sign(folder: Path) -> None:
    people = json.loads((folder / "people.json").read_text(encoding="utf-8"))
    for plan in sorted(folder.glob("*.plan")):
        client = ByActions(Place("", _url(folder), folder / "data" / "files"), people)
        with Ledger(folder / f"{plan.stem}.ledger") as ledger:
            player = Player(client, ledger, seconds=60)
            for chain in read_plan(plan):
                player.play(chain)
        client.close()


def _send(folder: Path) -> None:
    (folder / "mail" / "new").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "data" / "projet-partage.db")) as file, file:
        for number, key in file.execute("SELECT id, key FROM notice").fetchall():
            mail = EmailMessage()
            mail["Message-ID"] = f"<{identity_of(key)}@projets.example>"
            (folder / "mail" / "new" / str(number)).write_bytes(mail.as_bytes())
        file.execute("UPDATE notice SET sent_at = created_at")


@pytest.fixture
def play(played: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    folder = tmp_path / "play"
    shutil.copytree(played, folder)
    return folder


def _judged(folder: Path) -> Verdict:
    return judge(_url(folder), folder, [folder / "mail"])


def test_what_went_well_is_found_well(play: Path) -> None:
    verdict = _judged(play)
    assert verdict.broken == {}
    assert verdict.account.acknowledged >= 12
    assert verdict.closed == 3
    assert verdict.mails.owed > 30
    assert verdict.mails.doubled == []


SQL = {
    "facts lost": [
        "DELETE FROM sign_off WHERE id = 2",
        "UPDATE sign_off SET decision = 'refused' WHERE id = 1",
        "UPDATE sign_off SET signed_by = 1 WHERE id = 3",
        "DELETE FROM audit_entry WHERE event = 'sign_off.recorded' AND seq = (SELECT MAX(seq) FROM audit_entry "
        "WHERE event = 'sign_off.recorded')",
    ],
    "facts doubled": [
        "DROP INDEX uq_sign_off_one_live_seat; CREATE TABLE again AS SELECT * FROM sign_off WHERE id = 1; "
        "UPDATE again SET id = 999; INSERT INTO sign_off SELECT * FROM again; DROP TABLE again",
        "INSERT INTO audit_entry SELECT 9999, journal_id, seq + 1000, at, event, actor_id, auth_method, party_code, "
        "payload, previous_hash, hash FROM audit_entry WHERE event = 'sign_off.recorded' LIMIT 1",
    ],
    "facts nobody asked for": ["UPDATE sign_off SET sha256 = 'autre' WHERE id = 1"],
    "journal broken": [
        "UPDATE audit_entry SET payload = '{}' WHERE event = 'stage.closed'",
        "UPDATE audit_entry SET at = '2026-01-01 00:00:00.000000' WHERE seq = 4",
        "DELETE FROM audit_entry WHERE seq = 3",
        "UPDATE journal SET seq = seq + 1",
    ],
    "mails lost": [
        "DELETE FROM notice WHERE message = 'sign_off_given_for_signatory'",
        "DELETE FROM notice WHERE id = (SELECT MAX(id) FROM notice WHERE message = 'stage_closed')",
        "INSERT INTO notice (key, recipient_id, message, payload, is_held, created_at, next_try_at, attempts) "
        "VALUES ('stage_closed:stage-99:1', 1, 'stage_closed_for_agent', '{}', 0, '2026-11-28', '2026-11-28', 0)",
    ],
    "stages left open": ["UPDATE stage SET status = 'signed_off' WHERE status = 'closed'"],
    "stages closed too soon": ["UPDATE sign_off SET withdrawn_at = at WHERE id = 3"],
}


@pytest.mark.parametrize(("promise", "change"), [(name, sql) for name, every in SQL.items() for sql in every])
def test_what_is_changed_in_the_database_is_seen(play: Path, promise: str, change: str) -> None:
    with closing(sqlite3.connect(play / "data" / "projet-partage.db")) as file, file:
        for trigger in ("audit_entry_no_update", "audit_entry_no_delete"):  # as who forges would
            file.execute(f"DROP TRIGGER {trigger}")
        file.executescript(change)
    assert promise in _judged(play).broken


def _lose_a_mail(folder: Path) -> None:
    next((folder / "mail" / "new").iterdir()).unlink()


def _forget_an_answer(folder: Path) -> None:
    ledger = max(folder.glob("*.ledger"), key=lambda file: file.stat().st_size)
    ledger.write_bytes(b"\n".join(ledger.read_bytes().splitlines()[:-1]))


def _say_no(folder: Path) -> None:
    for ledger in folder.glob("*.ledger"):
        said = ledger.read_text(encoding="utf-8")
        ledger.write_text(said.replace("acknowledged", "refused").replace('"number"', '"why"'))


def _answer_500(folder: Path) -> None:
    with Ledger(folder / "looks.ledger") as ledger:
        ledger.note("seen", path="/", status=500)


@pytest.mark.parametrize(
    ("promise", "spoil"),
    [
        ("mails lost", _lose_a_mail),
        ("not answered in time", _forget_an_answer),
        ("told no, though recorded", _say_no),
        ("HTTP 500", _answer_500),
    ],
)
def test_what_is_changed_around_it_is_seen(play: Path, promise: str, spoil: Callable[[Path], None]) -> None:
    spoil(play)
    assert promise in _judged(play).broken


def test_a_mail_that_came_twice_is_counted(play: Path) -> None:
    mail = next((play / "mail" / "new").iterdir())
    shutil.copy(mail, mail.with_name("encore"))
    verdict = _judged(play)
    assert len(verdict.mails.doubled) == 1
    assert verdict.broken == {}  # one Message-ID: mail readers fold it


def test_the_judge_imports_nothing_of_what_it_judges() -> None:
    files = [*(ROOT / "chaos" / "judge").glob("*.py"), ROOT / "chaos" / "ledger.py"]
    names = {name for file in files for name in imported(file)}
    ours = {folder.name for folder in ROOT.iterdir() if (folder / "__init__.py").exists()} | {
        "settings",
        "cli",
    }
    assert {name for name in names if name.partition(".")[0] in ours} <= {
        f"chaos.{name}"
        for name in ("ledger", "judge.facts", "judge.journal", "judge.mails", "judge.sql", "judge.stages")
    }

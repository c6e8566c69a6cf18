"""`projet-partage demo`: the real project, from its first meeting to its follow-up, nobody at the keyboard."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prefect_system import free_port
from sqlmodel import col, select
from system_processes import processes_of

from database.engine import Database
from models.notice import Notice
from models.shared_project import ProjectStatus, SharedProject
from models.sign_off import Decision, SignOff
from queries.ledger.verify_journal import verify_journal
from settings import Settings

pytestmark = pytest.mark.prefect


@pytest.mark.trials
@pytest.mark.timeout(1000)
def test_the_demonstration_plays_the_project_to_its_end(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None, data_dir=tmp_path / "var", prefect_port=free_port(), mail_port=free_port()
    )
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PROJET_PARTAGE_DATA_DIR": str(settings.data_dir),
        "PROJET_PARTAGE_PREFECT_PORT": str(settings.prefect_port),
        "PROJET_PARTAGE_MAIL_PORT": str(settings.mail_port),
    }
    command = [sys.executable, "-m", "cli", "demo", "--speed", "fast"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "refuse" in done.stdout
    assert "avec une réserve" in done.stdout
    db = Database(settings.domain_url)
    with db.read() as session:
        (project,) = session.exec(select(SharedProject))
        decisions = list(session.exec(select(SignOff.decision)))
        owed = session.exec(select(Notice).where(col(Notice.sent_at).is_(None))).all()
        sent = len(session.exec(select(Notice.id)).all())
    assert project.status is ProjectStatus.in_follow_up
    assert {Decision.refused, Decision.approved_with_reservations} <= set(decisions)
    assert owed == []
    assert len(list((settings.data_dir / "mail" / "new").iterdir())) == sent
    assert verify_journal(db).tamperings == []
    db.close()
    assert processes_of(settings) == set()

"""The short form of `make chaos`: the system is broken on purpose, and heals without anybody's command."""

import subprocess
import sys
from pathlib import Path

import pytest

from chaos.postgres import binaries

pytestmark = [pytest.mark.trials, pytest.mark.timeout(1500)]


def play(folder: Path, *options: str) -> str:
    """What the trial printed; fails when a promise was not kept."""
    command = [sys.executable, "-m", "chaos", "--short", "--quick", "--seconds", "600", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_no_fact_and_no_mail_is_lost_to_killed_processes_and_a_lost_prefect(tmp_path: Path) -> None:
    assert "one_of_each" in play(tmp_path, "--only", "one_of_each")


@pytest.mark.skipif(binaries() is None, reason="there is no PostgreSQL to start here")
def test_no_fact_and_no_mail_is_lost_to_a_postgresql_that_crashes(tmp_path: Path) -> None:
    assert "postgres_restarted" in play(tmp_path, "--only", "postgres_restarted")

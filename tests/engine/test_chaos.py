"""The short form of `make chaos`: the system is broken on purpose, and heals without anybody's command."""

import subprocess
import sys
from pathlib import Path

import pytest

from chaos.postgres import binaries

pytestmark = [pytest.mark.trials, pytest.mark.timeout(2400)]


def test_no_fact_and_no_mail_is_lost_and_all_heals_by_itself(tmp_path: Path) -> None:
    """On a PostgreSQL that crashes too, where there is one."""
    chosen = ["--only", "one_of_each", "--short", "--quick", *(["--postgres"] if binaries() else [])]
    done = subprocess.run(
        [sys.executable, "-m", "chaos", *chosen], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "one_of_each" in done.stdout.splitlines()[-1]

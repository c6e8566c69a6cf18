"""Every command of docs/production.md that needs no machine of its own is run, on the set-up of `make scale`."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from postgres_copies import POSTGRES
from production_page import ROOT, Command, commands
from scaled_setup import Scaled
from sqlalchemy import make_url

pytest_plugins = ["scaled_fixtures"]
pytestmark = [pytest.mark.trials, pytest.mark.prefect, pytest.mark.timeout(600)]

DATABASES = [each for each in commands() if "psql" in each.text]
HERE = [each for each in commands() if not each.needs_a_machine and not each.is_setting]


@pytest.mark.parametrize("command", HERE, ids=lambda command: command.text.split("#")[0].strip()[:60])
def test_a_command_of_the_page_runs(scaled: Scaled, command: Command, tmp_path: Path) -> None:
    settings = scaled.status["settings"]
    site = {"SITE": settings["PROJET_PARTAGE_BASE_URL"], "SITE_CERTIFICATE": str(scaled.folder / "site.pem")}
    site["BACKUPS"] = str(tmp_path)
    done = subprocess.run(
        ["/bin/sh", "-ec", command.text], cwd=ROOT, env={"PATH": os.environ["PATH"], **settings, **site},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_databases_are_made_apart_and_prefect_may_migrate_its_own(scaled: Scaled) -> None:
    """The page's own SQL, under other names; then Prefect's migrations as the role that it made."""
    (command,) = DATABASES
    url = make_url(POSTGRES)
    domain, prefect = f"pp_page_{os.getpid()}", f"pp_page_prefect_{os.getpid()}"
    text = command.text.removeprefix("sudo -u postgres ")
    for name, here in (("projet_partage", domain), ("prefect", prefect)):
        text = re.sub(rf"\b{name}\b", here, text)
    server = {
        "PGHOST": url.host or "127.0.0.1", "PGPORT": str(url.port or 5432), "PGUSER": url.username or "postgres",
        "PGPASSWORD": str(url.password or ""), "PGDATABASE": url.database or "postgres", "PATH": os.environ["PATH"],
    }  # fmt: skip
    run = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 240, "check": False}
    try:
        made = subprocess.run(["/bin/sh", "-ec", text], env=server, **run)  # type: ignore[call-overload]
        assert made.returncode == 0, made.stderr
        own = url.set(
            drivername="postgresql+asyncpg", database=prefect, username=prefect, password="CHANGE_ME"
        )
        settings = scaled.status["settings"] | {
            "PROJET_PARTAGE_PREFECT_DATABASE_URL": own.render_as_string(hide_password=False)
        }
        migrate = ["/bin/sh", "-ec", ".venv/bin/projet-partage run prefect-database"]
        done = subprocess.run(migrate, env=settings | {"PATH": server["PATH"]}, **run)  # type: ignore[call-overload]
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        for kind in ("DATABASE", "ROLE"):
            for name in (domain, prefect):
                statement = f'DROP {kind} IF EXISTS "{name}"'
                subprocess.run(["psql", "-qc", statement], env=server, check=False)

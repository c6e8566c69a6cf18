"""`projet-partage backup` and `restore` at the command line: what they say, and what they refuse in one sentence."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine

from database.engine import Database
from models.periodic_round import BACKUP, PeriodicRound
from settings import settings

pytestmark = pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    yield CommandLine(db, tmp_path, monkeypatch)
    settings.cache_clear()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Call ``move`` to have the commands work in this empty folder."""
    return tmp_path / "ailleurs"


def move(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROJET_PARTAGE_DATA_DIR", str(folder))
    monkeypatch.setenv("PROJET_PARTAGE_DATABASE_URL", "")
    settings.cache_clear()


def test_a_system_goes_from_one_folder_to_another(
    cli: CommandLine, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = cli.in_review()
    archive = cli.folder / "a.tar"
    made = cli.json("backup", archive)
    move(elsewhere, monkeypatch)
    back = cli.json("restore", archive, "--sha256", made["sha256"].upper())
    assert back["holds_until"] == made["taken_at"]
    with cli.db.read() as session:
        assert session.get_one(PeriodicRound, BACKUP).completed_at is not None
    assert back["entries"] == made["entries"] > 0
    assert (elsewhere / "files" / sha256[:2] / sha256).read_text() == "Un document."
    assert "Journal intact" in cli.ok("audit", "verify")
    assert stat.S_IMODE((elsewhere / "projet-partage.db").stat().st_mode) == 0o600
    assert {each.name for each in elsewhere.iterdir()} == {"files", "projet-partage.db"}


def test_people_read_until_when_nothing_is_lost(
    cli: CommandLine, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = cli.ok("backup", cli.folder / "a.tar").replace("\u00a0", " ")
    assert "Tout ce qui était enregistré le " in output
    assert "La clé secrète n’y est pas (repère " in output
    move(elsewhere, monkeypatch)
    result = cli.run("restore", cli.folder / "a.tar")
    assert "Rien n’est perdu jusqu’au " in result.stdout
    assert "La clé secrète n’est pas celle de la sauvegarde" in result.stderr


def test_the_secret_key_is_kept_only_when_asked_for(
    cli: CommandLine, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = settings().secret()
    cli.ok("backup", cli.folder / "a.tar")
    assert secret.encode() not in (cli.folder / "a.tar").read_bytes()
    cli.ok("backup", cli.folder / "b.tar", "--with-secret-key")
    move(elsewhere, monkeypatch)
    assert cli.json("restore", cli.folder / "b.tar")["has_secret_key"]
    assert (elsewhere / "secret_key").read_text() == secret
    assert stat.S_IMODE((elsewhere / "secret_key").stat().st_mode) == 0o600


def test_the_key_put_back_first_is_recognised_and_never_replaced(
    cli: CommandLine, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.ok("backup", cli.folder / "a.tar", "--with-secret-key")
    elsewhere.mkdir()
    (elsewhere / "secret_key").write_text("une autre")
    move(elsewhere, monkeypatch)
    assert not cli.json("restore", cli.folder / "a.tar")["has_secret_key"]
    assert (elsewhere / "secret_key").read_text() == "une autre"


def test_settings_that_are_not_those_of_then_are_named(
    cli: CommandLine, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROJET_PARTAGE_BASE_URL", "https://projets.example")
    settings.cache_clear()
    cli.ok("backup", cli.folder / "a.tar")
    monkeypatch.delenv("PROJET_PARTAGE_BASE_URL")
    move(elsewhere, monkeypatch)
    before = cli.json("restore", cli.folder / "a.tar")["settings_before"]
    assert before == {"PROJET_PARTAGE_BASE_URL": "https://projets.example"}


def test_no_secret_of_the_settings_is_in_the_archive(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("APPRISE_URLS", "SECRET_KEY", "PROCONNECT_CLIENT_SECRET"):
        monkeypatch.setenv(f"PROJET_PARTAGE_{name}", f"mailto://u:motdepasse-{name}@smtp.example")
    settings.cache_clear()
    cli.ok("backup", cli.folder / "a.tar")
    assert b"motdepasse" not in (cli.folder / "a.tar").read_bytes()


def test_a_backup_is_never_replaced(cli: CommandLine) -> None:
    cli.ok("backup", cli.folder / "a.tar")
    before = (cli.folder / "a.tar").read_bytes()
    assert "existe déjà" in cli.refused("backup", cli.folder / "a.tar")
    assert (cli.folder / "a.tar").read_bytes() == before


def test_the_folder_of_a_backup_must_be_there(cli: CommandLine) -> None:
    assert "n’existe pas" in cli.refused("backup", cli.folder / "nulle part" / "a.tar")


def test_nothing_is_made_to_be_backed_up(
    cli: CommandLine, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move(elsewhere, monkeypatch)
    assert "rien à sauvegarder" in cli.refused("backup", cli.folder / "a.tar")
    assert not (elsewhere / "projet-partage.db").exists()


@pytest.mark.parametrize("content", [b"", b"un texte", b"\x1f\x8b" + os.urandom(2000), os.urandom(20_000)])
def test_what_is_no_backup_is_refused(
    cli: CommandLine, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (cli.folder / "a.tar").write_bytes(content)
    move(elsewhere, monkeypatch)
    assert "n’est pas une sauvegarde utilisable" in cli.refused("restore", cli.folder / "a.tar")
    assert "n’est pas un fichier" in cli.refused("restore", cli.folder / "b.tar")


def test_another_archive_than_the_one_expected_is_refused(
    cli: CommandLine, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.ok("backup", cli.folder / "a.tar")
    move(elsewhere, monkeypatch)
    refusal = cli.refused("restore", cli.folder / "a.tar", "--sha256", "0" * 64)
    assert "n’est pas l’archive attendue" in refusal


def test_nothing_is_restored_over_what_is_there(cli: CommandLine) -> None:
    cli.ok("backup", cli.folder / "a.tar")
    (cli.folder / "data" / "a.txt").write_text("à moi")
    assert "n’est pas vide (« a.txt »)" in cli.refused("restore", cli.folder / "a.tar")
    shutil.rmtree(cli.folder / "data")
    assert "n’est pas vide" in cli.refused("restore", cli.folder / "a.tar")


def test_an_interrupted_restoration_is_told_by_every_command(
    cli: CommandLine, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.ok("backup", cli.folder / "a.tar")
    move(elsewhere, monkeypatch)
    cli.ok("restore", cli.folder / "a.tar")
    there = Database(settings().domain_url)
    with there.write_statements() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    there.close()
    for words in (["project", "list"], ["database", "upgrade"], ["backup", cli.folder / "b.tar"], ["up"]):
        assert "Une restauration a été interrompue" in cli.refused(*words)
    (elsewhere / "restoring").touch()
    cli.ok("restore", cli.folder / "a.tar")
    cli.ok("project", "list")

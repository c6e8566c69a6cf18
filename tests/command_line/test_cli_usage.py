"""How the command line behaves: help, exit codes, pipes, programs, completion, its first use and its failures."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer.main
from command_line import AGENT, MAYORS, SEED, SLUG, CommandLine
from prefect_system import prefect_system, wait_until

import commands.project
from cli import COMMANDS, app
from commands.completion import (
    commitment_ids,
    deliverable_keys,
    emails,
    party_codes,
    project_slugs,
    stage_keys,
    strand_keys,
)
from database.engine import Database
from models.outbox import Nudge
from settings import settings

COMMAND = Path(sys.executable).parent / "projet-partage"
PROMISED = {
    "up": [""],
    "person": ["add"],
    "project": ["create", "import-anct", "list", "show", "pause", "resume", "cancel"],
    "stage": ["open"],
    "deliverable": ["submit"],
    "sign-off": ["give", "withdraw"],
    "delegation": ["add"],
    "commitment": ["list", "keep"],
    "reconcile": [""],
    "audit": ["verify", "log"],
    "export": ["deliberations"],
}


@pytest.fixture
def db_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One kind of database is enough for what does not depend on it."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'domain.db')}"


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    yield CommandLine(db, tmp_path, monkeypatch)
    settings.cache_clear()


def installed(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The installed command, in a process of its own."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PROJET_PARTAGE_")
    }
    return subprocess.run(
        [COMMAND, *arguments],
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("words", [[name, word] for name, words in PROMISED.items() for word in words])
def test_each_promised_command_has_its_help_in_french(cli: CommandLine, words: list[str]) -> None:
    result = cli.run(*filter(None, words), "--help")
    assert result.exit_code == 0
    assert "Affiche cette aide." in result.stdout
    assert "Show this message" not in result.stdout


def test_every_command_is_listed_and_loads(cli: CommandLine) -> None:
    shown = cli.ok("--help")
    assert "Commandes" in shown
    for name in COMMANDS:
        assert f" {name} " in shown
        assert cli.run(name, "--help").exit_code == 0


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (["proyet"], "la commande « proyet » n’existe pas"),
        (["project", "shwo"], "la commande « shwo » n’existe pas"),
        (["project", "show"], "il manque « PROJET »"),
        (["project", "show", "a", "b"], "« b » est de trop"),
        (["project", "pause", "a", "--as", "b"], "l’option « --reason » est obligatoire"),
        (["project", "pause", "a", "--motif", "b"], "l’option « --motif » n’existe pas"),
        (
            ["person", "add", "a", "--name", "b", "--role", "maire"],
            "écrivez l’une de ces valeurs : agency_agent (agent de l’ANCT)",
        ),
        (
            ["commitment", "keep", "un", "--as", "a", "--evidence", "b"],
            "« NUMÉRO » : « un » n’est pas un nombre entier",
        ),
        (
            ["stage", "extend", "a", "b", "--until", "demain", "--reason", "c", "--as", "d"],
            "« demain » n’est pas une date",
        ),
    ],
)
def test_wrong_usage_is_one_french_sentence_and_exit_2(
    cli: CommandLine, words: list[str], refusal: str
) -> None:
    result = cli.run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert refusal in result.stderr.replace("\u00a0", " ")
    assert "--help" in result.stderr


def test_a_number_that_no_delegation_can_have_is_wrong_usage(cli: CommandLine) -> None:
    result = cli.run("delegation", "revoke", str(2**63), "--as", AGENT)
    assert result.exit_code == 2
    assert "écrivez un nombre au plus égal à 2147483647" in result.stderr.replace("\u00a0", " ")


def test_the_installed_command_refuses_with_1_and_misuse_with_2(db_url: str, tmp_path: Path) -> None:
    variables = {"PROJET_PARTAGE_DATABASE_URL": db_url, "PROJET_PARTAGE_DATA_DIR": str(tmp_path)}
    refused = installed("project", "show", "inconnu", **variables)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert len(refused.stderr.splitlines()) == 1
    assert installed("project", "shwo", **variables).returncode == 2
    listed = installed("project", "list", "--json", **variables)
    assert (listed.returncode, json.loads(listed.stdout)) == (0, [])


def test_a_pipe_gets_whole_lines_without_colours(db_url: str, tmp_path: Path) -> None:
    variables = {
        "PROJET_PARTAGE_DATABASE_URL": db_url,
        "PROJET_PARTAGE_DATA_DIR": str(tmp_path),
        "COLUMNS": "20",
        "TERM": "xterm-256color",
        "FORCE_COLOR": "1",
    }
    title = "Un titre très long " * 9
    text = SEED.read_text(encoding="utf-8").replace("title: Démocratie culturelle", f"title: {title}")
    file = tmp_path / "projet.yaml"
    file.write_text(text, encoding="utf-8")
    assert installed("project", "create", str(file), **variables).returncode == 0
    shown = installed("project", "list", **variables).stdout
    assert "\x1b" not in shown
    assert title.strip() in shown
    assert len(shown.splitlines()) == 2


def test_a_new_database_is_brought_to_its_schema_on_first_use(tmp_path: Path) -> None:
    done = installed("project", "create", str(SEED), PROJET_PARTAGE_DATA_DIR=str(tmp_path / "neuf"))
    assert (done.returncode, done.stdout) == (0, f"{SLUG}\n")
    again = installed("database", "upgrade", "--json", PROJET_PARTAGE_DATA_DIR=str(tmp_path / "neuf"))
    assert json.loads(again.stdout) == {"upgraded": False}


def test_starting_imports_neither_prefect_nor_alembic(db_url: str, tmp_path: Path) -> None:
    program = (
        "import sys\nfrom cli import app\n"
        "try:\n    app(['project', 'list'])\nexcept SystemExit as end:\n    assert not end.code\n"
        "print(sorted({'prefect', 'alembic', 'fastapi', 'apprise'} & set(sys.modules)))"
    )
    variables = {"PROJET_PARTAGE_DATABASE_URL": db_url, "PROJET_PARTAGE_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_imports_no_database_library() -> None:
    program = (
        "import sys\nfrom cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "print('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.prefect
@pytest.mark.trials
def test_reconcile_says_what_it_repairs_and_that_a_healthy_system_needs_nothing(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with prefect_system(cli.folder / "prefect", env={"PROJET_PARTAGE_DATABASE_URL": cli.db.url}) as system:
        monkeypatch.setenv("PROJET_PARTAGE_PREFECT_URL", system.api_url)
        monkeypatch.setenv("PROJET_PARTAGE_PREFECT_AUTH", system.settings.prefect_login())
        settings.cache_clear()
        assert cli.ok("reconcile") == "Rien à réparer.\n"
        cli.ok("project", "create", SEED)
        cli.ok("stage", "open", SLUG, "constitution", "--as", AGENT)
        with cli.db.write_statements() as connection:
            connection.execute(sa.update(Nudge).values(created_at=datetime(2026, 1, 1, tzinfo=UTC)))
        assert "réparé" in cli.ok("reconcile")
        wait_until(lambda: cli.json("project", "show", SLUG)["stages"][0]["status"] == "open")
        wait_until(lambda: cli.json("reconcile") == [])


def test_an_export_goes_to_a_file_or_says_why_not(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    target = cli.folder / "deliberations.csv"
    assert cli.ok("export", "deliberations", SLUG, "--output", target) == ""
    assert target.read_text(encoding="utf-8").startswith("COLL_NOM,COLL_SIRET,DELIB_ID")
    refusal = cli.refused("export", "deliberations", SLUG, "--output", cli.folder / "absent" / "x.csv")
    assert "ne peut pas être écrit" in refusal


def test_people_are_answered_in_utf_8_whatever_the_locale(db_url: str, tmp_path: Path) -> None:
    variables = {"PROJET_PARTAGE_DATABASE_URL": db_url, "PROJET_PARTAGE_DATA_DIR": str(tmp_path)}
    latin = {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = installed(
        "stage", "open", "inconnu", "charter", "--as", "a@b.example", **variables, **latin
    ).stderr
    assert "n’est enregistré" in done


# --- failures ---


def test_a_database_that_does_not_answer_is_said_without_its_password(tmp_path: Path) -> None:
    variables = {
        "PROJET_PARTAGE_DATABASE_URL": "postgresql+psycopg://anct:tres-secret@127.0.0.1:9/base",
        "PROJET_PARTAGE_DATA_DIR": str(tmp_path),
    }
    done = installed("project", "list", **variables)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ne répond pas" in done.stderr
    assert "tres-secret" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("PROJET_PARTAGE_DATABASE_URL", "n’importe quoi"), ("PROJET_PARTAGE_WEB_PORT", "quatre-vingts")],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    done = installed("project", "list", **{"PROJET_PARTAGE_DATA_DIR": str(tmp_path)} | {name: value})
    assert done.returncode == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_of_a_later_version_is_left_alone(cli: CommandLine) -> None:
    with cli.db.write_statements() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "version plus récente du logiciel (schéma 9999)" in cli.refused("project", "list")


def test_the_unexpected_is_one_sentence_and_70_unless_debugging(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("mot de passe")

    monkeypatch.setattr(commands.project, "open_database", breaks)
    result = cli.run("project", "list")
    assert result.exit_code == 70
    assert "ZeroDivisionError" in result.stderr
    assert "mot de passe" not in result.stderr
    monkeypatch.setenv("PROJET_PARTAGE_DEBUG", "1")
    assert isinstance(cli.run("project", "list").exception, ZeroDivisionError)


# --- completion ---


def values(pairs: list[tuple[str, str]]) -> list[str]:
    return [value for value, _ in pairs]


def test_slugs_stages_deliverables_parties_and_people_are_completed(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    group = typer.main.get_command(app)
    context = group.make_context("projet-partage", [], resilient_parsing=True)
    context.params = {"slug": SLUG, "stage": "action_plan"}
    assert values(project_slugs(context, "demo")) == [SLUG]
    assert values(stage_keys(context, "c")) == ["constitution", "charter", "consultation"]
    assert values(deliverable_keys(context, "")) == ["plan_d_action", "feuille_de_route"]
    assert sorted(values(party_codes(context, ""))) == ["18033", "35126", "78361", "79191"]
    assert values(emails(context, "cam")) == [AGENT]
    assert MAYORS["79191"] in values(emails(context, "sol"))
    assert values(strand_keys(context, "")) == ["citizens", "professionals", "artistic_programme"]
    assert values(commitment_ids(context, "")) == []
    context.params = {"slug": "inconnu"}
    assert stage_keys(context, "") == []


@pytest.mark.trials
def test_the_shell_is_answered(db_url: str, tmp_path: Path) -> None:
    variables = {"PROJET_PARTAGE_DATABASE_URL": db_url, "PROJET_PARTAGE_DATA_DIR": str(tmp_path)}
    assert installed("project", "create", str(SEED), **variables).returncode == 0
    asked = {"_PROJET_PARTAGE_COMPLETE": "complete_bash"}
    for line, expected in (
        ("projet-partage sign", "sign-off"),
        ("projet-partage project sh", "show"),
        ("projet-partage project show demo", SLUG),
        (f"projet-partage stage open {SLUG} char", "charter"),
        (f"projet-partage stage open {SLUG} charter --as camille", AGENT),
    ):
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
        done = installed(**asked, **words, **variables)
        assert done.stdout.split() == [expected], (line, done.stdout, done.stderr)


def test_completion_is_quiet_when_nothing_can_be_read(tmp_path: Path) -> None:
    line = "projet-partage project show demo"
    asked = {"_PROJET_PARTAGE_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": "3"}
    done = installed(**asked, PROJET_PARTAGE_DATA_DIR=str(tmp_path / "absent"))
    assert (done.stdout.strip(), done.stderr) == ("", "")
    assert not (tmp_path / "absent").exists()

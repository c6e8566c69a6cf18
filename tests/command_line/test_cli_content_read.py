"""A command signs what was read: its hash is given, or it is shown and agreed to; never silently the newest."""

import io
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from cast import CITIES, NIORT, Cast
from command_line import CommandLine
from source_files import ROOT
from typer.testing import CliRunner

import commands.content_read as content_read
from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from cli import app
from settings import settings

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"


@pytest.fixture
def cast(at: At, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    cast = at("constitution in review")
    CommandLine(cast.db, cast.folder, monkeypatch)
    yield cast
    settings.cache_clear()


@pytest.fixture
def cli(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(cast.db, cast.folder, monkeypatch)


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_read, "has_terminal", lambda: True)


def give(cast: Cast, *more: str) -> list[str]:
    who = ["--party", NIORT, "--as", cast.mayor_email(NIORT), "--decision", "approved"]
    return ["sign-off", "give", cast.slug, "constitution", NOTE, *who, *more]


def sign_charter(*more: str) -> list[str]:
    return ["charter", "sign", "democratie-culturelle", "--as", "camille.roussel@anct.example", *more]


def words(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


# A program


def test_a_program_that_does_not_say_what_it_read_is_refused(cast: Cast, cli: CommandLine) -> None:
    told = words(cli.refused(*give(cast)))
    assert told.startswith("Rien ne se signe sans dire ce qui a été lu : ajoutez « --sha256 EMPREINTE »")
    assert "« Note de cadrage »" in told
    assert "projet-partage project show democratie-culturelle --json" in told
    assert cast.deliverable(NOTE).sha256 not in told, "what is copied from the refusal was read by nobody"


def test_an_answer_piped_in_is_not_a_person(cast: Cast) -> None:
    result = CliRunner().invoke(app, give(cast), input="oui\n")
    assert (result.exit_code, cast.sign_offs(NOTE)) == (1, [])


def test_so_is_who_records_an_act_on_paper(cast: Cast, cli: CommandLine) -> None:
    paper = ["--proof", str(cli.document("scan.pdf")), "--signed-on", f"{cast.today}"]
    assert "--sha256 EMPREINTE" in cli.refused(*give(cast, *paper))


def test_so_is_the_anct_before_the_charter(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = at("charter in review")
    cast.sign_all("charter")
    cli = CommandLine(cast.db, cast.folder, monkeypatch)
    assert "« Charte" in words(cli.refused(*sign_charter()))
    sha256 = cast.deliverable("charte").sha256 or ""
    assert cli.json(*sign_charter("--sha256", sha256))["sha256"] == sha256


def test_the_whole_hash_is_given_in_any_case(cast: Cast, cli: CommandLine) -> None:
    sha256 = cast.deliverable(NOTE).sha256 or ""
    assert cli.json(*give(cast, "--sha256", sha256.upper()))["sha256"] == sha256


@pytest.mark.parametrize("made", [lambda s: s[:12], lambda s: s[:63], lambda s: s + "0", lambda s: "g" * 64])
def test_the_beginning_of_a_hash_is_no_hash(cast: Cast, cli: CommandLine, made: Callable[[str], str]) -> None:
    result = cli.run(*give(cast, "--sha256", made(cast.deliverable(NOTE).sha256 or "")))
    assert result.exit_code == 2
    assert "n’est pas une empreinte entière" in words(result.stderr)
    assert cast.sign_offs(NOTE) == []


def test_another_content_than_the_current_one_is_refused(cast: Cast, cli: CommandLine) -> None:
    read = cast.deliverable(NOTE).sha256 or ""
    cast.submit(NOTE)
    told = words(cli.refused(*give(cast, "--sha256", read)))
    assert "Vous avez lu la version 1 de « Note de cadrage », et la version 2 l’a remplacée" in told


def test_what_there_is_not_yet_is_said_first(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = at("constitution open")
    cli = CommandLine(cast.db, cast.folder, monkeypatch)
    assert "n’a pas encore été déposé" in cli.refused(*give(cast))


# Somebody at a terminal


@pytest.mark.usefixtures("at_a_terminal")
@pytest.mark.parametrize("answer", ["oui\n", "O\n", "  OUI \n"])
def test_a_person_is_shown_the_document_and_says_yes(cast: Cast, answer: str) -> None:
    sha256, name = cast.deliverable(NOTE).sha256 or "", cast.agent.name
    result = CliRunner().invoke(app, give(cast, "--json"), input=answer)
    assert result.exit_code == 0, result.stderr
    shown = words(result.stderr)
    for said in (
        "« Note de cadrage », version 1",
        "fichier : document.md, ",
        " octets",
        f"par {name}",
        sha256,
    ):
        assert said in shown
    assert "voulez donner la décision « approuvé » pour Niort ? [oui/non]" in shown
    assert result.stdout.startswith("{"), "the question does not stand in what a program reads"
    assert [each.sha256 for each in cast.sign_offs(NOTE)] == [sha256]


@pytest.mark.usefixtures("at_a_terminal")
@pytest.mark.parametrize("answer", ["non\n", "\n", "", "yes\n", "ouiii\n"])
def test_anything_but_yes_signs_nothing(cast: Cast, answer: str) -> None:
    result = CliRunner().invoke(app, give(cast), input=answer)
    assert (result.exit_code, result.stdout, cast.sign_offs(NOTE)) == (1, "", [])
    assert "Rien n’est enregistré sur « Note de cadrage »" in words(result.stderr)


@pytest.mark.usefixtures("at_a_terminal")
def test_what_others_typed_draws_nothing_on_the_terminal(cast: Cast) -> None:
    with cast.db.write() as session:
        # As it was written before the models cleaned names: no type of a column sees it.
        written = sa.text("UPDATE person SET name = :name WHERE id = :id")
        session.connection().execute(
            written, {"name": "Camille\x1b[2J\u202e Roussel", "id": cast.agent.person_id}
        )
    result = CliRunner().invoke(app, give(cast), input="non\n")
    assert "par Camille?[2J? Roussel" in words(result.stderr)


@pytest.mark.usefixtures("at_a_terminal")
def test_a_version_submitted_while_they_read_is_not_signed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(question: str) -> bool:
        file = cast.files.receive_path(cast.write("Fermer le conservatoire."))
        submission = Submission(cast.slug, "constitution", NOTE, file)
        submit_deliverable(cast.db, cast.agent, submission, now=cast.now)
        return True

    monkeypatch.setattr(content_read, "_says_yes", meanwhile)
    result = CliRunner().invoke(app, give(cast))
    assert result.exit_code == 1
    assert "la version 2 l’a remplacée" in words(result.stderr)
    assert cast.sign_offs(NOTE) == []


@pytest.mark.usefixtures("at_a_terminal")
def test_the_anct_is_shown_the_charter(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = at("charter in review")
    cast.sign_all("charter")
    CommandLine(cast.db, cast.folder, monkeypatch)
    result = CliRunner().invoke(app, sign_charter(), input="oui\n")
    assert result.exit_code == 0, result.stderr
    assert "voulez signer la charte pour l’ANCT ? [oui/non]" in words(result.stderr)
    assert len(CITIES) == len(cast.sign_offs("charte"))


def test_a_terminal_is_two_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stdin, stderr, expected in (
        (Terminal(), Terminal(), True),
        (io.StringIO(), Terminal(), False),
        (Terminal(), io.StringIO(), False),
    ):
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys, "stderr", stderr)
        assert content_read.has_terminal() is expected


@pytest.mark.parametrize("shelf", ["sqlite"], indirect=True)
def test_on_a_real_terminal(cast: Cast) -> None:
    command = [sys.executable, "-c", "from cli import app; app()", *give(cast)]
    ours, theirs = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = _until(ours, "[oui/non]")
        os.write(ours, b"oui\n")
        rest = _until(ours, "empreinte")
        assert process.wait(60) == 0, rest
    os.close(ours)
    assert cast.deliverable(NOTE).sha256 in shown.replace("\r\n", "")
    assert len(cast.sign_offs(NOTE)) == 1


def _until(terminal: int, text: str) -> str:
    """What the terminal shows up to this text, or to its end."""
    shown = b""
    while text.encode() not in shown:
        try:
            read = os.read(terminal, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not read:
            break
        shown += read
    return shown.decode(errors="replace")

"""A disk that is full and a folder that is read-only, for real: told for what they are, and nothing half-written."""

import shutil
import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
from api import Api, problem
from cast import NIORT, Cast
from command_line import CommandLine
from shelf import Shelf
from site_of_tests import site_of

from actions.files.store_file import FileStore
from database.engine import Database
from notifications.mail_catcher import MailCatcher

NOTE = "note_de_cadrage"
FULL = "n’a plus de place sur son disque"
SIGN_OFFS = f"./stages/constitution/deliverables/{NOTE}/sign-offs"
VERSIONS = f"./stages/constitution/deliverables/{NOTE}/versions"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes, mounted for the test; skips where that is not allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    made = subprocess.run(mount, capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"pas de droit de monter un petit disque pour ce test : {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def cast(sqlite_shelf: Shelf, disk: Path) -> Iterator[Cast]:
    """A project whose database and files are on that disk."""
    taken = sqlite_shelf.take("constitution in review")
    taken.db.close()
    shutil.copy(taken.db.url.removeprefix("sqlite:///"), disk / "domain.db")
    moved = Cast(Database(f"sqlite:///{disk / 'domain.db'}"), disk, taken.slug)
    moved.set_clock(taken.now)
    shutil.copytree(taken.folder / "files", disk / "files", dirs_exist_ok=True)
    moved.files = FileStore(disk / "files")
    with closing(moved.db):
        yield moved
    sqlite_shelf.give_back(taken)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Somebody else takes all the room that is left."""
    file = disk / "of somebody else"
    with file.open("wb", buffering=0) as taken:
        try:
            while taken.write(b"x" * 4096):
                pass
        except OSError:
            pass
    yield
    file.unlink()


def body_of(cast: Cast) -> dict[str, str]:
    return {"party": NIORT, "decision": "approved", "sha256": cast.deliverable(NOTE).sha256 or ""}


def test_a_full_disk_is_told_by_pages_api_and_commands_and_leaves_nothing(
    cast: Cast, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, mayor = Api(cast), cast.mayor(NIORT)
    here.token(mayor)
    here.token(cast.agent)
    fields = {"partie": NIORT, "empreinte": body_of(cast)["sha256"], "decision": "approved", "motif": ""}
    give = ["sign-off", "give", cast.slug, "constitution", NOTE, "--party", NIORT]
    give += ["--as", cast.mayor_email(NIORT), "--decision", "approved", "--sha256", body_of(cast)["sha256"]]
    with site_of(cast) as site, site.client(mayor) as visitor:
        visitor.token()
        kept = sorted(each for each in (disk / "files").rglob("*") if each.is_file())
        with filled(disk):
            answer = here.post(mayor, SIGN_OFFS, json=body_of(cast))
            assert (problem(answer)["code"], answer.headers["retry-after"]) == ("disk-full", "60")
            assert FULL in problem(answer)["detail"]
            page = visitor.send(site.deliverable(NOTE), fields)
            assert (page.status_code, FULL in page.text) == (503, True)
            assert visitor.get(site.project).status_code == 200  # reading goes on
            assert FULL in CommandLine(cast.db, disk, monkeypatch).run(*give).stderr
            file = {"file": ("note.txt", b"Une note. " * 50_000)}
            sent = problem(here.post(cast.agent, VERSIONS, files=file))
            assert sent["status"] in (503, 507)
            assert "plus de place" in sent["detail"]
        assert sorted(
            each for each in (disk / "files").rglob("*") if each.is_file() and each.name != ".lock"
        ) == [each for each in kept if each.name != ".lock"]
        assert cast.sign_offs(NOTE) == []
        assert visitor.send(site.deliverable(NOTE), fields).status_code == 303


def test_a_folder_of_files_that_is_read_only_is_told_for_what_it_is(cast: Cast, disk: Path) -> None:
    here = Api(cast)
    here.token(cast.agent)
    bind = ["mount", "--bind", str(disk / "files"), str(disk / "files")]
    subprocess.run(bind, check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(disk / "files")], check=True)
    try:
        file = {"file": ("note.txt", b"Une note.")}
        answer = problem(here.post(cast.agent, VERSIONS, files=file))
        assert (answer["status"], answer["code"]) == (503, "read-only")
        assert "lecture seule" in answer["detail"]
        assert here.get(cast.agent, f"{VERSIONS}/1").status_code == 200
        assert here.post(cast.mayor(NIORT), SIGN_OFFS, json=body_of(cast)).status_code == 201
    finally:
        subprocess.run(["umount", "--lazy", str(disk / "files")], check=True)


def test_a_mail_that_finds_no_room_on_the_disk_is_refused_for_now(disk: Path) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Votre validation est attendue"
    mail.set_content("Bonjour. " * 2000)
    with MailCatcher(disk / "mail") as catcher, smtplib.SMTP("127.0.0.1", catcher.port, timeout=30) as sender:
        with filled(disk), pytest.raises(smtplib.SMTPDataError) as refused:
            sender.send_message(mail, "anct@projets.example", ["maire@ville.example"])
        assert (refused.value.smtp_code, catcher.mails()) == (452, [])
        sender.send_message(mail, "anct@projets.example", ["maire@ville.example"])
        assert [each["Subject"] for each in catcher.mails()] == [mail["Subject"]]

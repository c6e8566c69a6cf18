"""The local catcher of mails, and the other channels of Apprise."""

import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mail_examples import MAIL
from post_office import Hook, free_port, open_hook

from notifications.mail import TransportError, hang_up, local_catcher_url, send
from notifications.mail_catcher import MailCatcher


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[MailCatcher]:
    with MailCatcher(folder=tmp_path / "mail") as catcher:
        yield catcher
        hang_up()


# Other channels


@pytest.fixture
def hook() -> Iterator[int]:
    with open_hook() as port:
        yield port


def test_another_channel_gets_the_subject_and_the_text_part(hook: int) -> None:
    send(f"json://127.0.0.1:{hook}/", MAIL)
    (body,) = Hook.bodies
    assert "https://projets-partages.example/livrables/2?a=b&c=d" in body
    assert "Votre validation est attendue" in body
    assert "<p>" not in body


def test_another_channel_that_fails_is_an_error_without_the_secrets_of_its_address(hook: int) -> None:
    Hook.status = 500
    with pytest.raises(TransportError, match="json://") as failed:
        send(f"json://moi:s3cret@127.0.0.1:{hook}/jeton-s3cret", MAIL)
    assert not failed.value.permanent
    assert "s3cret" not in str(failed.value)


# The local catcher


def test_the_catcher_keeps_mails_in_a_maildir_that_outlives_it(tmp_path: Path) -> None:
    for number in range(2):
        with MailCatcher(folder=tmp_path / "boîte") as catcher:
            send(local_catcher_url(catcher.port), replace(MAIL, key=str(number)))
            hang_up()
    assert len(catcher.mails()) == 2
    assert {folder.name for folder in (tmp_path / "boîte").iterdir()} == {"cur", "new", "tmp"}


def test_the_catcher_ends_although_somebody_is_still_connected(tmp_path: Path) -> None:
    with MailCatcher(folder=tmp_path / "mail") as catcher:
        client = smtplib.SMTP("127.0.0.1", catcher.port)
        started = time.monotonic()
    assert time.monotonic() - started < 30
    client.close()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_the_catcher_runs_as_a_program_and_ends_cleanly(tmp_path: Path, sign: signal.Signals) -> None:
    port, folder = free_port(), tmp_path / "mail"
    command = [
        sys.executable,
        "-m",
        "notifications.mail_catcher",
        "--port",
        str(port),
        "--folder",
        str(folder),
    ]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stderr is not None
        is_announced = str(port) in program.stderr.readline()
        if is_announced:
            send(local_catcher_url(port), MAIL)
        program.send_signal(sign)
        out, err = program.communicate(timeout=60)
    hang_up()
    assert is_announced
    assert (program.returncode, out, err) == (0, "", "")
    assert len(list((folder / "new").iterdir())) == 1


def test_a_mail_that_the_catcher_cannot_keep_now_is_put_off_not_given_up(
    tmp_path: Path, catcher: MailCatcher
) -> None:
    folder = tmp_path / "mail" / "tmp"  # where a Maildir begins each mail
    folder.rmdir()
    with pytest.raises(TransportError, match="451") as refused:
        send(local_catcher_url(catcher.port), MAIL)
    assert not refused.value.permanent
    folder.mkdir()
    send(local_catcher_url(catcher.port), MAIL)
    assert len(catcher.mails()) == 1


def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path, catcher: MailCatcher) -> None:
    command = [sys.executable, "-m", "notifications.mail_catcher", "--port", str(catcher.port)]
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [*command, "--folder", str(tmp_path / "other")], cwd=root, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Le port {catcher.port} n’est pas libre")
    assert "Traceback" not in ended.stderr

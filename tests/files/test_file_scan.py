"""Every received file goes through clamd: the protocol against a small server, and a real clamd where there is one.

A real one is looked for on the PATH, or where ``PROJET_PARTAGE_TEST_CLAMD`` says; it is given signatures of ours,
the harmless EICAR test file among them, so that it needs no download.
"""

import hashlib
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import ValidationError
from sample_files import pdf, zipped

from actions.files.scan_file import Clamd, InfectedFile, ScannerAway
from actions.files.store_file import MEGABYTE, FileStore
from settings import Settings

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CLAMD = (
    os.environ.get("PROJET_PARTAGE_TEST_CLAMD")
    or shutil.which("clamd")
    or shutil.which("clamd", path="/usr/sbin")
)


def receive(clamd: Clamd, folder: Path, content: bytes, name: str = "note.txt") -> str:
    store = FileStore(folder / "files", clamd=clamd)
    try:
        with store.receive([content], name) as received:
            return store.keep(received).sha256
    finally:
        assert list(store.incoming.iterdir()) == []


# The protocol


class Speaker:
    """A server that reads one INSTREAM whole, as clamd(8) tells it, then gives one answer."""

    def __init__(self, answer: bytes | None, most: int = 1 << 30) -> None:
        self.answer, self.most, self.heard = answer, most, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        connection, _peer = self.listener.accept()
        with closing(connection), connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while length := struct.unpack("!I", stream.read(4))[0]:
                self.heard += stream.read(length)
                if len(self.heard) > self.most:
                    break
            if self.answer is not None:
                connection.sendall(self.answer)

    def close(self) -> None:
        self.thread.join(10)
        self.listener.close()


@pytest.fixture
def speaker() -> Iterator[Callable[..., Speaker]]:
    open_: list[Speaker] = []

    def speak(answer: bytes | None, most: int = 1 << 30) -> Speaker:
        open_.append(Speaker(answer, most))
        return open_[-1]

    yield speak
    for each in open_:
        each.close()


def test_clamd_is_sent_the_whole_file_and_a_clean_one_is_kept(
    speaker: Callable[..., Speaker], tmp_path: Path
) -> None:
    server, content = speaker(b"stream: OK\0"), b"a" * (MEGABYTE + 7)
    assert receive(Clamd(server.address), tmp_path, content) == hashlib.sha256(content).hexdigest()
    server.thread.join(10)
    assert server.heard == content


def test_an_infected_file_is_refused_by_its_name(speaker: Callable[..., Speaker], tmp_path: Path) -> None:
    server = speaker(b"stream: Eicar-Test-Signature FOUND\0")
    with pytest.raises(InfectedFile, match="est infecté \\(Eicar-Test-Signature\\)"):
        receive(Clamd(server.address), tmp_path, EICAR)


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", None, b"stream: "])
def test_any_other_answer_is_no_leave_to_keep(
    speaker: Callable[..., Speaker], tmp_path: Path, answer: bytes | None
) -> None:
    server = speaker(answer, 1000)
    with pytest.raises(ScannerAway, match="réessayez"):
        receive(Clamd(server.address), tmp_path, b"a" * MEGABYTE * 3)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.sock"])
def test_while_clamd_is_away_no_file_is_taken(tmp_path: Path, address: str) -> None:
    with pytest.raises(ScannerAway, match="L’antivirus ne répond pas"):
        receive(Clamd(address), tmp_path, b"du texte")


@pytest.mark.parametrize("wrong", ["clamd", "localhost:", "localhost:clamd"])
def test_an_address_that_is_none_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Settings(clamd=wrong)
    with pytest.raises(ValueError, match="write host:port"):
        Clamd(wrong)


# A real clamd


@pytest.fixture(scope="module")
def real_clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A clamd of our own, with our own signatures; its folder holds its socket."""
    if not CLAMD:
        pytest.skip("no clamd here: apt install clamav-daemon, or PROJET_PARTAGE_TEST_CLAMD=/path/of/clamd")
    folder = tmp_path_factory.mktemp("clamd")
    signature = f"{hashlib.md5(EICAR, usedforsecurity=False).hexdigest()}:{len(EICAR)}:Eicar-Test-Signature\n"
    (folder / "test.hdb").write_text(signature)
    (folder / "clamd.conf").write_text(
        f"Foreground yes\nDatabaseDirectory {folder}\nLocalSocket {folder / 'clamd.sock'}\n"
        f"TemporaryDirectory {folder}\nStreamMaxLength 2M\n"
    )
    command = [CLAMD, "-c", str(folder / "clamd.conf")]
    clamd = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        limit = time.monotonic() + 30
        while not (folder / "clamd.sock").exists():
            assert clamd.poll() is None, "clamd stopped"
            assert time.monotonic() < limit, "clamd did not start"
            time.sleep(0.05)
        yield folder / "clamd.sock"
    finally:
        clamd.terminate()
        clamd.wait(10)


def test_a_real_clamd_lets_clean_files_through(real_clamd: Path, tmp_path: Path) -> None:
    clamd = Clamd(str(real_clamd))
    assert receive(clamd, tmp_path, pdf(), "note.pdf") == hashlib.sha256(pdf()).hexdigest()


@pytest.mark.parametrize(("name", "content"), [("eicar.txt", EICAR), ("eicar.zip", zipped(eicar=EICAR))])
def test_a_real_clamd_stops_an_infected_one(
    real_clamd: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    with pytest.raises(InfectedFile, match="Eicar-Test-Signature"):
        receive(Clamd(str(real_clamd)), tmp_path, content, name)


def test_what_a_real_clamd_finds_too_long_is_not_kept(real_clamd: Path, tmp_path: Path) -> None:
    with pytest.raises(ScannerAway):
        receive(Clamd(str(real_clamd)), tmp_path, b"a" * MEGABYTE * 6)

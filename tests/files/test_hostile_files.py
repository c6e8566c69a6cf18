"""A file made to do harm costs a bounded time and memory of another process, and its sender hears why it is refused."""

import resource
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sample_files import WORD, office, pdf, zipped
from unusual_files import huge_png, kept_zeros, many_lists, many_members, with_content

from actions.files import inspect_file as inspecting
from actions.files.store_file import MEGABYTE, FileStore
from models.file_kind import RefusedKind
from models.refusal import Refusal
from models.unreadable_file import DamagedFile, HeavyFile, InspectionBusy


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


TWICE = b"[/FlateDecode /FlateDecode]"
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "pixels.png": (lambda: huge_png(60_000), "millions de points"),
    "foule.zip": (lambda: many_members(60_000), "20000 fichiers"),
    "liste.zip": (lambda: many_members(200_000), "20000 fichiers"),
    "bombe.zip": (lambda: zipped(a=bytes(150 * MEGABYTE)), "piégée"),
    "bombe.docx": (lambda: office(WORD, word__document=bytes(150 * MEGABYTE)), "piégée"),
    "parts.docx": (lambda: zipped(**{"[Content_Types].xml": "<a>" * 2_000_000}), "piégée"),
    "bombe.pdf": (lambda: with_content(kept_zeros(2000)), "trop de temps ou de mémoire|abîmé"),
}
"""Name → how it is made, and what its sender is told."""


LONG = ("liste.zip", "bombe.zip", "bombe.pdf")


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=pytest.mark.trials if each in LONG else ()) for each in HOSTILE]
)
def test_a_hostile_file_is_refused_in_a_sentence(files: FileStore, name: str) -> None:
    make, words = HOSTILE[name]
    content = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises((RefusedKind, DamagedFile, HeavyFile), match=words):
        files.receive([content], name)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024  # kilobytes
    assert not any(each.is_file() for each in files.incoming.iterdir())


@pytest.mark.trials
def test_twenty_megabytes_of_tiny_lists_are_read_in_linear_time(files: FileStore) -> None:
    """The kernel ends the reader after ten seconds: an answer is a proof that it took less."""
    with files.receive([many_lists(1000, 20 * MEGABYTE)], "listes.pdf") as received:
        assert received.kind.key in ("pdf", "active_pdf")


def test_objects_that_lead_to_themselves_or_very_deep_are_read(files: FileStore) -> None:
    around = pdf(b"<< /A 5 0 R >>", b"[4 0 R 5 0 R]", b"<< /Length 6 0 R >>\nstream\nx\nendstream")
    for content in (around, pdf(b"[" * 500_000 + b"]" * 500_000)):
        with files.receive([content], "rond.pdf") as received:
            assert received.kind.key == "pdf"


def test_a_reader_that_is_stopped_is_said_and_the_next_file_is_taken(
    files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspecting, "_ask", lambda _file: None)
    with pytest.raises(HeavyFile, match="trop de temps ou de mémoire"):
        files.receive([pdf()], "note.pdf")
    monkeypatch.undo()
    with files.receive([pdf()], "note.pdf") as received:
        assert received.kind.key == "pdf"


def test_the_process_that_reads_files_is_started_again_when_it_was_killed(files: FileStore) -> None:
    files.receive([pdf()], "note.pdf").discard()
    process = inspecting._SERVER._process
    assert process is not None
    process.kill()
    process.wait()
    with files.receive([pdf()], "note.pdf") as received:
        assert received.kind.key == "pdf"


def test_only_so_many_files_wait_to_be_read(files: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "MOST_WAITING", 0)
    turns = inspecting._Turns()
    monkeypatch.setattr(inspecting, "_TURNS", turns)
    with ExitStack() as stack:
        for _ in range(inspecting.AT_ONCE):
            stack.enter_context(turns.turn("a.pdf"))
        with pytest.raises(InspectionBusy, match="réessayez"):
            files.receive([pdf()], "note.pdf")
    files.receive([pdf()], "note.pdf").discard()


def test_sixteen_send_at_the_same_moment_and_are_all_heard(files: FileStore) -> None:
    together = threading.Barrier(16)

    def send(number: int) -> str | Refusal:
        together.wait()
        with files.receive([pdf(b"(%d)" % number)], f"{number}.pdf") as received:
            return received.name

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(send, range(16))) == sorted(f"{number}.pdf" for number in range(16))

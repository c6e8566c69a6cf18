"""Rare sorts keep their name, a PDF is one wherever its header stands, and a script in it is seen however it hides."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_files import MACRO_WORD, office, pdf
from unusual_files import RARE, hidden_javascript, ole

from actions.files.store_file import FileStore
from models.file_kind import RefusedKind

JUNK = st.text("abcdefgh 0123456789:/.\r\n\t\x00\x01", max_size=1000).map(str.encode)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.mark.parametrize("name", RARE)
def test_a_file_of_a_rare_sort_keeps_its_name(files: FileStore, name: str) -> None:
    content, key = RARE[name]
    with files.receive([content], name) as received:
        assert (received.kind.key, received.name) == (key, name)
    bare = name.partition(".")[0]
    with files.receive([content], bare) as received:
        assert received.name == f"{bare}.{received.kind.extensions[0]}"


@pytest.mark.parametrize(
    "content",
    [
        office(MACRO_WORD.replace("document", "template")),
        office("application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml"),
        office("application/vnd.ms-excel.sheet.binary.macroEnabled.main", **{"xl/vbaProject.bin": b"x"}),
        ole("WordDocument", "_VBA_PROJECT"),
    ],
)
def test_macros_are_refused_in_every_sort(files: FileStore, content: bytes) -> None:
    with pytest.raises(RefusedKind, match="avec des macros"):
        files.receive([content], "modele")


def test_a_program_is_refused_although_a_pdf_is_in_it(files: FileStore) -> None:
    with pytest.raises(RefusedKind, match="un programme"):
        files.receive([b"MZ\x90\x00" + pdf()], "charte.pdf")


@given(before=JUNK | st.just(b"\xef\xbb\xbf"))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_pdf_is_one_after_anything_within_its_first_kilobyte(files: FileStore, before: bytes) -> None:
    with files.receive([before + pdf()], "charte.pdf") as received:
        assert (received.kind.key, received.inspection.pages) == ("pdf", 1)


@pytest.mark.parametrize("way", hidden_javascript())
def test_a_script_is_seen_however_it_hides(files: FileStore, way: str) -> None:
    with files.receive([hidden_javascript()[way]], "formulaire.pdf") as received:
        assert received.kind.key == "active_pdf"

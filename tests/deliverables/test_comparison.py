"""What changed between two versions: readable for who knew the first, harmless whatever was submitted."""

import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from cast import GUICHEN, MANTES, Cast
from fpdf import FPDF
from pypdf import PdfWriter
from sample_files import png

from actions.files.kept_kinds import KeptKinds
from models.person import Actor
from models.refusal import typeset
from models.stored_row import identity
from queries.access.project_access import NotVisible
from queries.deliverables.compare_in_child import (
    AT_ONCE,
    SAME_TEXT,
    TOO_LONG,
    TOO_MANY,
    Content,
    NotNow,
    compare_in_child,
)
from queries.deliverables.comparison import GONE, MIXED, TOO_LARGE, ComparisonPage, compare_versions
from queries.deliverables.text_difference import MOST_SHOWN, Difference, difference
from queries.deliverables.text_of_file import NoText

At = Callable[[str], Cast]
on_sqlite = pytest.mark.parametrize("shelf", ["sqlite"], indirect=True)
OLD = "# Diagnostic de l’été\n\nLa ville compte trois lieux de culture.\nLes jeunes y viennent peu.\n\nMerci."
NEW = OLD.replace("trois", "quatre").replace("\n\nMerci", "\n\nAnnexe : la carte.\n\nMerci")


def changed_words(changes: Difference) -> list[tuple[str, str]]:
    """What came and went."""
    return [
        (run.kind, run.text)
        for hunk in changes.hunks
        for run in hunk.runs
        if run.kind in ("added", "removed")
    ]


def pdf(*pages: str) -> bytes:
    """A PDF of these pages of text."""
    paper = FPDF()
    paper.set_font("helvetica", size=12)
    for page in pages:
        paper.add_page()
        if page:
            paper.multi_cell(0, text=page)
    return bytes(paper.output())


def file(folder: Path, name: str, content: bytes | str, encoding: str = "") -> Content:
    path = folder / f"{time.monotonic_ns()}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Content(path, name, encoding or ("pdf" if name.endswith(".pdf") else "utf-8-sig"))


# What is shown of two texts


def test_the_words_that_came_and_went_are_marked_in_their_line() -> None:
    changes = difference(OLD, NEW)
    assert changed_words(changes) == [
        ("removed", "trois"),
        ("added", "quatre"),
        ("added", "Annexe : la carte.\n"),
    ]
    assert [hunk.kind for hunk in changes.hunks] == ["kept", "changed", "kept", "added", "kept"]


def test_what_is_kept_far_from_a_change_is_skipped_and_counted() -> None:
    lines = [f"Ligne {number}" for number in range(40)]
    changes = difference("\n".join(lines), "\n".join([*lines[:20], "Nouvelle ligne", *lines[20:]]))
    assert [(hunk.kind, hunk.lines) for hunk in changes.hunks] == [
        ("skipped", 18),
        ("kept", 2),
        ("added", 1),
        ("kept", 2),
        ("skipped", 18),
    ]
    assert changes.hunks[1].text == "Ligne 18\nLigne 19"


def test_a_line_rewritten_from_end_to_end_is_another_line() -> None:
    changes = difference("Trois lieux de culture", "Annexe : une carte et un tableau")
    assert [hunk.kind for hunk in changes.hunks] == ["removed", "added"]


def test_in_a_text_that_flows_the_ends_of_lines_mean_nothing() -> None:
    words = [f"mot{number}" for number in range(60)]
    narrow = "\n".join(" ".join(words[at : at + 5]) for at in range(0, 60, 5))
    wide = "\n".join(" ".join([*words[:30], "ajout", *words[30:]][at : at + 9]) for at in range(0, 61, 9))
    assert [(kind, text.strip()) for kind, text in changed_words(difference(narrow, wide, flows=True))] == [
        ("added", "ajout")
    ]
    assert difference(narrow, wide.replace("ajout ", "").replace("ajout\n", ""), flows=True).hunks == ()


def test_many_words_in_a_row_that_did_not_change_are_skipped_within_a_passage() -> None:
    words = [f"mot{number}" for number in range(1000)]
    changes = difference(" ".join(words), " ".join([*words[:500], "ajout", *words[500:]]))
    assert [hunk.kind for hunk in changes.hunks] == ["skipped", "changed", "skipped"]
    assert sum(len(hunk.text) for hunk in changes.hunks) < 1000


@pytest.mark.parametrize("flows", [False, True])
def test_a_difference_is_cut_when_it_is_too_long_to_be_read(flows: bool) -> None:
    changes = difference("", "\n".join(f"ligne {number}" for number in range(MOST_SHOWN // 8)), flows=flows)
    assert changes.is_cut
    assert sum(len(hunk.text) for hunk in changes.hunks) == MOST_SHOWN
    assert difference("a\n \n", "a\n\n") == Difference(())


# What is read of two files


def test_the_text_of_two_pdfs_is_compared(tmp_path: Path) -> None:
    before = file(tmp_path, "a.pdf", pdf("Trois lieux de culture, peu de jeunes.", "Merci"))
    after = file(tmp_path, "b.pdf", pdf("Quatre lieux de culture, peu de jeunes.", "Merci"))
    assert changed_words(compare_in_child(before, after)) == [("removed", "Trois"), ("added", "Quatre")]


def test_characters_that_turn_the_direction_of_the_text_are_not_shown(tmp_path: Path) -> None:
    before, after = file(tmp_path, "a.md", "Oui"), file(tmp_path, "b.md", "Oui\nNon\u202eiuO")
    assert changed_words(compare_in_child(before, after)) == [("added", "NoniuO")]


def encrypted() -> bytes:
    writer = PdfWriter()
    writer.append(BytesIO(pdf("Un secret")))
    writer.encrypt("motdepasse", algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("b.pdf", pdf(""), "n’a pas de texte"),
        ("b.pdf", b"%PDF-1.7\n" + bytes(range(256)), "est un PDF dont le texte ne peut pas être lu"),
        ("b.pdf", pdf(*["Page"] * 201), "a plus de 200 pages"),
        ("b.pdf", encrypted(), "est protégé par un mot de passe"),
        ("b.pdf", pdf("Un  texte") + b"\n% un commentaire", SAME_TEXT[:30]),
        ("b.txt", "a" * 2_000_001, "est trop long"),
    ],
    ids=["scanned", "damaged", "long", "locked", "same text", "too much text"],
)  # fmt: skip
def test_what_cannot_be_compared_says_why(tmp_path: Path, name: str, content: bytes | str, why: str) -> None:
    before = file(tmp_path, "a.pdf", pdf("Un texte"))
    with pytest.raises(NoText, match=why):
        compare_in_child(before, file(tmp_path, name, content))


def bomb() -> bytes:
    """A PDF of one page, whose content takes hundreds of megabytes and minutes to read."""
    stream = zlib.compress(b"BT /F1 9 Tf " + b"(a) Tj 1 0 0 1 0 0 cm q Q " * 2_500_000 + b"ET", 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out = b"%PDF-1.4\n"
    for number, one in enumerate(objects, 1):
        out += b"%d 0 obj%s\nendobj\n" % (number, one)
    return out + b"trailer<</Root 1 0 R/Size 6>>\n%%EOF"


def test_the_process_that_compares_starts_without_a_table() -> None:
    """They would cost each comparison a second."""
    program = "import queries.deliverables.compare_in_child, sys; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_hostile_pdf_is_given_up_within_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queries.deliverables.compare_in_child.SECONDS", 2)
    hostile, began = file(tmp_path, "b.pdf", bomb()), time.monotonic()
    with pytest.raises((NotNow, NoText)):
        compare_in_child(file(tmp_path, "a.pdf", pdf("Un texte")), hostile)
    assert time.monotonic() - began < 30


def test_no_more_than_two_are_compared_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queries.deliverables.compare_in_child.SECONDS", 0.001)  # no process starts so soon
    with AT_ONCE, AT_ONCE, pytest.raises(NotNow, match=TOO_MANY):
        compare_in_child(file(tmp_path, "a.md", "a"), file(tmp_path, "b.md", "b"))
    with pytest.raises(NotNow, match=TOO_LONG[:40]):
        compare_in_child(file(tmp_path, "a.md", "a"), file(tmp_path, "b.md", "b"))
    assert AT_ONCE._value == 2


# The page


def page(cast: Cast, who: Actor, **numbers: int) -> ComparisonPage:
    number = identity(cast.deliverable("diagnostic", MANTES))
    files = KeptKinds(cast.db, cast.files)
    return compare_versions(cast.db, files, cast.slug, number, who.person_id, now=cast.now, **numbers)


@pytest.fixture
def cast(at: At) -> Cast:
    cast = at("diagnosis open")
    for content in (OLD.encode("windows-1252"), NEW.encode("utf-16"), f"{NEW}\r\nÀ bientôt.".encode()):
        submit(cast, content)
    return cast


def submit(cast: Cast, content: bytes, name: str = "diagnostic.md") -> None:
    path = cast.write("", name)
    path.write_bytes(content)
    cast.submit("diagnostic", MANTES, path=path)


@on_sqlite
def test_the_current_version_is_compared_with_the_one_before_or_with_the_one_that_was_read(
    cast: Cast,
) -> None:
    last = page(cast, cast.observer)
    assert (last.older.number, last.newer.number, last.numbers) == (2, 3, (3, 2, 1))
    assert [hunk.kind for hunk in last.hunks if hunk.kind not in ("kept", "skipped")] == ["added"]
    assert last.why_not is None
    first = page(cast, cast.mayor(GUICHEN), older=1)
    assert (first.older.number, first.newer.number) == (1, 3)
    assert "quatre" in "".join(hunk.text for hunk in first.hunks)
    assert page(cast, cast.agent, newer=2).older.number == 1


@on_sqlite
def test_only_who_reads_the_project_compares_and_only_what_there_is(cast: Cast) -> None:
    with pytest.raises(NotVisible):
        page(cast, cast.outsider)
    for numbers in ({"newer": 9}, {"older": 9}, {"newer": 1}):
        with pytest.raises(NotVisible):
            page(cast, cast.agent, **numbers)


@on_sqlite
def test_a_page_says_why_it_compares_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queries.deliverables.comparison.LARGEST", 10)
    assert page(cast, cast.agent).why_not == TOO_LARGE
    monkeypatch.undo()
    cast.files.path(page(cast, cast.agent).older.sha256).unlink()
    assert page(cast, cast.agent).why_not == GONE
    submit(cast, pdf("Un diagnostic"), "diagnostic.pdf")
    assert page(cast, cast.agent).why_not == typeset(MIXED)
    submit(cast, png(), "diagnostic.png")
    reason = page(cast, cast.agent).why_not or ""
    assert reason.startswith("«\u00a0diagnostic.png\u00a0» est une image PNG, et seuls les textes et les PDF")

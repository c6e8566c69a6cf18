"""What a file is is found once and stored beside it: a page reads that, never the file."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from cast import NIORT, Cast
from site_of_tests import Site, plain
from unusual_files import locked_pdf

from actions.files import kept_kinds
from actions.files.inspect_file import inspect_file
from actions.files.kept_kinds import KeptKinds
from models.file_inspection import Inspection
from models.file_kind import UNREADABLE
from models.sign_off import UnreadableVersion
from models.tables import FILE_INSPECTION

NOTE = "note_de_cadrage"
At = Callable[[str], Cast]


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the kept files that are looked at."""
    names: list[str] = []

    def look(path: Path, name: str) -> Inspection:
        names.append(name)
        return inspect_file(path, name)

    monkeypatch.setattr(kept_kinds, "inspect_file", look)
    return names


def forget(cast: Cast) -> None:
    """As if everything had been kept before files were looked at."""
    with cast.db.write() as session:
        session.connection().execute(sa.delete(FILE_INSPECTION))


def submit_pdf(cast: Cast) -> str:
    file = cast.write("La note", "note.pdf")
    return cast.submit(NOTE, path=file).sha256


def stored(cast: Cast) -> dict[str, tuple[str, int | None]]:
    with cast.db.read() as session:
        rows = session.connection().execute(sa.select(FILE_INSPECTION)).all()
    return {each.sha256: (each.kind, each.pages) for each in rows}


def test_what_was_found_is_stored_with_the_fact(at: At, looked_at: list[str]) -> None:
    cast = at("constitution open")
    sha256 = submit_pdf(cast)
    assert stored(cast)[sha256] == ("pdf", 1)
    assert KeptKinds(cast.db, cast.files).kind(sha256, "note.pdf").key == "pdf"
    assert looked_at == []


def test_what_was_kept_before_is_looked_at_once_by_two_who_ask_at_once(at: At, looked_at: list[str]) -> None:
    cast = at("constitution open")
    sha256 = submit_pdf(cast)
    forget(cast)
    kinds = KeptKinds(cast.db, cast.files)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: kinds.kind(sha256, "note.pdf").key, range(16)))
    assert (set(found), looked_at) == ({"pdf"}, ["note.pdf"])
    assert stored(cast)[sha256] == ("pdf", 1)


def test_two_processes_that_find_it_at_once_store_it_once(at: At) -> None:
    cast = at("constitution open")
    sha256 = submit_pdf(cast)
    forget(cast)
    both = [KeptKinds(cast.db, cast.files) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda kinds: kinds._look(sha256, "note.pdf").key, both))
    assert (found, stored(cast)[sha256]) == (["pdf", "pdf"], ("pdf", 1))


def test_pages_and_downloads_never_look_into_the_file_again(
    site: Callable[..., Site], looked_at: list[str]
) -> None:
    review = site("constitution in review")
    submit_pdf(review.cast)
    path = review.deliverable(NOTE)
    with review.client(review.cast.mayor(NIORT)) as mayor:
        for _ in range(3):
            assert "<iframe" in mayor.read(path)
            assert mayor.get(f"{path}/versions/2").status_code == 200
    assert looked_at == []


def test_a_document_kept_before_that_nobody_can_open_says_so(site: Callable[..., Site]) -> None:
    review = site("constitution in review")
    submit_pdf(review.cast)
    sha256 = review.cast.deliverable(NOTE).sha256 or ""
    review.cast.files.path(sha256).write_bytes(locked_pdf(6))
    forget(review.cast)
    path = review.deliverable(NOTE)
    with review.client(review.cast.mayor(NIORT)) as mayor:
        page = plain(mayor.read(path))
        answer = mayor.get(f"{path}/versions/2")
    assert "n’est pas lisible par tous" in page
    assert "<iframe" not in page
    assert answer.headers["content-disposition"].startswith("attachment")


def test_what_nobody_can_open_is_not_signed_until_it_is_replaced(site: Callable[..., Site]) -> None:
    review = site("constitution in review")
    cast = review.cast
    submit_pdf(cast)
    sha256 = cast.deliverable(NOTE).sha256 or ""
    with cast.db.write() as session:
        row = sa.update(FILE_INSPECTION).where(FILE_INSPECTION.c.sha256 == sha256)
        session.connection().execute(row.values(kind=UNREADABLE.key))
    with pytest.raises(UnreadableVersion, match="copie lisible"):
        cast.sign(NOTE, NIORT)
    with review.client(cast.mayor(NIORT)) as mayor:
        page = mayor.read(review.deliverable(NOTE))
        assert "ne peut pas être validée" in page
        assert 'name="decision"' not in page
    cast.submit(NOTE, path=cast.write("La note, relue", "note.pdf"))
    assert cast.sign(NOTE, NIORT)

"""Files: taken by their content, kept once their sender may, given back so that nothing in them acts."""

import hashlib
import multiprocessing
import os
import signal
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cast import GUICHEN, NIORT, Cast
from departures import leave
from sample_files import REFUSED, TAKEN, WORD, hidden_in_pdf, office, pdf, zipped
from sqlmodel import SQLModel

from actions.commitments.settle_commitment import Evidence, keep_commitment
from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from actions.files.store_file import MEGABYTE, FileStore, NoRoomLeft, ReceivedFile, TooLargeFile, UnusableFile
from actions.files.sweep_files import sweep_orphans
from actions.projects.leave_project import DepartureRequest, propose_departure
from actions.signing.paper_act import PaperAct
from models.act_kind import ActKind
from models.commitment import Commitment
from models.deliverable import DeliverableVersion
from models.file_kind import KINDS, TEXT, MisnamedFile, RefusedKind, clean_name, name_for
from models.person import Actor, NotAllowed
from models.recorded_act import RecordedAct
from models.refusal import typeset
from models.stored_row import identity
from queries.ledger.named_contents import NAMING
from web.pages.file_headers import content_disposition, serve_headers

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"
SHOWN_IN_PLACE = {"pdf", "png", "jpeg", "webp", "text", "utf16_text", "old_text"}


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def everything(store: FileStore) -> list[str]:
    """What stands in the store, the received and not yet kept included."""
    paths = store.folder.rglob("*")
    return sorted(
        str(each.relative_to(store.folder))
        for each in paths
        if each.is_file() and not each.name.startswith(".")
    )


# What is taken


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_is_identified_by_its_content(files: FileStore, name: str) -> None:
    content, key = TAKEN[name]
    with files.receive([content[:3], content[3:]], name) as received:
        assert (received.kind.key, received.name, received.size) == (key, name, len(content))
        assert received.sha256 == hashlib.sha256(content).hexdigest()
        kept = files.keep(received)
    with files.open(kept.sha256) as file:
        assert file.read() == content


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_that_runs_is_taken_under_any_name(files: FileStore, name: str) -> None:
    content, what = REFUSED[name]
    with pytest.raises(RefusedKind, match=what) as refused:
        files.receive([content], name)
    assert typeset(f"« {name} » est ") in str(refused.value)
    assert everything(files) == []


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("charte.docx", zipped(a="un"), "une archive ZIP"),
        ("charte.pdf", b"du texte", "du texte"),
        ("charte.txt", pdf(), "un PDF"),
        ("photo.png", TAKEN["photo.JPG"][0], "une image JPEG"),
        ("charte.odt", office(WORD), "un document Word"),
        ("page.html", b"du texte", "du texte"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    files: FileStore, name: str, content: bytes, what: str
) -> None:
    with pytest.raises(MisnamedFile, match=f"c’est {what}"):
        files.receive([content], name)
    assert everything(files) == []


def test_a_file_of_100_mb_goes_through_in_little_memory_and_a_byte_more_is_refused(files: FileStore) -> None:
    chunk = b"a" * MEGABYTE
    tracemalloc.start()
    with files.receive((chunk for _ in range(100)), "grand.txt") as received:
        assert received.size == 100 * MEGABYTE
    with pytest.raises(TooLargeFile, match="100 Mo"):
        files.receive((piece for piece in [*[chunk] * 100, b"a"]), "grand.txt")
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * MEGABYTE
    assert everything(files) == []


def test_a_file_that_is_read_whole_is_bounded(files: FileStore) -> None:
    with (
        files.receive([b"a" * (5 * MEGABYTE + 1)], "plan.csv") as received,
        pytest.raises(TooLargeFile, match="5 Mo"),
    ):
        received.read_bytes()


def test_the_rest_of_a_file_that_is_too_large_is_not_even_read(files: FileStore) -> None:
    pieces = iter([b"a" * 10, b"a" * 10, b"never"])
    with pytest.raises(TooLargeFile, match="15 octets"):
        files.receive(pieces, "note.txt", 15)
    assert next(pieces) == b"never"


def test_an_empty_file_is_refused(files: FileStore) -> None:
    with pytest.raises(UnusableFile, match="est vide"):
        files.receive([b"", b""], "note.pdf")
    assert everything(files) == []


def test_a_sender_who_hangs_up_leaves_nothing(files: FileStore) -> None:
    def chunks() -> Iterator[bytes]:
        yield pdf()
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        files.receive(chunks(), "note.pdf")
    assert everything(files) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_said(files: FileStore) -> None:
    with files.reception("note.pdf") as reception, Path("/dev/full").open("wb", buffering=0) as full:
        reception._file.close()
        reception._file = full
        with pytest.raises(NoRoomLeft, match="plus de place"):
            reception.write(pdf())
    assert everything(files) == []


def test_archives_that_lie_are_refused_quickly(files: FileStore) -> None:
    bomb = zipped(**{"[Content_Types].xml": "a" * 60_000_000})
    with pytest.raises(RefusedKind, match="piégée"):
        files.receive([bomb], "bombe.docx")
    many = zipped(**{f"f{number}": "" for number in range(20_001)})
    with pytest.raises(RefusedKind, match="20000 fichiers"):
        files.receive([many], "foule.zip")


@pytest.mark.parametrize(
    "action",
    [
        b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
        b"<< /S /Launch /F (calc.exe) >>",
        b"<< /S /Java#53cript /J#53 (1) >>",
        hidden_in_pdf(b"<< /S /JavaScript /JS (1) >>"),
        hidden_in_pdf(b"x").replace(b"\x78\x9c", b"\x00\x00"),
    ],
    ids=["javascript", "launch", "escaped", "compressed", "unreadable"],
)
def test_a_pdf_that_acts_is_taken_but_only_downloaded(files: FileStore, action: bytes) -> None:
    with files.receive([pdf(action)], "formulaire.pdf") as received:
        assert received.kind.key == "active_pdf"
        headers = serve_headers(received.kind, received.name, inline=True)
    assert headers["Content-Disposition"].startswith("attachment")


def test_a_pdf_with_compressed_objects_that_do_nothing_is_shown(files: FileStore) -> None:
    with files.receive([pdf(hidden_in_pdf(b"<< /Type /Font >>"))], "note.pdf") as received:
        assert received.kind.key == "pdf"


# Names


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\fakepath\\Délibération n° 12.pdf", "Délibération n° 12.pdf"),
        ('a"b\r\nSet-Cookie: x=1.pdf', "a_b Set-Cookie_ x=1.pdf"),
        ("facture\u202efdp.exe", "facturefdp.exe"),
        ("\x00\x1b[31mnote.pdf", "[31mnote.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("  .htaccess. ", "htaccess"),
        ("", "document"),
        ("..", "document"),
        ("/", "document"),
        ("x\udcff.pdf", "x_.pdf"),
    ],
)
def test_a_name_keeps_only_what_is_one(typed: str, clean: str) -> None:
    assert clean_name(typed) == clean
    assert clean_name(clean) == clean


def test_a_long_name_keeps_its_ending() -> None:
    assert clean_name("é" * 400 + ".pdf") == "é" * 116 + ".pdf"
    assert len(name_for("é" * 400, TEXT)) <= 255


@pytest.mark.parametrize(
    ("typed", "named"), [("virus.bat", "virus.bat.txt"), ("note v1.2", "note v1.2.txt"), ("note", "note.txt")]
)
def test_a_name_ends_as_its_content_does(typed: str, named: str) -> None:
    assert name_for(typed, TEXT) == named


# Giving back


def test_only_what_cannot_act_is_shown_in_place() -> None:
    wanted = {each.key: serve_headers(each, f"a.{each.extensions[0]}", inline=True) for each in KINDS}
    shown = {key for key, headers in wanted.items() if headers["Content-Disposition"].startswith("inline")}
    assert shown == SHOWN_IN_PLACE
    assert all(headers["X-Content-Type-Options"] == "nosniff" for headers in wanted.values())
    types = {headers["Content-Type"].partition(";")[0] for key, headers in wanted.items() if key in shown}
    assert types == {"application/pdf", "image/png", "image/jpeg", "image/webp", "text/plain"}


def test_a_download_is_a_download_even_of_what_could_be_shown() -> None:
    headers = serve_headers(KINDS[0], "a.pdf", inline=False)
    assert headers["Content-Disposition"] == 'attachment; filename="a.pdf"'
    assert "sandbox" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("note.pdf", 'filename="note.pdf"'),
        (
            "L’été à Bègles.pdf",
            "filename=\"L'ete a Begles.pdf\"; filename*=UTF-8''L%E2%80%99%C3%A9t%C3%A9%20%C3%A0%20B%C3%A8gles.pdf",
        ),
        ('a"\r\nX: y.pdf', 'filename="a_ X_ y.pdf"'),
        ("100 %.pdf", "filename=\"100 .pdf\"; filename*=UTF-8''100%20%25.pdf"),
        ("日本.pdf", "filename=\"pdf\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.pdf"),
    ],
)
def test_a_file_name_is_encoded_as_the_rfcs_require(name: str, header: str) -> None:
    assert content_disposition(name, inline=False) == f"attachment; {header}"
    assert content_disposition(name, inline=True).isascii()


# Kept with the fact, and only with it


def submission(cast: Cast, content: bytes = pdf(), name: str = "note.pdf") -> Submission:
    return Submission(cast.slug, "constitution", NOTE, cast.files.receive([content], name))


def test_a_file_is_not_kept_for_who_may_not_submit_it(at: At) -> None:
    cast = at("constitution open")
    before = everything(cast.files)
    asked = submission(cast, pdf(b"(outsider)"))
    with asked.file, pytest.raises(NotAllowed):
        submit_deliverable(cast.db, cast.outsider, asked, now=cast.now)
    assert everything(cast.files) == before
    contact = cast.contact(NIORT)
    with cast.files.receive([pdf(b"(depart)")], "depart.pdf") as decision, pytest.raises(NotAllowed):
        leave_with(cast, decision, GUICHEN, contact)
    assert everything(cast.files) == before


def leave_with(cast: Cast, decision: ReceivedFile, code: str, actor: Actor) -> None:
    request = DepartureRequest(cast.slug, code, "Un motif", decision)
    cast.confirm(propose_departure(cast.db, actor, request, now=cast.now))


def test_a_file_is_kept_with_its_fact(at: At) -> None:
    cast = at("constitution open")
    with submission(cast, pdf(b"(agent)")).file as file:
        asked = Submission(cast.slug, "constitution", NOTE, file)
        version = submit_deliverable(cast.db, cast.agent, asked, now=cast.now)
    assert isinstance(version, DeliverableVersion)
    assert cast.files.path(version.sha256).read_bytes() == pdf(b"(agent)")
    assert (version.file_name, version.size) == ("note.pdf", len(pdf(b"(agent)")))
    assert not file.path.exists()


def test_a_proof_is_kept_with_the_act_and_not_with_a_refused_one(at: At) -> None:
    cast = at("constitution in review")
    with cast.files.receive([pdf(b"(scan)")], "scan.pdf") as proof:
        paper = PaperAct(ActKind.elected_signature, cast.today, proof)
        with pytest.raises(NotAllowed):
            cast.sign(NOTE, NIORT, actor=cast.outsider, paper=paper)
        assert not cast.files.path(proof.sha256).exists()
        cast.sign(NOTE, NIORT, actor=cast.contact(NIORT), paper=paper)
    (act,) = cast.all(RecordedAct)
    assert isinstance(act, RecordedAct)
    assert cast.files.path(act.file_sha256).read_bytes() == pdf(b"(scan)")


def test_evidence_is_kept_with_the_commitment_and_only_by_its_owner(at: At) -> None:
    cast = at("charter closed")
    number = next(identity(each) for each in cast.commitments() if each.owner == NIORT)
    with cast.files.receive([pdf(b"(preuve)")], "preuve.pdf") as file:
        evidence = Evidence(number, "Fait.", file)
        with pytest.raises(NotAllowed):
            keep_commitment(cast.db, cast.outsider, evidence, now=cast.now)
        assert not cast.files.path(file.sha256).exists()
        kept = keep_commitment(cast.db, cast.contact(NIORT), evidence, now=cast.now)
    assert isinstance(kept, Commitment)
    assert cast.files.path(kept.evidence_sha256 or "").read_bytes() == pdf(b"(preuve)")


def test_keeping_twice_is_once_and_a_damaged_content_is_mended(files: FileStore) -> None:
    first = files.receive([pdf()], "a.pdf")
    assert files.keep(first) == files.keep(first)
    files.path(first.sha256).write_bytes(b"damaged")
    files.keep(files.receive([pdf()], "b.pdf"))
    assert files.path(first.sha256).read_bytes() == pdf()
    assert everything(files) == [f"{first.sha256[:2]}/{first.sha256}"]


# Sweeping


def test_every_column_that_names_a_content_is_known_to_the_sweep() -> None:
    named = {(model.__tablename__, column) for model, column in NAMING}
    columns = {
        (table.name, column.name)
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if "sha256" in column.name and table.name != "file_inspection"  # says what it is, whoever names it
    }
    assert named == columns


def age(store: FileStore, days: float) -> None:
    """Make everything in the store older by so many days."""
    past = time.time() - timedelta(days=days).total_seconds()
    for name in everything(store):
        os.utime(store.folder / name, (past, past))


def test_what_no_fact_names_is_swept_after_a_day_and_nothing_else(at: At) -> None:
    cast = at("charter in review")
    leave(cast, GUICHEN)
    cast.sign("charte", NIORT)
    cast.files = FileStore(cast.folder / "swept")
    for content in (b"un", b"deux"):
        cast.submit("charte", text=f"{content!r} {cast.now}")
    named = everything(cast.files)
    orphan = cast.files.keep(cast.files.receive([pdf(b"(orphan)")], "a.pdf")).sha256
    unused = cast.files.receive([pdf(b"(unused)")], "b.pdf").path
    assert sweep_orphans(cast.db, cast.files, datetime.now(UTC)) == []
    age(cast.files, 2)
    swept = sweep_orphans(cast.db, cast.files, datetime.now(UTC))
    assert sorted(swept) == sorted([f"{orphan[:2]}/{orphan}", f"incoming/{unused.name}"])
    assert everything(cast.files) == named


def test_a_content_kept_again_is_given_another_day(files: FileStore, at: At) -> None:
    cast = at("met")
    files.keep(files.receive([pdf()], "a.pdf"))
    age(files, 2)
    files.keep(files.receive([pdf()], "a.pdf"))
    assert sweep_orphans(cast.db, files, datetime.now(UTC)) == []
    assert sweep_orphans(cast.db, files, datetime.now(UTC) + timedelta(days=2)) != []


def test_what_a_rolled_back_act_left_is_swept(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = at("constitution open")
    cast.files = FileStore(cast.folder / "rolled-back")

    def fails(*_given: object, **_named: object) -> None:
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr("actions.deliverables.submit_deliverable.wake", fails)
    asked = submission(cast)
    with pytest.raises(RuntimeError):
        submit_deliverable(cast.db, cast.agent, asked, now=cast.now)
    assert cast.deliverable(NOTE).number == 0
    age(cast.files, 2)
    assert len(sweep_orphans(cast.db, cast.files, datetime.now(UTC))) == 1
    assert everything(cast.files) == []


def test_a_content_swept_while_it_is_kept_is_never_lost(files: FileStore, at: At) -> None:
    cast, sha256 = at("met"), hashlib.sha256(pdf()).hexdigest()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(60):
            files.keep(files.receive([pdf()], "a.pdf"))
            age(files, 2)
            received = files.receive([pdf()], "a.pdf")
            sweep = pool.submit(sweep_orphans, cast.db, files, datetime.now(UTC))
            kept = pool.submit(files.keep, received)
            assert (sweep.exception(), kept.exception()) == (None, None)
            assert files.path(sha256).read_bytes() == pdf()


def test_a_process_killed_while_it_receives_leaves_only_what_is_swept(files: FileStore, at: At) -> None:
    cast = at("met")
    child = multiprocessing.get_context("fork").Process(target=receive_then_die, args=(files,))
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    (half,) = everything(files)
    assert half.startswith("incoming/")
    age(files, 2)
    assert sweep_orphans(cast.db, files, datetime.now(UTC)) == [half]


def receive_then_die(files: FileStore) -> None:
    def chunks() -> Iterator[bytes]:
        yield pdf()
        os.kill(os.getpid(), signal.SIGKILL)

    files.receive(chunks(), "note.pdf")

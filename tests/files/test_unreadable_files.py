"""What those who must read a file could not read is refused as it comes, on the page, by the API and by a command."""

from collections.abc import Callable
from pathlib import Path

import pytest
from api import Api, problem
from cast import NIORT
from command_line import AGENT, SLUG, CommandLine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_files import pdf
from site_of_tests import Site, plain
from unusual_files import DAMAGED, LOCKED, locked_pdf

from actions.files.store_file import FileStore
from database.engine import Database
from models.file_kind import RefusedKind
from models.unreadable_file import DamagedFile, LockedFile
from settings import settings as app_settings

NOTE = "note_de_cadrage"


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.mark.parametrize("name", LOCKED)
def test_what_asks_for_a_password_is_refused_with_the_way_to_remove_it(files: FileStore, name: str) -> None:
    with pytest.raises(LockedFile, match=r"mot de passe.*(Acrobat|Word|LibreOffice|Pages|l’archive|verrou)"):
        files.receive([LOCKED[name]], name)
    assert not any(each.is_file() for each in files.incoming.iterdir())


@pytest.mark.parametrize("revision", [2, 3, 4, 6])
def test_a_pdf_that_only_its_owner_may_change_is_taken(files: FileStore, revision: int) -> None:
    with files.receive([locked_pdf(revision, owner_only=True)], "charte.pdf") as received:
        assert (received.kind.key, received.inspection.pages) == ("pdf", 1)


@pytest.mark.parametrize("name", DAMAGED)
def test_what_nobody_can_open_is_refused(files: FileStore, name: str) -> None:
    with pytest.raises(DamagedFile, match="enregistrez-le de nouveau"):
        files.receive([DAMAGED[name]], name)


@given(end=st.integers(10, pdf().index(b"startxref") + 8))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_pdf_is_refused_wherever_it_was_cut(files: FileStore, end: int) -> None:
    with pytest.raises((DamagedFile, RefusedKind)):
        files.receive([pdf()[:end]], "charte.pdf")


def test_the_page_says_why_and_offers_nothing_to_sign(site: Callable[..., Site]) -> None:
    review = site("constitution in review")
    with review.client(review.cast.agent) as agent:
        path = f"{review.deliverable(NOTE)}/depot"
        answer = agent.send(path, {}, file=("fichier", "note.pdf", locked_pdf(6)))
    assert answer.status_code == 415
    assert "« note.pdf » est protégé par un mot de passe" in plain(answer.text)
    assert review.cast.deliverable(NOTE).number == 1


def test_the_page_of_acts_on_paper_refuses_a_scan_that_nobody_can_open(site: Callable[..., Site]) -> None:
    review = site("charter in review")
    with review.client(review.cast.contact(NIORT)) as contact:
        fields = {"partie": NIORT, "empreinte": review.cast.deliverable("charte").sha256 or ""}
        fields |= {"decision": "approved", "sorte": "elected_signature"}
        fields |= {"date": review.cast.today.isoformat()}
        path = f"{review.deliverable('charte')}/acte-papier"
        answer = contact.send(path, fields, file=("fichier", "scan.pdf", DAMAGED["coupe.pdf"]))
    assert answer.status_code == 415
    assert "abîmé ou incomplet" in plain(answer.text)


def test_the_api_answers_with_a_code_of_its_own(api: Callable[..., Api]) -> None:
    here = api("charter in review")
    for content, code in ((locked_pdf(6), "locked-file"), (DAMAGED["coupe.pdf"], "damaged-file")):
        files = {"file": ("charte.pdf", content)}
        path = "./stages/charter/deliverables/charte/versions"
        refused = problem(here.post(here.cast.agent, path, files=files))
        assert (refused["status"], refused["code"]) == (415, code)


@pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
def test_the_command_says_it_in_a_sentence(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli, file = CommandLine(db, tmp_path, monkeypatch), tmp_path / "note.pdf"
    cli.create()
    file.write_bytes(locked_pdf(4))
    refused = cli.refused("deliverable", "submit", SLUG, "constitution", NOTE, file, "--as", AGENT)
    app_settings.cache_clear()
    assert "« note.pdf » est protégé par un mot de passe" in refused

"""Documents over HTTP: in place or downloaded by what they are, by pieces, unchanged, for who may read them."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cast import BOURGES, NIORT
from sample_files import pdf, png
from site_of_tests import Site

from models.sign_off import Decision

TakeSite = Callable[..., Site]
NOTE = "note_de_cadrage"
OF_THE_BODY = {"accept-ranges", "content-length", "date", "last-modified", "x-request-id"}
"""What only a whole answer has, or each answer draws; a browser gives a file it keeps every other header of a 304."""
ACTIVE = pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>")


@pytest.fixture
def review(site: TakeSite) -> Site:
    return site("constitution in review")


def put(site: Site, name: str, content: bytes) -> str:
    """Submit this file as a version of the note; gives its path."""
    file: Path = site.cast.folder / name
    file.write_bytes(content)
    version = site.cast.submit(NOTE, path=file)
    return f"{site.deliverable(NOTE)}/versions/{version.number}"


@pytest.mark.parametrize(
    ("name", "content", "media", "shown"),
    [
        ("note d’été.pdf", pdf(), "application/pdf", True),
        ("carte.png", png(), "image/png", True),
        ("note.txt", b"<script>alert(1)</script> au milieu d\xc3\xa9", "text/plain; charset=utf-8", True),
        ("actif.pdf", ACTIVE, "application/pdf", False),
        ("courrier.rtf", rb"{\rtf1\ansi Bonjour}", "application/rtf", False),
    ],
)
def test_what_cannot_act_is_shown_in_place_and_the_rest_is_downloaded(
    review: Site, name: str, content: bytes, media: str, shown: bool
) -> None:
    path = put(review, name, content if name != "note.txt" else b"Note. " + content)
    with review.client(review.cast.mayor(NIORT)) as mayor:
        answer = mayor.get(path)
        kept = mayor.get(f"{path}?telecharger=1")
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert answer.content == kept.content
    assert answer.headers["content-disposition"].startswith("inline" if shown else "attachment")
    assert kept.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert ("sandbox" in answer.headers["content-security-policy"]) is not shown
    assert answer.headers["x-frame-options"] == ("SAMEORIGIN" if shown else "DENY")


def test_the_page_shows_each_sort_its_own_way(review: Site) -> None:
    def page() -> str:
        with review.client(review.cast.mayor(NIORT)) as mayor:
            return mayor.read(review.deliverable(NOTE))

    path = put(review, "note.pdf", pdf())
    assert f'<iframe class="document__frame" src="{path}#' in page()
    path = put(review, "carte.png", png())
    assert f'<img class="document__image" src="{path}"' in page()
    path = put(review, "actif.pdf", ACTIVE)
    shown = page()
    assert "<iframe" not in shown
    assert f'href="{path}?telecharger=1">Télécharger le document' in shown
    put(review, "note.txt", "Été <script>alert(1)</script>".encode("windows-1252"))
    assert "Été &lt;script&gt;alert(1)&lt;/script&gt;" in page()
    put(review, "long.txt", b"mot " * 60_000)
    assert "la suite est dans le fichier" in page()


def test_a_document_is_named_by_its_hash_and_asked_again_for_nothing(review: Site) -> None:
    path = put(review, "note.pdf", pdf())
    with review.client(review.cast.mayor(NIORT)) as mayor:
        answer = mayor.get(path)
        assert answer.headers["etag"] == f'"{hashlib.sha256(pdf()).hexdigest()}"'
        assert answer.headers["cache-control"] == "private, no-cache"
        again = mayor.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for name in set(answer.headers) - OF_THE_BODY:
            assert again.headers.get(name) == answer.headers[name], name
        part = mayor.get(path, headers={"Range": "bytes=0-7", "If-Range": answer.headers["etag"]})
        assert (part.status_code, part.content) == (206, pdf()[:8])
        whole = mayor.get(path, headers={"Range": "bytes=0-7", "If-Range": '"autre"'})
        assert (whole.status_code, whole.content) == (200, pdf())


def test_old_versions_stay_and_others_are_not_there(review: Site) -> None:
    path = put(review, "note.pdf", pdf())
    with review.client(review.cast.mayor(NIORT)) as mayor:
        assert "version 1" in mayor.read(path.replace("versions/2", "versions/1"))
        for other in ("versions/3", "versions/0", "versions/-1", "versions/..%2f..%2fsecret", "versions/abc"):
            assert mayor.get(path.replace("versions/2", other)).status_code == 404
        assert mayor.get(f"{review.project}/livrables/../../../etc/passwd").status_code == 404


def test_a_document_missing_from_the_disk_is_told(review: Site) -> None:
    path = put(review, "perdu.txt", b"Un texte que personne d'autre n'a")
    review.cast.files.path(review.cast.deliverable(NOTE).sha256 or "").unlink()
    with review.client(review.cast.mayor(NIORT)) as mayor:
        assert "n’est pas sur le serveur" in mayor.read(review.deliverable(NOTE))
        lost = mayor.get(path)
    assert lost.status_code == 409
    assert "n’est pas sur le serveur" in lost.text


def test_published_documents_are_anybodys_and_the_others_nobodys(site: TakeSite) -> None:
    over = site("over")
    with over.client(over.cast.agent) as agent:
        version = agent.get(f"{over.deliverable('dossier_de_capitalisation')}/versions/1").content
    with over.client() as anybody:
        answers = [anybody.get(f"/publics/{over.cast.slug}/documents/{number}") for number in range(1, 6)]
        assert version in [each.content for each in answers if each.status_code == 200]
        assert {each.headers.get("content-encoding") for each in answers if each.status_code == 200} == {None}
        assert anybody.get(f"/publics/{over.cast.slug}/documents/9999").status_code == 404
        assert anybody.get("/publics/aucun/documents/1").status_code == 404
        assert anybody.get(f"{over.deliverable('charte')}/versions/1").status_code == 303


def test_the_scan_of_a_paper_act_is_read_by_who_stands_in_the_project(site: TakeSite) -> None:
    charter = site("charter in review")
    receipt = f"/recus/{charter.cast.sign('charte', BOURGES)}"
    with charter.client(charter.cast.observer) as reader:
        assert f'href="{receipt}/preuve"' in reader.read(receipt)
        assert "number" in reader.get(f"{receipt}/preuve").text
    with charter.client(charter.cast.outsider) as outsider:
        assert outsider.get(f"{receipt}/preuve").status_code == 404
    click = charter.cast.sign("charte", NIORT, Decision.refused)
    with charter.client(charter.cast.observer) as reader:
        assert reader.get(f"/recus/{click}/preuve").status_code == 404


def test_the_attestation_of_a_decision_is_a_page_to_keep(review: Site) -> None:
    receipt = f"/recus/{review.cast.sign(NOTE, NIORT)}"
    with review.client(review.cast.observer) as reader:
        assert f'href="{receipt}/attestation.pdf"' in reader.read(receipt)
        answer = reader.get(f"{receipt}/attestation.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith('inline; filename="attestation-')
    with review.client(review.cast.outsider) as outsider:
        assert outsider.get(f"{receipt}/attestation.pdf").status_code == 404

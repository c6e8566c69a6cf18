"""Files through the API: a version submitted and given back, a document with a commitment, what is not taken."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from api import Api, problem
from cast import BOURGES, NIORT
from sample_files import pdf

CHARTER = "./stages/charter/deliverables/charte"
At = Callable[..., Api]


@pytest.fixture
def here(api: At) -> Api:
    return api("charter in review")


def submit(here: Api, name: str, content: bytes, **fields: str) -> Any:
    files = {"file": (name, content)}
    return here.post(here.cast.agent, f"{CHARTER}/versions", data=fields, files=files)


def test_a_version_is_submitted_listed_and_given_back_as_it_was(here: Api) -> None:
    answer = submit(here, "charte été.pdf", pdf(), note="L’article 4 est réécrit.")
    assert (answer.status_code, answer.json()["version"]) == (201, 2)
    listed = here.get(here.cast.observer, f"{CHARTER}/versions").json()
    assert [each["number"] for each in listed] == [2, 1]
    assert listed[0]["change_note"] == "L’article 4 est réécrit."
    given = here.get(here.cast.observer, f"{CHARTER}/versions/2")
    assert given.content == pdf()
    assert given.headers["content-type"] == "application/pdf"
    assert given.headers["content-disposition"].startswith("attachment;")
    assert given.headers["etag"] == f'"{listed[0]["sha256"]}"'
    assert problem(here.get(here.cast.observer, f"{CHARTER}/versions/3"))["status"] == 404


def test_a_minor_revision_says_why_and_can_be_objected_to(api: At) -> None:
    here = api("constitution in review")
    here.cast.set_clock(datetime.now(UTC))
    here.cast.sign("note_de_cadrage", NIORT)
    note = "./stages/constitution/deliverables/note_de_cadrage"

    def revise(**fields: str) -> Any:
        files = {"file": ("n.pdf", pdf())}
        return here.post(here.cast.agent, f"{note}/versions", data={"minor": "true", **fields}, files=files)

    assert problem(revise())["code"] == "minor-needs-reason"
    answer = revise(reason="Une coquille").json()
    assert (answer["is_minor"], answer["round"]) == (True, 1)
    assert answer["objections_until"] is not None
    mayor, body = here.cast.mayor(NIORT), {"party": NIORT}
    objected = here.post(mayor, f"{note}/objections", json=body)
    assert (objected.status_code, objected.json()["version"], objected.json()["round"]) == (200, 2, 2)
    assert here.post(mayor, f"{note}/objections", json=body).json() == objected.json()
    again = here.post(here.cast.mayor(BOURGES), f"{note}/objections", json={"party": BOURGES})
    assert problem(again)["code"] == "already-objected"
    listed = here.get(mayor, f"{note}/versions").json()[0]
    assert (listed["is_minor"], listed["objected_by_party"]) == (True, NIORT)


def test_a_minor_revision_is_refused_where_a_council_acts(here: Api) -> None:
    refused = problem(submit(here, "c.pdf", pdf(), minor="true", reason="Une coquille"))
    assert (refused["status"], refused["code"]) == (409, "minor-forbidden")


def test_a_file_that_is_not_taken_says_why_and_leaves_no_trace(api: At) -> None:
    here = api("charter in review", file_limit_mb=1)
    before = kept(here)
    for name, content, status, code in (
        ("page.html", b"<html><script>1</script>", 415, "refused-kind"),
        ("vide.txt", b"", 422, "unusable-file"),
        ("gros.txt", b"a" * 1_500_000, 413, "too-large-file"),
        ("enorme.txt", b"a" * 3_000_000, 413, "too-large"),
    ):
        refused = problem(submit(here, name, content))
        assert (refused["status"], refused["code"]) == (status, code)
    place = f"{CHARTER}/versions"
    assert problem(here.post(here.cast.agent, place, data={"minor": "true"}))["status"] == 415
    empty = here.post(here.cast.agent, place, files={"autre": (None, "un champ")})
    assert problem(empty)["errors"][0]["pointer"] == "#/autre"
    odd = submit(here, "c.txt", b"un texte", minor="peut-etre")
    assert problem(odd)["errors"][0]["pointer"] == "#/minor"
    assert problem(here.post(here.cast.outsider, place, files={"file": ("a.txt", b"a")}))["status"] == 404
    assert kept(here) == before


def kept(here: Api) -> list[Path]:
    return sorted(each for each in here.state.site.files.folder.rglob("*") if each.is_file())


def test_a_commitment_is_kept_with_its_document(api: At) -> None:
    here = api("charter closed")
    number = here.cast.commitments(owner=NIORT)[0].id
    files = {"file": ("registre.txt", b"64 participants")}
    place = f"./commitments/{number}/keep-with-file"
    answer = here.post(here.cast.contact(NIORT), place, files=files)
    assert (answer.json()["status"], answer.json()["evidence"]) == ("kept", "registre.txt")
    assert here.state.site.files.path(answer.json()["evidence_sha256"]).read_bytes() == b"64 participants"
    again = here.post(here.cast.contact(NIORT), f"./commitments/{number}/keep", json={"evidence": "Autre"})
    assert problem(again)["code"] == "commitment-settled"
    assert (
        problem(here.post(here.cast.agent, "./commitments/9999/waive", json={"reason": "x"}))["status"] == 404
    )

"""A version is submitted from its page: who may, what is refused in place with what was typed, plans read first."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from cast import BOURGES, EXAMPLES, NIORT
from sample_files import pdf
from site_of_tests import Site

from models.action_plan import read_action_plan
from models.person import Actor
from models.stage import StageStatus

TakeSite = Callable[..., Site]
NOTE = "note_de_cadrage"
STATIC = Path(__file__).parents[2] / "web" / "static"


def submit(
    site: Site,
    who: Actor,
    key: str,
    owner: str | None = None,
    file: tuple[str, bytes] | None = None,
    **more: str,
) -> httpx.Response:
    with site.client(who) as visitor:
        upload = ("fichier", *file) if file else None
        return visitor.send(f"{site.deliverable(key, owner)}/depot", more, file=upload)


def test_a_contact_submits_the_document_of_their_city(site: TakeSite) -> None:
    diagnosis = site("diagnosis open")
    contact = diagnosis.cast.contact(NIORT)
    path = diagnosis.deliverable("diagnostic", NIORT)
    with diagnosis.client(contact) as visitor:
        assert "C’est à vous de le déposer" in visitor.read(path)
    answer = submit(diagnosis, contact, "diagnostic", NIORT, ("diagnostic.pdf", pdf()))
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    with diagnosis.client(contact) as visitor:
        page = visitor.read(path)
    assert "<strong>Version 1</strong>" in page
    assert f'src="{path}/versions/1#' in page
    assert "Déposer une nouvelle version" in page


def test_a_new_version_says_what_it_changes_to_who_knew_the_one_before(site: TakeSite) -> None:
    review = site("constitution in review")
    review.cast.sign(NOTE, NIORT)
    with review.client(review.cast.agent) as agent:
        assert "fait tomber les réponses" in agent.read(review.deliverable(NOTE))
    note = "Le calendrier.\r\nEt <le> budget."
    assert submit(review, review.cast.agent, NOTE, file=("note.txt", b"Deux"), note=note).status_code == 303
    with review.client(review.cast.mayor(NIORT)) as mayor:
        page = mayor.read(review.deliverable(NOTE))
    assert "Le calendrier.\nEt &lt;le&gt; budget." in page
    assert "Niort s’était prononcée sur la version 1" in page


def test_the_agency_alone_flags_a_minor_revision_with_its_reason(site: TakeSite) -> None:
    review = site("constitution in review")
    review.cast.sign(NOTE, NIORT)
    agent = review.cast.agent
    unexplained = submit(review, agent, NOTE, file=("note.txt", b"Deux"), mineure="oui", note="Une coquille")
    assert unexplained.status_code == 422
    assert "dites pourquoi elle est mineure" in unexplained.text
    assert "Une coquille</textarea>" in unexplained.text
    assert 'name="mineure" value="oui" checked' in unexplained.text
    long = submit(review, agent, NOTE, file=("note.txt", b"Deux"), mineure="oui", motif_mineur="a" * 2001)
    assert "raccourcissez à 2000 au plus" in long.text
    kept = submit(review, agent, NOTE, file=("note.txt", b"Deux"), mineure="oui", motif_mineur="Une date")
    assert kept.status_code == 303
    with review.client(agent) as visitor:
        page = visitor.read(review.deliverable(NOTE))
    assert "révision mineure" in page
    assert "Une date" in page
    assert review.cast.sign_offs(NOTE)[0].voided_at is None


@pytest.mark.parametrize(
    ("file", "status", "sentence"),
    [
        (("", b""), 422, "Aucun fichier n’est choisi"),
        (("page.html", b"<html><script>alert(1)</script>"), 415, "une page web"),
        (("gros.txt", b"a" * (2 * 1024 * 1024 + 1)), 413, "la limite est de 2"),
        (("vide.txt", b""), 422, "est vide"),
        (("../../document.md", b"note_de_cadrage de toutes, version 1"), 409, "est déjà la version"),
    ],
    ids=["no file", "active", "too large", "empty", "same content"],
)
def test_a_refused_file_is_told_in_place_and_nothing_typed_is_lost(
    site: TakeSite, file: tuple[str, bytes], status: int, sentence: str
) -> None:
    review = site("constitution in review", file_limit_mb=2)
    answer = submit(review, review.cast.agent, NOTE, file=file, note="Ce que j’ai changé")
    assert answer.status_code == status
    assert sentence in answer.text
    assert "Ce que j’ai changé</textarea>" in answer.text
    assert review.cast.deliverable(NOTE).number == 1


def test_who_may_not_submit_is_told_so(site: TakeSite) -> None:
    diagnosis = site("diagnosis open")
    cast = diagnosis.cast
    file = ("note.txt", b"Un texte")
    for who in (cast.mayor(NIORT), cast.observer):
        assert submit(diagnosis, who, "diagnostic", NIORT, file).status_code == 403
    answer = submit(diagnosis, cast.contact(BOURGES), "diagnostic", NIORT, file)
    assert (answer.status_code, "ne peut pas déposer" in answer.text) == (403, True)
    assert submit(diagnosis, cast.outsider, "diagnostic", NIORT, file).status_code == 404
    with diagnosis.client(cast.contact(BOURGES)) as visitor:
        assert 'id="deposer"' not in visitor.read(diagnosis.deliverable("diagnostic", NIORT))
        foreign = visitor.http.post(
            f"{diagnosis.deliverable('diagnostic', BOURGES)}/depot",
            files={"fichier": file},
            data={"jeton": "0"},
        )
        assert foreign.status_code == 403
    assert cast.deliverable("diagnostic", NIORT).number == 0


def test_a_report_waits_for_the_strands_of_the_consultation(site: TakeSite) -> None:
    consultation = site("consultation open")
    contact = consultation.cast.contact(NIORT)
    answer = submit(consultation, contact, "bilan_de_concertation", NIORT, ("bilan.txt", b"Un bilan"))
    assert answer.status_code == 409
    assert "volet" in answer.text


def test_an_action_plan_is_read_before_it_is_submitted(site: TakeSite) -> None:
    plan = site("action plan open")
    contact, path = plan.cast.contact(NIORT), plan.deliverable("plan_d_action", NIORT)
    (file,) = (EXAMPLES / "plans").glob(f"{NIORT}-*")
    whole = (file.name, file.read_bytes())
    with plan.client(contact) as visitor:
        assert 'href="/static/modele-plan-action.csv?v=' in visitor.read(path)
    wrong = submit(
        plan, contact, "plan_d_action", NIORT, ("plan.csv", whole[1].replace(b"2029-03-31", b"demain"))
    )
    assert wrong.status_code == 422
    assert "ligne 2, champ echeance" in wrong.text.replace("\u00a0", " ")
    checked = submit(plan, contact, "plan_d_action", NIORT, whole, verifier="oui")
    assert checked.status_code == 200
    assert "Rien n’est encore déposé" in checked.text
    assert "145\u00a0000\u00a0€" in checked.text
    assert plan.cast.deliverable("plan_d_action", NIORT).number == 0
    excel = (file.name, f"Plan de Niort\n{whole[1].decode()}".encode("utf-16"))
    assert submit(plan, contact, "plan_d_action", NIORT, excel).status_code == 303
    with plan.client(plan.cast.mayor(NIORT)) as mayor:
        page = mayor.read(path)
    assert "3\u00a0actions dans ce plan" in page
    assert "Quatre-vingts agents formés" in page


@pytest.mark.parametrize("name", ["modele-plan-action.csv", "modele-plan-action.yaml"])
def test_the_plans_to_start_from_can_be_submitted(name: str) -> None:
    assert len(read_action_plan((STATIC / name).read_bytes(), name)) == 2


def test_nothing_is_submitted_once_everybody_has_signed(site: TakeSite) -> None:
    charter = site("charter in review")
    assert charter.cast.status("constitution") is StageStatus.closed
    late = submit(charter, charter.cast.agent, NOTE, file=("note.txt", b"Trop tard"))
    assert late.status_code == 409
    with charter.client(charter.cast.agent) as agent:
        assert 'id="deposer"' not in agent.read(charter.deliverable(NOTE))
        assert agent.get(f"{charter.deliverable(NOTE)}/depot").headers["location"].endswith("#deposer")

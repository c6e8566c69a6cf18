"""Acts given on paper, recorded on a page: by whom, with which scan, and a council's act with all that it says."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from cast import BOURGES, MANTES, NIORT
from sample_files import pdf
from site_of_tests import Site

from models.act_kind import ActKind
from models.person import Actor
from models.proposal import Proposal, ProposalState
from models.recorded_act import RecordedAct
from models.sign_off import Decision

TakeSite = Callable[..., Site]
SCAN = ("extrait signé.pdf", pdf())
COUNCIL = {
    "number": "2026-09-112",
    "subject": "Charte de projet partagé – <Assises> de la culture",
    "matter_code": "8.9",
}


@pytest.fixture
def charter(site: TakeSite) -> Site:
    return site("charter in review")


def council(site: Site, **more: str) -> dict[str, str]:
    """The fields of the council's act, voted today."""
    return COUNCIL | {"session_date": site.cast.today.isoformat()} | more


def confirm(site: Site, who: Actor, answer: httpx.Response) -> str:
    """Turn the second key of what was just recorded; returns the path of the receipt."""
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    with site.client(who) as visitor:
        assert visitor.send(f"{path}/confirmer").status_code == 303
    (proposal,) = site.cast.all(
        Proposal, Proposal.state == ProposalState.confirmed, Proposal.id == number(path)
    )
    assert isinstance(proposal, Proposal)
    return f"/recus/{proposal.result_id}"


def number(path: str) -> int:
    return int(path.rsplit("/", 1)[1])


def record(
    site: Site, who: Actor, key: str = "charte", *, file: tuple[str, bytes] = SCAN, **more: str
) -> httpx.Response:
    fields = {"partie": NIORT, "empreinte": site.cast.deliverable(key).sha256 or "", "decision": "approved"}
    with site.client(who) as visitor:
        return visitor.send(f"{site.deliverable(key)}/acte-papier", fields | more, file=("fichier", *file))


def test_a_contact_records_the_deliberation_of_their_council_with_its_scan(charter: Site) -> None:
    contact = charter.cast.contact(NIORT)
    with charter.client(contact) as visitor:
        form = visitor.read(f"{charter.deliverable('charte')}/acte-papier")
        assert "Enregistrer l’acte de Niort" in form
        assert 'value="deliberation" required checked' in form
    votes = {
        "members_in_office": "45",
        "present": "38",
        "represented": "4",
        "votes_for": "40",
        "secretary": "L. B.",
    }
    answer = record(charter, contact, sorte="deliberation", **council(charter), **votes)
    assert charter.cast.sign_offs("charte") == [], "the ANCT has not confirmed it yet"
    with charter.client(contact) as visitor:
        assert visitor.send(f"{answer.headers['location']}/confirmer").status_code == 403, "not by oneself"
        assert "attend" in visitor.read(answer.headers["location"])
    assert charter.cast.sign_offs("charte") == []
    receipt_path = confirm(charter, charter.cast.agent, answer)
    (recorded,) = charter.cast.sign_offs("charte")
    assert (recorded.act_kind, recorded.decision) == (ActKind.deliberation, Decision.approved)
    assert recorded.signed_by == charter.cast.mayor(NIORT).person_id
    assert recorded.recorded_by == contact.person_id
    with charter.client(charter.cast.observer) as reader:
        receipt = reader.read(receipt_path)
        scan = reader.get(f"{receipt_path}/preuve")
    assert f"2026-09-112, séance du {charter.cast.today.day}" in receipt
    assert "Charte de projet partagé – &lt;Assises&gt; de la culture" in receipt
    assert "Présents\u00a0: 38" in receipt
    assert "Enregistrée le" in receipt
    assert scan.content == pdf()
    assert "extrait" in scan.headers["content-disposition"]


def test_what_is_wrong_in_the_act_is_told_field_by_field_and_stays_typed(charter: Site) -> None:
    contact = charter.cast.contact(NIORT)
    wrong = {
        "number": "",
        "matter_code": "culture",
        "present": "beaucoup",
        "prefecture_id": "78",
        "votes_for": "-1",
    }
    answer = record(charter, contact, sorte="deliberation", **council(charter, **wrong))
    assert answer.status_code == 422
    for label in (
        "Numéro de la délibération",
        "Code de matière",
        "Présents",
        "Identifiant de la préfecture",
        "Voix",
    ):
        assert f"«\u00a0{label}" in answer.text
    for typed in ("culture", "beaucoup", "78", "-1", charter.cast.today.isoformat()):
        assert f'value="{typed}"' in answer.text
    assert "&lt;Assises&gt;" in answer.text
    assert "à choisir de nouveau" in answer.text
    assert charter.cast.sign_offs("charte") == []


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"members_in_office": "45", "present": "10"}, "le quorum n’est pas atteint"),
        ({"members_in_office": "45", "present": "40", "represented": "9"}, "membres présents ou représentés"),
        ({"present": "30", "votes_for": "10", "votes_against": "20"}, "n’est pas adoptée"),
        ({"votes_for": "20", "votes_against": "20"}, "dites s’il a voté pour ou contre"),
        ({"signed_by_secretary": "non"}, "L2121-23"),
        ({"session_date": "2099-01-01"}, "avenir"),
        ({"published_on": "2026-09-01"}, "précède la séance"),
    ],
)
def test_an_unlawful_deliberation_is_refused_with_its_rule(
    charter: Site, more: dict[str, str], sentence: str
) -> None:
    answer = record(charter, charter.cast.contact(NIORT), sorte="deliberation", **council(charter, **more))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert charter.cast.open_proposals() == []


def test_an_act_needs_its_party_its_decision_its_sort_its_date_and_its_scan(site: TakeSite) -> None:
    review = site("constitution in review")
    agent, note = review.cast.agent, "note_de_cadrage"
    today, eve = review.cast.today, review.cast.today - timedelta(days=30)
    whole = {"partie": MANTES, "sorte": "elected_signature", "date": today.isoformat()}
    for missing, sentence in (
        ({"partie": ""}, "Choisissez la collectivité"),
        ({"decision": ""}, "Choisissez une réponse"),
        ({"sorte": ""}, "la sorte d’acte"),
        ({"date": ""}, "la date de l’acte"),
        ({"date": "2099-01-01"}, "dans l’avenir"),
        ({"date": eve.isoformat()}, "Motif de l’antériorité"),
        ({"date": "2020-01-01", "motif-date": "Vieux papier"}, "avant le début du projet"),
        ({"decision": "refused"}, "donnez un motif"),
    ):
        answer = record(review, agent, note, **(whole | missing))
        assert (answer.status_code, sentence in answer.text) == (422, True), sentence
    without = record(review, agent, note, file=("", b""), **whole)
    assert "Aucun fichier n’est choisi" in without.text
    active = record(review, agent, note, file=("scan.pdf", b"<html>"), **whole)
    assert "une page web" in active.text
    assert review.cast.open_proposals() == []
    confirm(review, review.cast.contact(MANTES), record(review, agent, note, **whole))
    (recorded,) = review.cast.sign_offs(note)
    assert recorded.acted_on is not None
    assert len(review.cast.all(RecordedAct)) == 1


def test_an_act_on_another_content_is_told_and_not_recorded(charter: Site) -> None:
    stale = charter.cast.deliverable("charte").sha256 or ""
    charter.cast.submit("charte")
    answer = record(
        charter, charter.cast.contact(NIORT), sorte="deliberation", empreinte=stale, **council(charter)
    )
    assert answer.status_code == 409
    assert "l’a remplacée" in answer.text
    assert f'value="{charter.cast.deliverable("charte").sha256}"' in answer.text


def test_an_act_weaker_than_the_one_expected_is_refused(charter: Site) -> None:
    answer = record(
        charter, charter.cast.contact(NIORT), sorte="mayoral_decision", date=charter.cast.today.isoformat()
    )
    assert answer.status_code == 409
    assert "demande au moins" in answer.text


def test_each_records_for_those_they_act_for_and_the_agency_for_all(charter: Site) -> None:
    cast, path = charter.cast, f"{charter.deliverable('charte')}/acte-papier"
    with charter.client(cast.agent) as agent:
        assert "De quelle collectivité" in agent.read(path)
        assert "Enregistrer l’acte de Bourges" in agent.read(f"{path}?partie={BOURGES}")
    answer = record(charter, cast.contact(BOURGES), sorte="deliberation", **council(charter))
    assert (answer.status_code, "seul l’interlocuteur privilégié de Niort" in answer.text) == (403, True)
    delegate = cast.delegate(NIORT)
    with charter.client(delegate) as visitor:
        assert "Vous n’agissez pour aucune" in visitor.read(path)
    for who in (cast.observer,):
        assert record(charter, who, sorte="deliberation", **council(charter)).status_code == 403
    assert record(charter, cast.outsider, sorte="deliberation", **council(charter)).status_code == 404
    assert cast.open_proposals() == []

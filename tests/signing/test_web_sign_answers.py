"""The page where a mayor reads and signs, and the receipt: each rule of the sign-off as a page meets it."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from cast import BOURGES, GUICHEN, MANTES, NIORT
from site_of_tests import Site, Visitor

from models.act_kind import ActKind
from models.person import Actor, AuthMethod
from models.sign_off import Decision
from models.stage import StageStatus

TakeSite = Callable[..., Site]
NOTE = "note_de_cadrage"


@pytest.fixture
def review(site: TakeSite) -> Site:
    """The first document is to be signed by four mayors."""
    return site("constitution in review")


def fields(site: Site, key: str = NOTE, party: str = NIORT, **more: str) -> dict[str, str]:
    """What the form of the page sends, for the version that is current."""
    owner = party if key == "diagnostic" else None
    sha256 = site.cast.deliverable(key, owner).sha256 or ""
    return {"partie": party, "empreinte": sha256, "decision": "approved", "motif": ""} | more


def give(site: Site, who: Actor, key: str = NOTE, **more: str) -> httpx.Response:
    with site.client(who) as visitor:
        return visitor.send(site.deliverable(key), fields(site, key, **more))


def receipt_of(visitor: Visitor, answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return visitor.read(answer.headers["location"])


def test_a_mayor_reads_what_is_to_be_approved_until_when_and_who_has_answered(review: Site) -> None:
    review.cast.sign(NOTE, MANTES)
    review.cast.sign(
        NOTE, BOURGES, Decision.approved_with_reservations, reason="Préciser <b>le</b> calendrier."
    )
    with review.client(review.cast.mayor(NIORT)) as mayor:
        page = mayor.read(review.deliverable(NOTE))
    assert "<h1>Note de cadrage</h1>" in page
    assert "au plus tard le" in page
    assert "note_de_cadrage de toutes, version 1" in page  # the document itself, read in place
    assert review.cast.deliverable(NOTE).sha256 in page
    assert "Préciser &lt;b&gt;le&lt;/b&gt; calendrier." in page
    answers = page.partition('id="reserves"')[0]
    assert answers.count("réponse attendue") == 2
    assert "signature d’un élu" in page
    assert "Signer la réponse de Niort" in page


def test_an_approval_leaves_a_fact_and_a_receipt(review: Site) -> None:
    with review.client(review.cast.mayor(NIORT)) as mayor:
        page = receipt_of(mayor, mayor.send(review.deliverable(NOTE), fields(review)))
        deliverable = mayor.read(review.deliverable(NOTE))
    (recorded,) = review.cast.sign_offs(NOTE)
    assert (recorded.decision, recorded.act_kind) == (Decision.approved, ActKind.elected_signature)
    assert recorded.auth_method is AuthMethod.email_link
    assert recorded.sha256 in page
    assert f"Reçu n° {recorded.id}".replace(" n° ", " n°\u00a0") in page.replace(" n° ", " n°\u00a0")
    assert "Niort approuve «\u00a0Note de cadrage\u00a0»" in page
    assert "par un lien reçu par courriel" in page
    assert "Restent à donner les réponses de Mantes-la-Jolie, de Bourges et de Guichen" in page
    assert f'href="/recus/{recorded.id}"' in deliverable
    assert 'name="decision"' not in deliverable


def test_a_double_click_is_one_fact(review: Site) -> None:
    answers = [give(review, review.cast.mayor(NIORT)) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(review.cast.sign_offs(NOTE)) == 1


def test_two_clicks_at_the_same_instant_are_one_fact(review: Site) -> None:
    with ThreadPoolExecutor(4) as at_once:
        clicks = [at_once.submit(give, review, review.cast.mayor(NIORT)) for _ in range(4)]
        answers = [each.result() for each in clicks]
    assert {each.headers.get("location") for each in answers} == {
        f"/recus/{review.cast.sign_offs(NOTE)[0].id}"
    }
    assert len(review.cast.sign_offs(NOTE)) == 1


@pytest.mark.parametrize("decision", ["approved_with_reservations", "refused"])
def test_reservations_and_refusals_say_why_and_nothing_chosen_is_lost(review: Site, decision: str) -> None:
    answer = give(review, review.cast.mayor(NIORT), decision=decision, motif=" \r\n ")
    assert answer.status_code == 422
    assert "donnez un motif" in answer.text
    assert re.search(f'value="{decision}" required checked', answer.text)
    assert review.cast.sign_offs(NOTE) == []
    with review.client(review.cast.mayor(NIORT)) as mayor:
        sent = fields(review, decision=decision, motif="Il manque\r\nles <associations>.")
        page = receipt_of(mayor, mayor.send(review.deliverable(NOTE), sent))
    assert "Il manque\nles &lt;associations&gt;." in page
    assert review.cast.sign_offs(NOTE)[0].reason == "Il manque\nles <associations>."


def test_an_answer_must_be_chosen(review: Site) -> None:
    for decision in ("", "peut-être"):
        answer = give(review, review.cast.mayor(NIORT), decision=decision, motif="Déjà écrit")
        assert answer.status_code == 422
        assert "Choisissez une réponse" in answer.text
        assert "Déjà écrit</textarea>" in answer.text


def test_a_reason_too_long_comes_back_whole(review: Site) -> None:
    answer = give(review, review.cast.mayor(NIORT), decision="refused", motif="a" * 5001)
    assert answer.status_code == 422
    assert "5001 caractères" in answer.text
    assert "a" * 5001 in answer.text


def test_a_version_that_changed_meanwhile_is_told_and_not_signed(review: Site) -> None:
    read = fields(review, decision="approved_with_reservations", motif="Ma réserve")
    review.cast.submit(NOTE)
    with review.client(review.cast.mayor(NIORT)) as mayor:
        answer = mayor.send(review.deliverable(NOTE), read)
        assert answer.status_code == 409
        assert "la version\u00a02 l’a remplacée" in answer.text or "la version 2 l’a remplacée" in answer.text
        assert "Ma réserve</textarea>" in answer.text
        assert " checked" not in answer.text  # the choice was about another text
        assert f'name="empreinte" value="{review.cast.deliverable(NOTE).sha256}"' in answer.text
        assert "version 2" in answer.text
        assert review.cast.sign_offs(NOTE) == []
        assert mayor.send(review.deliverable(NOTE), fields(review)).status_code == 303


def test_a_signer_is_told_what_changed_since_the_version_they_knew(review: Site) -> None:
    cast = review.cast
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE)
    cast.submit(NOTE, minor="Une coquille à la page 2.")
    with review.client(cast.mayor(NIORT)) as mayor:
        page = mayor.read(review.deliverable(NOTE))
    assert "Niort s’était prononcée sur la version 1. Depuis" in page
    assert "Une coquille à la page 2." in page
    assert "Toutes les versions (3)" in page
    with review.client(cast.mayor(BOURGES)) as mayor:
        assert "s’était prononcée" not in mayor.read(review.deliverable(NOTE))


def test_who_may_not_sign_is_told_so(review: Site) -> None:
    cast, path = review.cast, review.deliverable(NOTE)
    for who in (cast.agent, cast.contact(NIORT), cast.observer):
        with review.client(who) as visitor:
            assert 'name="decision"' not in visitor.read(path)
            assert visitor.send(path, fields(review)).status_code == 403
    answer = give(review, cast.mayor(BOURGES))
    assert answer.status_code == 403
    assert "ne peut pas valider" in answer.text
    assert "delegation add" not in answer.text
    assert cast.sign_offs(NOTE) == []


def test_nobody_else_learns_that_the_document_is_there(review: Site) -> None:
    cast, path = review.cast, review.deliverable(NOTE)
    cast.sign(NOTE, MANTES)
    receipt = cast.sign_offs(NOTE)[0].id
    with review.client(cast.outsider) as visitor:
        addresses = (path, f"{path}/versions/1", f"/recus/{receipt}", f"{review.project}/livrables/9999")
        for address in (
            *addresses,
            "/projets/aucun/livrables/1",
            "/projets/a%00/livrables/1",
            f"{review.project}/livrables/{2**70}",
        ):
            assert visitor.get(address).status_code == 404
        assert visitor.send(path, fields(review)).status_code == 404
        assert visitor.send(f"/recus/{receipt}/retrait", {"motif": "Non"}).status_code == 404
    with review.client() as visitor:
        for address in (path, f"{path}/versions/1", f"/recus/{receipt}"):
            answer = visitor.get(address)
            assert (answer.status_code, answer.headers["location"][:17]) == (303, "/connexion?suite=")


def test_a_document_of_another_project_answers_nothing(review: Site) -> None:
    other = f"{review.project}-bis/livrables/{review.cast.deliverable(NOTE).id}"
    with review.client(review.cast.mayor(NIORT)) as mayor:
        assert mayor.get(other).status_code == 404
        assert mayor.send(other, fields(review)).status_code == 404


def test_a_form_that_is_not_ours_signs_nothing(review: Site) -> None:
    with review.client(review.cast.mayor(NIORT)) as mayor:
        answer = mayor.http.post(review.deliverable(NOTE), data=fields(review) | {"jeton": "0" * 64})
    assert answer.status_code == 403
    assert review.cast.sign_offs(NOTE) == []


def test_a_delegate_signs_in_the_quality_of_their_delegation(review: Site) -> None:
    delegate = review.cast.delegate(NIORT, to_elected=False)
    with review.client(delegate) as visitor:
        page = visitor.read(review.deliverable(NOTE))
        assert "<strong>validation technique</strong>, au titre de votre délégation (Arrêté 2026-118)" in page
        assert "Valider la réponse de Niort" in page
        receipt = receipt_of(visitor, visitor.send(review.deliverable(NOTE), fields(review)))
    assert "par délégation de signature (Arrêté 2026-118)" in receipt
    assert review.cast.sign_offs(NOTE)[0].act_kind is ActKind.technical_validation


def test_who_signs_for_two_parties_has_a_form_for_each(review: Site) -> None:
    delegate = review.cast.delegate(NIORT)
    assert review.cast.delegate(BOURGES).person_id == delegate.person_id
    with review.client(delegate) as visitor:
        page = visitor.read(review.deliverable(NOTE))
        assert "Votre réponse pour Niort" in page
        assert "Votre réponse pour Bourges" in page
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        refused = visitor.send(
            review.deliverable(NOTE), fields(review, party=BOURGES, decision="refused", motif="")
        )
        assert re.search(rf'id="reponse-{BOURGES}-refused"[^>]*checked', refused.text)
        assert not re.search(rf'id="reponse-{NIORT}-refused"[^>]*checked', refused.text)
        receipt_of(visitor, visitor.send(review.deliverable(NOTE), fields(review, party=BOURGES)))
    (recorded,) = review.cast.sign_offs(NOTE)
    assert recorded.party_id == review.cast.party(BOURGES).id


def test_where_a_council_decides_a_click_is_not_enough(site: TakeSite) -> None:
    charter = site("charter in review")
    path = charter.deliverable("charte")
    with charter.client(charter.cast.mayor(NIORT)) as mayor:
        page = mayor.read(path)
        assert "une délibération du conseil" in page
        assert f"{path}/acte-papier?partie={NIORT}" in page
        assert 'value="approved"' not in page
        weaker = mayor.send(path, fields(charter, "charte"))
        assert weaker.status_code == 409
        assert "délibération" in weaker.text
        refusal = fields(charter, "charte", decision="refused", motif="Le budget manque.")
        assert "revient à son auteur" in receipt_of(mayor, mayor.send(path, refusal))
    assert charter.cast.status("charter") is StageStatus.revision_requested


def test_nothing_is_signed_in_a_paused_project(review: Site) -> None:
    review.cast.pause("Élections municipales")
    answer = give(review, review.cast.mayor(NIORT))
    assert answer.status_code == 409
    assert "Élections municipales" in answer.text
    assert 'name="decision"' not in answer.text


def test_nothing_is_signed_nor_withdrawn_once_the_stage_is_closed(site: TakeSite) -> None:
    charter = site("charter open")
    with charter.client(charter.cast.mayor(NIORT)) as mayor:
        late = mayor.send(charter.deliverable(NOTE), fields(charter, decision="refused", motif="Trop tard"))
        assert late.status_code == 409
        recorded = next(
            each for each in charter.cast.sign_offs(NOTE) if each.party_id == charter.cast.party(NIORT).id
        )
        assert "Retirer ma décision" not in mayor.read(f"/recus/{recorded.id}")
        assert mayor.send(f"/recus/{recorded.id}/retrait", {"motif": "Trop tard"}).status_code == 409


def test_a_decision_is_withdrawn_with_its_reason_by_who_may_sign(review: Site) -> None:
    cast = review.cast
    receipt = f"/recus/{cast.sign(NOTE, NIORT)}"
    with review.client(cast.mayor(BOURGES)) as other:
        assert "Retirer ma décision" not in other.read(receipt)
        assert other.send(f"{receipt}/retrait", {"motif": "Non"}).status_code == 403
    with review.client(cast.mayor(NIORT)) as mayor:
        assert "Retirer ma décision" in mayor.read(receipt)
        assert "donnez un motif" in mayor.send(f"{receipt}/retrait", {"motif": " "}).text
        too_long = mayor.send(f"{receipt}/retrait", {"motif": "a" * 2001})
        assert "raccourcissez à 2000 au plus" in too_long.text, "nothing is cut in silence"
        answer = mayor.send(f"{receipt}/retrait", {"motif": "Vote à refaire"})
        assert (answer.status_code, answer.headers["location"]) == (303, review.deliverable(NOTE))
        page = mayor.read(receipt)
        assert "Cette décision ne compte plus" in page
        assert "Vote à refaire" in page
        again = mayor.send(f"{receipt}/retrait", {"motif": "Encore"})
        assert again.headers["location"] == receipt
        assert 'name="decision"' in mayor.read(review.deliverable(NOTE))
    assert [each.withdrawn_reason for each in cast.sign_offs(NOTE)] == ["Vote à refaire"]


def test_the_receipt_says_when_a_new_version_has_voided_the_decision(review: Site) -> None:
    receipt = f"/recus/{review.cast.sign(NOTE, NIORT)}"
    review.cast.submit(NOTE)
    with review.client(review.cast.observer) as reader:
        page = reader.read(receipt)
    assert "Cette décision ne compte plus" in page
    assert "Une nouvelle version" in page


def test_the_receipt_of_a_party_that_left_stays(review: Site) -> None:
    receipt = review.cast.sign(NOTE, GUICHEN)
    from models.stage import RosterSeat

    with review.cast.db.write() as session:
        seat = session.get_one(
            RosterSeat, (review.cast.stage_id("constitution"), review.cast.party(GUICHEN).id)
        )
        seat.left_at = review.cast.now
    with review.client(review.cast.agent) as agent:
        assert "Guichen approuve" in agent.read(f"/recus/{receipt}")

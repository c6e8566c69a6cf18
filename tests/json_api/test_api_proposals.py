"""Two keys through the API: what is proposed, who reads it, who confirms it, who drops it, and the refusals."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from api import Api, problem
from cast import BOURGES, NIORT, SLUG
from sample_files import pdf

from actions.confirmation.settle import expire_proposals
from models.proposal import DAYS_TO_CONFIRM, ProposalKind
from models.signature_delegation import SignatureDelegation
from models.tables import PROPOSAL

At = Callable[[str], Api]
NOTE = "./stages/constitution/deliverables/note_de_cadrage"
DEPUTY = "adjointe@niort.example"


@pytest.fixture
def here(api: At) -> Api:
    return api("constitution in review")


def propose(here: Api, actor: Any = None) -> dict[str, Any]:
    """The contact of Niort records a signature on paper, which the ANCT confirms."""
    fields = {
        "party": NIORT,
        "decision": "approved",
        "sha256": here.cast.deliverable("note_de_cadrage").sha256,
        "signed_on": f"{here.cast.today}",
    }
    files = {"proof": ("note-signee.pdf", pdf())}
    who = actor or here.cast.contact(NIORT)
    answer = here.post(who, f"{NOTE}/paper-acts", data=fields, files=files)
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    return said


def delegate(here: Api, who: Any) -> dict[str, Any]:
    here.cast.register(DEPUTY, "Odile Fournier")
    body = {"party": NIORT, "delegate": DEPUTY, "order": "Arrêté 2026-118", "scope": "all"}
    dates = {"from": f"{here.cast.today}", "until": f"{here.cast.today + timedelta(days=300)}"}
    answer = here.post(who, "/delegations", json=body | dates)
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    return said


def listed(here: Api, who: Any) -> list[int]:
    return [each["id"] for each in here.get(who, "/proposals").json()]


def evidence(here: Api) -> list[dict[str, Any]]:
    stages = here.get(here.cast.agent, ".").json()["stages"]
    (stage,) = [each for each in stages if each["key"] == "constitution"]
    (deliverable,) = stage["deliverables"]
    return [stage["pending_confirmations"], deliverable["sign_offs"]]


def test_an_order_joined_to_a_delegation_lets_an_agent_confirm_it(here: Api) -> None:
    here.cast.register(DEPUTY, "Odile Fournier")
    fields = {
        "party": NIORT,
        "delegate": DEPUTY,
        "order": "Arrêté 2026-118",
        "scope": "all",
        "elected": "true",
    }
    dates = {"from": f"{here.cast.today}", "until": f"{here.cast.today + timedelta(days=300)}"}
    files = {"order_file": ("arrete.pdf", pdf())}
    answer = here.post(here.cast.contact(NIORT), "/delegations/with-order", data=fields | dates, files=files)
    assert answer.status_code == 201, answer.text
    assert answer.json()["waits_for"] == "un agent de l’ANCT ou le maire ou président"
    assert answer.json()["elected"]
    number = answer.json()["proposal"]
    assert here.post(here.cast.agent, f"/proposals/{number}/confirm").json()["status"] == "confirmed"
    without = here.post(here.cast.contact(NIORT), "/delegations/with-order", data=fields | dates)
    assert without.status_code == 415


def test_a_paper_act_gives_nothing_before_the_other_side_confirms_it(here: Api) -> None:
    proposed = propose(here)
    assert (proposed["kind"], proposed["status"], proposed["waits_for"], proposed["result"]) == (
        "paper_act", "proposed", "un agent de l’ANCT", None,
    )  # fmt: skip
    (pending,), sign_offs = evidence(here)
    assert (pending["id"], pending["party"], pending["waits_for"]) == (
        proposed["id"], NIORT, "un agent de l’ANCT",
    )  # fmt: skip
    assert sign_offs == []
    confirmed = here.post(here.cast.agent, f"/proposals/{proposed['id']}/confirm")
    assert confirmed.status_code == 200
    said = confirmed.json()
    assert (said["status"], said["waits_for"]) == ("confirmed", None)
    (fact,) = here.cast.sign_offs("note_de_cadrage")
    assert said["result"] == fact.id
    pending, (shown,) = evidence(here)
    assert pending == []
    assert (shown["paper"], shown["counts"], shown["evidence"]) == (True, True, "act")


def test_a_click_counts_at_once_on_the_evidence_of_the_office(here: Api) -> None:
    body = {"party": NIORT, "decision": "approved", "sha256": here.cast.deliverable("note_de_cadrage").sha256}
    assert here.post(here.cast.mayor(NIORT), f"{NOTE}/sign-offs", json=body).status_code == 201
    _, (shown,) = evidence(here)
    assert (shown["paper"], shown["counts"], shown["evidence"]) == (False, True, "confirmed")


def test_the_act_that_the_anct_proposes_is_the_city_s_to_confirm(here: Api) -> None:
    number = propose(here, here.cast.agent)["id"]
    assert problem(here.post(here.cast.agent, f"/proposals/{number}/confirm"))["code"] == "same-person"
    other = problem(here.post(here.cast.mayor(BOURGES), f"/proposals/{number}/confirm"))
    assert (other["status"], other["code"]) == (403, "not-your-key")
    assert here.post(here.cast.contact(NIORT), f"/proposals/{number}/confirm").is_success
    assert len(here.cast.sign_offs("note_de_cadrage")) == 1


def test_nobody_is_both_keys(here: Api) -> None:
    number = propose(here)["id"]
    refused = problem(here.post(here.cast.contact(NIORT), f"/proposals/{number}/confirm"))
    assert (refused["status"], refused["code"]) == (403, "same-person")
    assert "par une autre personne, d’une autre adresse" in refused["detail"]
    colleague = problem(here.post(here.cast.mayor(NIORT), f"/proposals/{number}/confirm"))
    assert (colleague["status"], colleague["code"]) == (403, "not-your-key")
    assert here.cast.sign_offs("note_de_cadrage") == []


def test_it_is_listed_for_those_whom_it_concerns_and_for_nobody_else(here: Api) -> None:
    paper = propose(here)["id"]
    delegation = delegate(here, here.cast.contact(NIORT))["proposal"]
    cast = here.cast
    for who in (cast.contact(NIORT), cast.mayor(NIORT), cast.agent):
        assert set(listed(here, who)) == {paper, delegation}
    assert listed(here, cast.agent)[0] == paper, "what one may confirm comes first"
    assert listed(here, cast.mayor(NIORT))[0] == delegation
    assert listed(here, cast.contact(BOURGES)) == [paper], "a delegation is its own city's"
    assert listed(here, cast.observer) == [paper]
    assert listed(here, cast.outsider) == []
    assert listed(here, cast.person(DEPUTY)) == [delegation]


def test_an_outsider_does_not_learn_that_it_exists(here: Api) -> None:
    number = propose(here)["id"]
    for act in ("confirm", "drop"):
        body = {"json": {}} if act == "drop" else {}
        hidden = problem(here.post(here.cast.outsider, f"/proposals/{number}/{act}", **body))
        absent = problem(here.post(here.cast.outsider, f"/proposals/999999/{act}", **body))
        assert (
            (hidden["status"], hidden["code"])
            == (absent["status"], absent["code"])
            == (404, "unknown-proposal")
        )
        assert hidden["detail"].replace(str(number), "…") == absent["detail"].replace("999999", "…")


def test_what_is_settled_says_what_became_of_it(here: Api) -> None:
    number = propose(here)["id"]
    first = here.post(here.cast.agent, f"/proposals/{number}/confirm")
    again = here.post(here.cast.agent, f"/proposals/{number}/confirm")
    assert again.json() == first.json(), "the same key again is the same confirmation"
    assert len(here.cast.sign_offs("note_de_cadrage")) == 1
    late = problem(here.post(here.cast.contact(NIORT), f"/proposals/{number}/drop", json={}))
    assert (late["status"], late["code"]) == (409, "proposal-settled")
    assert "confirmée" in late["detail"]


def test_it_is_dropped_by_its_author_and_declined_by_the_other_side(here: Api) -> None:
    mine = propose(here)["id"]
    dropped = here.post(here.cast.contact(NIORT), f"/proposals/{mine}/drop", json={"reason": "Autre scan"})
    assert (dropped.json()["status"], dropped.json()["reason"]) == ("dropped", "Autre scan")
    theirs = propose(here)["id"]
    assert theirs != mine
    declined = here.post(here.cast.agent, f"/proposals/{theirs}/drop", json={"reason": "Illisible"})
    assert declined.json()["status"] == "declined"
    assert problem(here.post(here.cast.agent, f"/proposals/{theirs}/confirm"))["code"] == "proposal-settled"
    assert here.cast.sign_offs("note_de_cadrage") == []
    assert listed(here, here.cast.agent) == []


def test_after_thirty_days_it_gives_nothing_whether_that_was_noted_or_not(here: Api) -> None:
    number = propose(here)["id"]
    with here.cast.db.write_statements() as connection:
        connection.execute(sa.update(PROPOSAL).values(expires_at=datetime.now(UTC)))
    assert listed(here, here.cast.agent) == []
    for _ in range(2):
        late = problem(here.post(here.cast.agent, f"/proposals/{number}/confirm"))
        assert (late["status"], late["code"]) == (409, "proposal-settled")
        assert "expirée" in late["detail"]
        expire_proposals(here.cast.db, now=datetime.now(UTC))
    assert here.cast.sign_offs("note_de_cadrage") == []
    assert DAYS_TO_CONFIRM == 30


def test_two_things_are_not_proposed_at_once_about_one_seat(here: Api) -> None:
    first = propose(here)
    assert propose(here) == first, "the same act again is the same proposal"
    fields = {
        "party": NIORT,
        "decision": "refused",
        "reason": "Trop court",
        "signed_on": f"{here.cast.today}",
    }
    fields["sha256"] = here.cast.deliverable("note_de_cadrage").sha256 or ""
    files = {"proof": ("autre.pdf", pdf() + b"\n")}
    other = problem(here.post(here.cast.contact(NIORT), f"{NOTE}/paper-acts", data=fields, files=files))
    assert (other["status"], other["code"]) == (409, "other-proposal")
    assert f"n° {first['id']}" in other["detail"].replace("\u00a0", " ")


def test_a_delegation_by_the_mayor_holds_at_once_and_by_the_contact_once_the_mayor_has_confirmed(
    here: Api,
) -> None:
    proposed = delegate(here, here.cast.contact(NIORT))
    assert (proposed["id"], proposed["status"]) == (None, "proposed")
    unread = problem(here.post(here.cast.agent, f"/proposals/{proposed['proposal']}/confirm"))
    assert unread["code"] == "not-your-key", "an agent has read no order"
    assert here.cast.all(SignatureDelegation) == []
    confirmed = here.post(here.cast.mayor(NIORT), f"/proposals/{proposed['proposal']}/confirm").json()
    (delegation,) = here.cast.all(SignatureDelegation)
    assert confirmed["result"] == delegation.id  # type: ignore[attr-defined]
    assert here.cast.open_proposals(ProposalKind.delegation) == []


def test_what_changed_meanwhile_is_refused_and_the_proposal_waits_on(here: Api) -> None:
    number = propose(here)["id"]
    here.cast.submit("note_de_cadrage", text="Une autre note.")
    refused = problem(here.post(here.cast.agent, f"/proposals/{number}/confirm"))
    assert (refused["status"], refused["code"]) == (409, "other-content")
    assert here.cast.sign_offs("note_de_cadrage") == []
    assert listed(here, here.cast.agent) == [number]
    assert here.cast.slug == SLUG

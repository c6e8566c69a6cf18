"""The pages of second keys: what each person reads there, what they may do, and that no link leads nowhere."""

import re
from collections.abc import Callable

import pytest
from cast import BOURGES, NIORT
from site_of_tests import Site, plain
from two_keys import (
    agent_proposes_mayor,
    people,
    propose_delegation,
    propose_paper,
    propose_to_leave,
)

from models.proposal import ProposalState
from models.sign_off import SignOff

TakeSite = Callable[..., Site]


@pytest.fixture
def here(site: TakeSite) -> Site:
    return site("constitution in review")


def test_who_may_confirm_reads_what_it_asks_and_its_document_before_the_button(here: Site) -> None:
    proposal = propose_delegation(here.cast, here.cast.contact(NIORT))
    path = f"/confirmations/{proposal.id}"
    with here.client(here.cast.mayor(NIORT)) as mayor:
        assert path in mayor.read("/confirmations")
        page = mayor.read(path)
        for said in ("Odile Fournier (adjointe@niort.example)", "Arrêté 2026-118", "tous les livrables"):
            assert said in plain(page)
        assert f'action="{path}/confirmer"' in page
        assert mayor.get(f"{path}/document").content.startswith(b"%PDF")
        assert mayor.send(f"{path}/confirmer").status_code == 303
        assert "est confirmée" in plain(mayor.read(path))
        assert path not in mayor.read("/confirmations")


def test_who_proposed_it_sees_no_button_to_confirm_and_takes_it_back(here: Site) -> None:
    proposal = propose_delegation(here.cast, here.cast.contact(NIORT))
    path = f"/confirmations/{proposal.id}"
    with here.client(here.cast.contact(NIORT)) as contact:
        page = contact.read(path)
        assert f"{path}/confirmer" not in page
        assert "Retirer ma proposition" in page
        assert contact.send(f"{path}/ecarter", {"motif": "Erreur <de> date"}).status_code == 303
        assert "Erreur &lt;de&gt; date" in contact.read(path)
        assert contact.send(f"{path}/ecarter").status_code == 409
    assert here.cast.open_proposals() == []


def test_whoever_has_no_key_is_refused_with_a_sentence_and_an_outsider_finds_nothing(here: Site) -> None:
    everybody = people(here.cast)
    proposal = propose_paper(here.cast, here.cast.contact(NIORT))
    path = f"/confirmations/{proposal.id}"
    for who in ("contact", "mayor", "another contact", "contractor", "observer"):
        with here.client(everybody[who]) as visitor:
            assert f"{path}/confirmer" not in visitor.read(path)
            answer = visitor.send(f"{path}/confirmer")
            assert (answer.status_code, "ne peut pas confirmer" in answer.text) == (403, True), who
    with here.client(everybody["outsider"]) as visitor:
        assert path not in visitor.read("/confirmations")
        for page in (path, f"{path}/document"):
            assert visitor.get(page).status_code == 404
        for form in (f"{path}/confirmer", f"{path}/ecarter"):
            assert visitor.send(form).status_code == 404
    with here.client() as nobody:
        assert nobody.get(path).status_code in (302, 303, 401)
    assert here.cast.all(SignOff) == []


def test_no_form_of_these_pages_is_taken_without_its_token(here: Site) -> None:
    proposal = propose_paper(here.cast, here.cast.contact(NIORT))
    with here.client(here.cast.agent) as agent:
        for act in ("confirmer", "ecarter"):
            assert agent.http.post(f"/confirmations/{proposal.id}/{act}").status_code in (400, 403)
    assert [each.state for each in here.cast.open_proposals()] == [ProposalState.proposed]


def test_every_link_to_a_proposal_that_somebody_is_shown_leads_to_its_page(here: Site) -> None:
    everybody, contact = people(here.cast), here.cast.contact(NIORT)
    agent_proposes_mayor(here.cast)
    propose_delegation(here.cast, contact)
    propose_paper(here.cast, contact)
    propose_to_leave(here.cast, contact)
    for name, who in everybody.items():
        if name in ("outsider", "second contact"):  # who begins some minutes after the pages' own clock
            continue
        with here.client(who) as visitor:
            for page in ("/confirmations", f"{here.project}/participants", here.project, "/a-faire"):
                for link in set(re.findall(r'href="(/confirmations/\d+)"', visitor.read(page))):
                    assert visitor.get(link).status_code == 200, (name, page, link)


def test_the_addresses_of_an_office_or_a_delegation_are_told_to_no_other_city(here: Site) -> None:
    agent_proposes_mayor(here.cast)
    propose_delegation(here.cast, here.cast.contact(NIORT))
    with here.client(here.cast.contact(BOURGES)) as other:
        for page in ("/confirmations", f"{here.project}/participants"):
            assert "@niort.example" not in other.read(page)

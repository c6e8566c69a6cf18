"""Attacks on the power to sign, each by somebody who means ill alone, and what comes of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cast import BOURGES, CITIES, GUICHEN, MANTES, NIORT, Cast, seed_file
from database_contents import everything
from two_keys import (
    DEPUTY,
    NEW_MAYOR,
    NOTE,
    agent_proposes_mayor,
    also_is,
    by_mail,
    by_proconnect,
    known_contact,
    leaves,
    offices,
    order,
    people,
    propose_delegation,
    propose_mayor,
    propose_paper,
    propose_to_leave,
    propose_withdrawal,
    register_events,
    signed_paper,
    state_of,
    told_of,
    try_to_confirm,
)

from actions.authority.mandates import IncompatibleRoles
from actions.confirmation.settle import confirm_proposal
from actions.people.move_person import Move, MovesThemselves, move_person
from actions.projects.change_project_status import StatusChange, change_project_status
from actions.signing.delegate_signature import delegate_signature
from actions.signing.revoke_delegation import revoke_delegation
from models.evidence import Evidence
from models.party import PartyDeparture
from models.person import Actor, NotAllowed, Role
from models.proposal import ACCESSIONS, Proposal, ProposalKind, ProposalState
from models.proposal_rules import NotYourKey, ProposalSettled, SamePerson, UnknownProposal
from models.recorded_act import RecordedAct
from models.refusal import Refusal
from models.sign_off import Decision, NoAuthority, OtherContent, OtherOrganisation, WeakerWithdrawal
from models.signature_delegation import InvalidDelegation, SignatureDelegation

AGENT = "camille.roussel@anct.example"
CONTACT = "hugo.texier@niort.example"
ALIAS_OF_CONTACT = "hugo.texier+adjoint@niort.example"
ALIAS_OF_AGENT = "camille.roussel+ville@anct.example"


# A contact who would sign


@pytest.mark.parametrize(
    "email",
    [
        CONTACT,
        ALIAS_OF_CONTACT,
        "HUGO.TEXIER+x@niort.example",
        "hugo.texier+a+b@niort.example",
    ],
)
def test_a_contact_registers_themselves_or_an_alias_as_a_delegate(cast: Cast, email: str) -> None:
    with pytest.raises(InvalidDelegation, match="soi-même"):
        propose_delegation(cast, cast.contact(NIORT), email=email)
    assert cast.open_proposals() == []
    assert cast.all(SignatureDelegation) == []


def test_a_contact_with_a_gmail_address_registers_the_same_one_with_dots(cast: Cast) -> None:
    known_contact(cast, "j.dupont@gmail.com")
    with pytest.raises(InvalidDelegation, match="soi-même"):
        propose_delegation(cast, cast.person("j.dupont@gmail.com"), email="jd.upont+maire@googlemail.com")
    assert cast.open_proposals() == []


def test_a_contact_registers_a_delegate_and_signs_before_anybody_has_read_it(cast: Cast) -> None:
    proposal = propose_delegation(cast, cast.contact(NIORT))
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=cast.person(DEPUTY))
    assert told_of(cast, proposal, "authority_to_confirm") == {AGENT, cast.mayor_email(NIORT)}
    for who in (cast.contact(NIORT), cast.person(DEPUTY), by_proconnect(cast.contact(NIORT))):
        try_to_confirm(cast, who, proposal, (NotYourKey, SamePerson))


def test_an_agent_confirms_a_delegation_whose_order_nobody_has_joined(cast: Cast) -> None:
    proposal = propose_delegation(cast, cast.contact(NIORT), has_file=False)
    assert "le maire ou président" in try_to_confirm(cast, cast.agent, proposal, NotYourKey)


@pytest.mark.parametrize("who", ["another contact", "contact of a cancelled project"])
def test_a_contact_of_another_or_a_cancelled_project_proposes_a_delegation(cast: Cast, who: str) -> None:
    actor = cast.contact(BOURGES)
    if who != "another contact":
        actor = contact_of_another_project(cast)
        assert propose_delegation(cast, actor, email="premiere@niort.example").id, "while it lives, they may"
        cancel_other = StatusChange("autre-projet", "cancel", "Abandonné")
        change_project_status(cast.db, cast.agent, cancel_other, now=cast.now)
    before = everything(cast.db)
    with pytest.raises(NotYourKey):
        propose_delegation(cast, actor)
    assert everything(cast.db) == before


def test_a_contact_of_a_cancelled_project_confirms_a_mayor_or_ends_a_delegation(cast: Cast) -> None:
    cast.delegate(NIORT, email=DEPUTY)
    (delegation,) = cast.all(SignatureDelegation)
    actor = contact_of_another_project(cast)
    change_project_status(
        cast.db, cast.agent, StatusChange("autre-projet", "cancel", "Abandonné"), now=cast.now
    )
    proposal = agent_proposes_mayor(cast)
    try_to_confirm(cast, actor, proposal, UnknownProposal)
    with pytest.raises(NotYourKey):
        revoke_delegation(cast.db, actor, delegation.id, now=cast.now)  # type: ignore[attr-defined]


def contact_of_another_project(cast: Cast) -> Actor:
    """Somebody who acts for Niort in another project only."""
    file = seed_file(cast.today)
    parties = [
        each
        if each.code != NIORT
        else each.model_copy(
            update={
                "local_contact": each.local_contact.model_copy(update={"email": "ailleurs@niort.example"})
            }  # type: ignore[union-attr]
        )
        for each in file.parties
    ]
    cast.create(file.model_copy(update={"title": "Autre projet", "parties": parties}), "autre-projet")
    cast.wait(days=6)  # a contact named beside others turns no key before five days
    return cast.person("ailleurs@niort.example")


# An agent who would name a mayor


def test_an_agent_proposes_a_mayor_with_an_address_of_their_own(cast: Cast) -> None:
    proposal = agent_proposes_mayor(cast, ALIAS_OF_AGENT)
    assert told_of(cast, proposal, "authority_to_confirm") == {CONTACT}
    assert told_of(cast, proposal, "authority_proposed") == {cast.mayor_email(NIORT), ALIAS_OF_AGENT}
    alias = cast.person(ALIAS_OF_AGENT)
    for who in (cast.agent, alias, by_mail(alias), by_proconnect(alias)):
        assert "d’une autre adresse" in try_to_confirm(cast, who, proposal, SamePerson)
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=alias)
    assert cast.sign(NOTE, NIORT), "the mayor still signs"
    assert register_events(cast, "office.given")[len(CITIES) :] == []


def test_once_confirmed_a_new_mayor_is_in_the_journal_of_each_project(cast: Cast) -> None:
    cast.create(seed_file(cast.today).model_copy(update={"title": "Autre projet"}), "autre-projet")
    former, before = cast.mayor(NIORT), len(register_events(cast, "office.given"))
    proposal = cast.confirm(agent_proposes_mayor(cast))
    given = register_events(cast, "office.given")[before:]
    assert len(given) == 2, "Niort is in two projects"
    for entry in given:
        assert (entry["person"], entry["replaces"]) == (cast.person(NEW_MAYOR).person_id, [former.person_id])
        assert (entry["proposal"], entry["rests_on"]) == (proposal.id, Evidence.confirmed)
    assert cast.journal().count(("office.given", NIORT)) == 2, "its first mayor, and the new one"
    told = told_of(cast, proposal, "authority_settled")
    assert told == {AGENT, cast.mayor_email(NIORT), NEW_MAYOR}


def test_an_agent_who_is_also_the_citys_contact_holds_one_key_only(cast: Cast) -> None:
    cast.give_role(AGENT, "Camille Roussel", Role.local_contact, NIORT)
    cast.give_role("second.agent@anct.example", "Second Agent", Role.agency_agent)
    proposal = agent_proposes_mayor(cast, actor=cast.person("second.agent@anct.example"))
    assert "il y faut" in try_to_confirm(cast, cast.agent, proposal, NotYourKey)
    also_is(cast, "second.agent@anct.example", Role.local_contact, NIORT)
    try_to_confirm(cast, cast.person("second.agent@anct.example"), proposal, SamePerson)


def test_a_contact_made_an_agent_does_not_confirm_what_they_proposed_as_a_contact(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.contact(NIORT))
    also_is(cast, CONTACT, Role.agency_agent)
    try_to_confirm(cast, cast.person(CONTACT), proposal, SamePerson)


def test_a_contact_under_an_alias_made_an_agent_does_not_either(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.contact(NIORT))
    also_is(cast, ALIAS_OF_CONTACT, Role.agency_agent)
    try_to_confirm(cast, cast.person(ALIAS_OF_CONTACT), proposal, SamePerson)


@pytest.mark.parametrize("email", [CONTACT, ALIAS_OF_CONTACT])
def test_a_contact_whom_an_agent_proposes_as_mayor_does_not_confirm_it(cast: Cast, email: str) -> None:
    proposal = agent_proposes_mayor(cast, email)
    try_to_confirm(cast, cast.contact(NIORT), proposal, SamePerson)
    try_to_confirm(cast, cast.person(email), proposal, (SamePerson, NotYourKey))
    assert state_of(cast, proposal) is ProposalState.proposed


def test_a_contact_proposes_themselves_as_mayor_and_confirms_it(cast: Cast) -> None:
    proposal = propose_mayor(cast, cast.contact(NIORT), CONTACT)
    for who in (cast.contact(NIORT), by_proconnect(cast.contact(NIORT))):
        try_to_confirm(cast, who, proposal, SamePerson)


def test_an_agent_or_a_contractor_is_proposed_as_mayor(cast: Cast) -> None:
    cast.award()
    for email in (AGENT, "jeanne.arnal@regards-croises.example"):
        with pytest.raises(IncompatibleRoles):
            agent_proposes_mayor(cast, email)
    proposal = agent_proposes_mayor(cast)
    also_is(cast, NEW_MAYOR, Role.agency_agent)  # meanwhile
    before = everything(cast.db)
    with pytest.raises(IncompatibleRoles):
        cast.confirm(proposal)
    assert everything(cast.db) == before


# The named person confirms


def test_the_named_person_confirms_their_own_office_by_a_mail_link(cast: Cast) -> None:
    proposal = agent_proposes_mayor(cast)
    named = cast.person(NEW_MAYOR)
    for who in (named, by_mail(named)):
        try_to_confirm(cast, who, proposal, (NotYourKey, SamePerson))


def test_the_named_person_confirms_it_by_proconnect_of_another_organisation(cast: Cast) -> None:
    proposal = agent_proposes_mayor(cast)
    named = cast.person(NEW_MAYOR)
    for who in (by_proconnect(named, BOURGES), replace(by_proconnect(named), organisation_siren=None)):
        try_to_confirm(cast, who, proposal, (NotYourKey, OtherOrganisation))


def test_the_named_person_confirms_it_by_proconnect_of_the_city_and_that_is_evidence(cast: Cast) -> None:
    proposal = agent_proposes_mayor(cast)
    cast.confirm(proposal, by_proconnect(cast.person(NEW_MAYOR)))
    assert offices(cast)[-1].evidence is Evidence.proconnect
    assert cast.sign(NOTE, NIORT, actor=cast.person(NEW_MAYOR))


def test_the_named_person_does_not_confirm_what_their_own_city_proposed(cast: Cast) -> None:
    proposal = propose_mayor(cast, cast.mayor(NIORT))
    try_to_confirm(cast, by_proconnect(cast.person(NEW_MAYOR)), proposal, (NotYourKey, SamePerson))


def test_a_contact_confirms_by_proconnect_of_another_organisation(cast: Cast) -> None:
    proposal = agent_proposes_mayor(cast)
    try_to_confirm(cast, by_proconnect(cast.contact(NIORT), BOURGES), proposal, OtherOrganisation)


# Acts on paper that nobody gave


def test_an_agent_records_four_acts_on_paper_and_none_counts_until_each_city_confirms(cast: Cast) -> None:
    proposals = {code: propose_paper(cast, cast.agent, code) for code in CITIES}
    assert cast.sign_offs(NOTE) == []
    assert cast.all(RecordedAct) == []
    for code in CITIES:
        try_to_confirm(cast, cast.agent, proposals[code], SamePerson)
        others = [other for other in CITIES if other != code]
        for other in others:
            try_to_confirm(cast, cast.contact(other), proposals[code], NotYourKey)
            try_to_confirm(cast, cast.mayor(other), proposals[code], NotYourKey)
    for number, code in enumerate((MANTES, NIORT, BOURGES), start=1):
        cast.confirm(proposals[code])
        assert len(cast.sign_offs(NOTE)) == number
    assert {each.party for each in cast.missing("constitution")} == {GUICHEN}
    assert not cast.close("constitution")
    cast.confirm(proposals[GUICHEN])
    assert cast.close("constitution")


def test_two_agents_record_an_act_and_confirm_it_between_them(cast: Cast) -> None:
    cast.give_role("second.agent@anct.example", "Second Agent", Role.agency_agent)
    proposal = propose_paper(cast, cast.agent)
    try_to_confirm(cast, cast.person("second.agent@anct.example"), proposal, NotYourKey)


def test_a_contact_and_a_mayor_record_an_act_and_confirm_it_between_them(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.contact(NIORT))
    try_to_confirm(cast, cast.mayor(NIORT), proposal, NotYourKey)


def test_the_text_changes_between_an_act_and_its_confirmation(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.contact(NIORT))
    cast.submit(NOTE, text="Une tout autre note.")
    sentence = try_to_confirm(cast, cast.agent, proposal, OtherContent)
    assert "l’a remplacée" in sentence
    assert cast.sign_offs(NOTE) == []


def test_the_mayor_signs_between_an_act_and_its_confirmation(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.agent, decision=Decision.refused, reason="Il manque la jeunesse.")
    cast.sign(NOTE, NIORT)
    try_to_confirm(cast, cast.contact(NIORT), proposal, Refusal)
    (recorded,) = cast.sign_offs(NOTE)
    assert recorded.decision is Decision.approved


def test_the_stage_closes_or_the_project_is_cancelled_before_the_confirmation(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.contact(NIORT))
    leaves = propose_to_leave(cast, cast.contact(BOURGES), BOURGES)
    cast.change("cancel")
    try_to_confirm(cast, cast.agent, proposal, Refusal)
    try_to_confirm(cast, cast.agent, leaves, Refusal)


def test_what_a_council_decided_is_not_withdrawn_by_a_click_nor_by_a_lesser_act(
    at: Callable[[str], Cast],
) -> None:
    cast = at("charter in review")
    cast.sign("charte", NIORT)
    with pytest.raises(WeakerWithdrawal):
        cast.withdraw("charte", NIORT)
    (recorded,) = cast.sign_offs("charte")
    assert recorded.withdrawn_at is None


def test_an_agent_withdraws_what_a_city_decided(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    proposal = propose_withdrawal(cast, cast.agent)
    try_to_confirm(cast, cast.agent, proposal, SamePerson)
    (recorded,) = cast.sign_offs(NOTE)
    assert recorded.withdrawn_at is None
    cast.confirm(proposal, cast.mayor(NIORT))
    assert cast.sign_offs(NOTE)[0].withdrawn_at is not None


def test_a_decision_given_since_is_not_withdrawn_by_what_was_proposed_about_another(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    proposal = propose_withdrawal(cast, cast.contact(NIORT))
    cast.withdraw(NOTE, NIORT)
    cast.sign(NOTE, NIORT)
    try_to_confirm(cast, cast.agent, proposal, Refusal)
    assert [each.withdrawn_at is None for each in cast.sign_offs(NOTE)] == [False, True]


# Departures


def test_a_contact_takes_their_city_out_and_nothing_changes_until_an_agent_confirms(cast: Cast) -> None:
    proposal = propose_to_leave(cast, cast.contact(NIORT))
    assert cast.all(PartyDeparture) == []
    assert NIORT in {each.party for each in cast.missing("constitution")}
    assert cast.sign(NOTE, NIORT), "the city still counts, and signs"
    for who in (cast.contact(NIORT), cast.mayor(NIORT), cast.contact(BOURGES)):
        try_to_confirm(cast, who, proposal, (NotYourKey, SamePerson))
    assert told_of(cast, proposal, "authority_proposed") == {cast.mayor_email(NIORT)}
    cast.confirm(proposal)
    assert len(cast.all(PartyDeparture)) == 1


def test_an_agent_takes_a_city_out(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        propose_to_leave(cast, cast.agent)
    cast.give_role(AGENT, "Camille Roussel", Role.local_contact, NIORT)
    with pytest.raises(NotAllowed):
        propose_to_leave(cast, cast.agent)
    assert cast.open_proposals() == []


# Somebody else's mailbox


def move(cast: Cast, actor: Actor, new: str) -> Proposal:
    """Propose another address for the mayor of Niort."""
    return move_person(cast.db, actor, Move(cast.mayor_email(NIORT), new), now=cast.now)


def test_a_contact_makes_a_mailbox_of_their_own_the_mayors(cast: Cast) -> None:
    with pytest.raises(MovesThemselves):
        move(cast, cast.contact(NIORT), ALIAS_OF_CONTACT)
    proposal = move(cast, cast.agent, ALIAS_OF_CONTACT)
    assert cast.mayor_email(NIORT) in told_of(cast, proposal, "authority_to_confirm")
    try_to_confirm(cast, cast.contact(NIORT), proposal, SamePerson)


def test_an_agent_makes_a_mailbox_of_their_own_the_mayors(cast: Cast) -> None:
    with pytest.raises(MovesThemselves):
        move(cast, cast.agent, ALIAS_OF_AGENT)
    proposal = move(cast, cast.contact(NIORT), ALIAS_OF_AGENT)
    try_to_confirm(cast, cast.agent, proposal, SamePerson)


# Those without any key

OF_ENTRIES = (*ACCESSIONS, ProposalKind.adhesion)
"""What the tests of cities that come in are about."""


@pytest.mark.parametrize("kind", [each for each in ProposalKind if each not in OF_ENTRIES])
def test_an_observer_a_contractor_a_delegate_or_an_outsider_confirms(cast: Cast, kind: ProposalKind) -> None:
    everybody = people(cast)
    contact = everybody["contact"]
    if kind is ProposalKind.withdrawal:
        cast.sign(NOTE, NIORT)
    proposal = {
        ProposalKind.office: lambda: agent_proposes_mayor(cast),
        ProposalKind.delegation: lambda: propose_delegation(cast, contact),
        ProposalKind.paper_act: lambda: propose_paper(cast, cast.agent),
        ProposalKind.withdrawal: lambda: propose_withdrawal(cast, contact),
        ProposalKind.departure: lambda: propose_to_leave(cast, contact),
        ProposalKind.address: lambda: move(cast, contact, "solene.guerin@mairie-niort.example"),
    }[kind]()
    of_project = proposal.project_id is not None
    for who in ("observer", "contractor", "another mayor"):
        try_to_confirm(cast, everybody[who], proposal, NotYourKey if of_project else UnknownProposal)
    try_to_confirm(cast, everybody["delegate"], proposal, (NotYourKey, UnknownProposal))
    try_to_confirm(cast, everybody["outsider"], proposal, UnknownProposal)
    for number in (0, -1, 2**31, 2**63, 999_999):
        with pytest.raises(UnknownProposal):
            confirm_proposal(cast.db, cast.agent, number, now=cast.now)


# What changes before the second key


def test_the_delegators_office_passes_before_their_delegation_is_confirmed(cast: Cast) -> None:
    proposal = propose_delegation(cast, cast.contact(NIORT))
    cast.confirm(agent_proposes_mayor(cast))
    for who in (cast.agent, cast.person(NEW_MAYOR)):
        sentence = try_to_confirm(cast, who, proposal, InvalidDelegation)
        assert "finit avec la fonction" in sentence
    assert cast.all(SignatureDelegation) == []


def test_the_delegate_becomes_an_agent_before_their_delegation_is_confirmed(cast: Cast) -> None:
    proposal = propose_delegation(cast, cast.contact(NIORT))
    also_is(cast, DEPUTY, Role.agency_agent)
    try_to_confirm(cast, cast.mayor(NIORT), proposal, InvalidDelegation)


def test_a_contact_whose_role_has_ended_confirms_nothing(cast: Cast) -> None:
    proposal = agent_proposes_mayor(cast)
    contact = cast.contact(NIORT)
    leaves(cast, contact)
    try_to_confirm(cast, contact, proposal, UnknownProposal)


def test_an_order_is_recorded_by_the_mayor_while_the_contact_proposes_it(cast: Cast) -> None:
    proposal = propose_delegation(cast, cast.contact(NIORT))
    delegate_signature(cast.db, cast.mayor(NIORT), order(cast), now=cast.now)
    assert len(cast.all(SignatureDelegation)) == 1
    try_to_confirm(cast, cast.agent, proposal, ProposalSettled)


def test_an_act_is_not_confirmed_as_another_than_the_one_that_was_read(cast: Cast) -> None:
    """What is confirmed is what was frozen: nothing of the proposal can be changed once it waits."""
    proposal = propose_paper(cast, cast.contact(NIORT))
    cast.write("un faux", "scan.pdf")
    cast.write("un faux, remplacé", "scan.pdf")
    cast.confirm(proposal)
    (act,) = cast.all(RecordedAct)
    assert isinstance(act, RecordedAct)
    assert act.file_sha256 == proposal.file_sha256 == signed_paper(cast).proof.sha256

"""Two people turn, or drop, the same key in the same instant: one fact, never half of two."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from at_once import at_once
from cast import NIORT, Cast
from two_keys import (
    NEW_MAYOR,
    NOTE,
    again,
    agent_proposes_mayor,
    offices,
    people,
    propose_delegation,
    propose_mayor,
    propose_paper,
    propose_to_leave,
    register_events,
    signed_paper,
    told_of,
)

from actions.confirmation.settle import Drop, confirm_proposal, drop_proposal, expire_proposals
from actions.people.propose_holder import NewHolder, propose_holder
from actions.signing.sign_off import SignOffRequest, sign_off
from database.engine import Database
from models.party import PartyDeparture
from models.person import Actor, Role
from models.proposal import Proposal, ProposalKind, ProposalState
from models.proposal_rules import OtherProposal, ProposalSettled
from models.recorded_act import RecordedAct
from models.sign_off import AlreadyDecided, Decision, NoAuthority
from models.stored_row import identity
from queries.ledger.verify_journal import verify_journal

ROUNDS = 6


@pytest.fixture(autouse=True)
def _whole_journals(cast: Cast) -> Any:
    yield
    assert verify_journal(cast.db).tamperings == []


def confirming(cast: Cast, actor: Actor, proposal: Proposal) -> Callable[[Database], object]:
    now = cast.now
    return lambda db: confirm_proposal(db, actor, identity(proposal), now=now)


def dropping(cast: Cast, actor: Actor, proposal: Proposal) -> Callable[[Database], object]:
    now = cast.now
    return lambda db: drop_proposal(db, actor, Drop(identity(proposal)), now=now)


def refusals(answers: list[object]) -> list[type]:
    return [type(each) for each in answers if isinstance(each, Exception)]


def test_two_who_confirm_an_act_at_once_record_it_once(cast: Cast) -> None:
    everybody = people(cast)
    for number in range(ROUNDS):
        proposal = propose_paper(cast, cast.agent, paper=signed_paper(cast, text=f"papier {number}"))
        both = [confirming(cast, everybody[who], proposal) for who in ("contact", "second contact")]
        assert refusals(at_once(cast.db.url, *both)) == [ProposalSettled]
        assert len(cast.all(RecordedAct)) == number + 1
        live = [each for each in cast.sign_offs(NOTE) if each.withdrawn_at is None]
        assert [each.id for each in live] == [again(cast, proposal).result_id]
        cast.withdraw(NOTE, NIORT)


def test_a_double_click_that_confirms_is_one_fact(cast: Cast) -> None:
    proposal = agent_proposes_mayor(cast)
    before = len(register_events(cast, "office.given"))
    click = confirming(cast, cast.contact(NIORT), proposal)
    assert refusals(at_once(cast.db.url, click, click)) == []
    assert len(register_events(cast, "office.given")) == before + 1
    assert [each.until is None for each in offices(cast)] == [False, True]


def test_who_confirms_and_who_drops_at_once_do_not_both_succeed(cast: Cast) -> None:
    contact, agent = cast.contact(NIORT), cast.agent
    for number in range(ROUNDS):
        proposal = propose_paper(cast, contact, paper=signed_paper(cast, text=f"papier {number}"))
        both = [confirming(cast, agent, proposal), dropping(cast, contact, proposal)]
        answers = at_once(cast.db.url, *(both if number % 2 else reversed(both)))
        assert refusals(answers) == [ProposalSettled]
        live = [each for each in cast.sign_offs(NOTE) if each.withdrawn_at is None]
        if again(cast, proposal).state is ProposalState.confirmed:
            assert len(live) == 1
            cast.withdraw(NOTE, NIORT)
        else:
            assert (again(cast, proposal).state, live) == (ProposalState.dropped, [])


def test_a_departure_confirmed_twice_at_once_is_one_departure(cast: Cast) -> None:
    cast.give_role("second.agent@anct.example", "Second Agent", Role.agency_agent)
    proposal = propose_to_leave(cast, cast.contact(NIORT))
    both = [confirming(cast, who, proposal) for who in (cast.agent, cast.person("second.agent@anct.example"))]
    assert refusals(at_once(cast.db.url, *both)) == [ProposalSettled]
    assert len(cast.all(PartyDeparture)) == 1


def test_two_who_propose_a_mayor_at_once_leave_one_proposal(cast: Cast) -> None:
    now = cast.now
    holders = [NewHolder(NIORT, f"maire-{number}@niort.example", f"Maire {number}") for number in (1, 2)]
    acts = [
        partial(propose_holder, actor=actor, holder=holder, now=now)
        for actor, holder in zip((cast.agent, cast.contact(NIORT)), holders, strict=True)
    ]
    assert refusals(at_once(cast.db.url, *acts)) == [OtherProposal]
    assert len(cast.open_proposals(ProposalKind.office)) == 1


def test_the_same_proposal_sent_twice_at_once_is_one_and_tells_once(cast: Cast) -> None:
    now, contact = cast.now, cast.contact(NIORT)
    propose = partial(
        propose_holder, actor=contact, holder=NewHolder(NIORT, NEW_MAYOR, "Nadège Roy"), now=now
    )
    first, second = at_once(cast.db.url, propose, propose)
    assert isinstance(first, Proposal)
    assert isinstance(second, Proposal)
    assert first.id == second.id
    assert told_of(cast, first, "authority_to_confirm") == {"camille.roussel@anct.example"}


def test_an_office_confirmed_while_its_holders_sign_has_one_sign_off_by_one_of_them(cast: Cast) -> None:
    former = cast.mayor(NIORT)
    proposal = propose_mayor(cast, cast.agent)
    new, contact, now = cast.person(NEW_MAYOR), cast.contact(NIORT), cast.now
    note = cast.deliverable(NOTE)
    request = SignOffRequest(
        identity(note), identity(cast.party(NIORT)), note.sha256 or "", Decision.approved
    )
    answers = at_once(
        cast.db.url,
        lambda db: confirm_proposal(db, contact, identity(proposal), now=now),
        lambda db: sign_off(db, former, request, now=now),
        lambda db: sign_off(db, new, request, now=now),
    )
    assert refusals(answers[:1]) == [], "the office passes whatever is signed"
    assert set(refusals(answers[1:])) <= {NoAuthority, AlreadyDecided}
    signed = cast.sign_offs(NOTE)
    assert len(signed) <= 1
    assert len(signed) + len(refusals(answers[1:])) == 2
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=former)
    assert (
        cast.sign(NOTE, NIORT, actor=new)
        if not signed
        else signed[0].signed_by
        in (
            former.person_id,
            new.person_id,
        )
    )


def test_a_delegation_is_not_confirmed_for_the_former_mayor_while_the_office_passes(cast: Cast) -> None:
    delegation = propose_delegation(cast, cast.contact(NIORT))
    office = agent_proposes_mayor(cast)
    contact, agent = cast.contact(NIORT), cast.agent
    at_once(cast.db.url, confirming(cast, contact, office), confirming(cast, agent, delegation))
    assert again(cast, office).state is ProposalState.confirmed
    with pytest.raises(NoAuthority):  # refused, or ended with the office that gave it
        cast.sign(NOTE, NIORT, actor=cast.person("adjointe@niort.example"))


def test_the_round_that_expires_and_a_confirmation_do_not_both_write(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.contact(NIORT))
    agent, last = cast.agent, proposal.expires_at
    answers = at_once(
        cast.db.url,
        lambda db: confirm_proposal(db, agent, identity(proposal), now=last),
        lambda db: expire_proposals(db, now=last),
    )
    assert refusals(answers) == [ProposalSettled]
    assert again(cast, proposal).state is ProposalState.expired
    assert cast.sign_offs(NOTE) == []
    assert len(register_events(cast, "authority.expired")) == 1

"""Two keys: who proposes what concerns authority, who confirms it, and that nobody does both (docs/rules.md)."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from cast import NIORT, Cast
from database_contents import everything
from two_keys import (
    NEW_MAYOR,
    NOTE,
    agent_proposes_mayor,
    by_proconnect,
    offices,
    people,
    propose_delegation,
    propose_mayor,
    propose_paper,
    propose_to_leave,
    propose_withdrawal,
    told_of,
)

from actions.confirmation.settle import confirm_proposal
from actions.people.move_person import Move, move_person
from models.evidence import Evidence
from models.party import PartyDeparture
from models.person import Actor, NotAllowed
from models.proposal import (
    ACCESSIONS,
    CONFIRMED_BY,
    PROPOSED_BY,
    Capacity,
    Proposal,
    ProposalKind,
    ProposalState,
    Side,
)
from models.proposal_rules import NotYourKey, SamePerson, UnknownProposal
from models.sign_off import NoAuthority
from models.signature_delegation import SignatureDelegation
from models.stored_row import identity
from queries.authority.visible import is_visible_to

OF_ENTRIES = (*ACCESSIONS, ProposalKind.adhesion)
"""What the tests of cities that come in are about."""
KEYLESS = (NotYourKey, SamePerson, UnknownProposal)


@dataclass(frozen=True)
class Row:
    """A row of the table: who proposes what, and everybody who may confirm it."""

    by: str
    propose: Callable[[Cast, Actor], Proposal]
    confirmed_by: tuple[str, ...]
    kind: ProposalKind


def an_office(cast: Cast, actor: Actor) -> Proposal:
    return agent_proposes_mayor(cast, actor=actor)


def a_delegation(cast: Cast, actor: Actor) -> Proposal:
    return propose_delegation(cast, actor)


def a_withdrawal(cast: Cast, actor: Actor) -> Proposal:
    cast.sign(NOTE, NIORT)
    return propose_withdrawal(cast, actor)


def the_mayors_address(cast: Cast, actor: Actor) -> Proposal:
    move = Move(cast.mayor_email(NIORT), "solene.guerin@mairie-niort.example")
    return move_person(cast.db, actor, move, now=cast.now)


def the_contacts_address(cast: Cast, actor: Actor) -> Proposal:
    move = Move("hugo.texier@niort.example", "hugo.texier@mairie-niort.example")
    return move_person(cast.db, actor, move, now=cast.now)


TABLE = {
    "an office, by the ANCT": Row("agent", an_office, ("contact", "second contact"), ProposalKind.office),
    "an office, by the ANCT, without an invitation": Row(
        "agent", propose_mayor, ("contact", "second contact"), ProposalKind.office
    ),
    "an office, by the contact": Row("contact", propose_mayor, ("agent",), ProposalKind.office),
    "an office, by the leaving mayor": Row("mayor", propose_mayor, ("agent",), ProposalKind.office),
    "a delegation and its order, by the contact": Row(
        "contact", a_delegation, ("mayor", "agent"), ProposalKind.delegation
    ),
    "a delegation without its order, by the contact": Row(
        "contact",
        lambda cast, actor: propose_delegation(cast, actor, has_file=False),
        ("mayor",),
        ProposalKind.delegation,
    ),
    "an act on paper, by the contact": Row("contact", propose_paper, ("agent",), ProposalKind.paper_act),
    "an act on paper, by the mayor": Row("mayor", propose_paper, ("agent",), ProposalKind.paper_act),
    "an act on paper, by the ANCT": Row(
        "agent", propose_paper, ("contact", "second contact", "mayor"), ProposalKind.paper_act
    ),
    "a withdrawal, by the contact": Row("contact", a_withdrawal, ("agent",), ProposalKind.withdrawal),
    "a withdrawal, by the mayor": Row("mayor", a_withdrawal, ("agent",), ProposalKind.withdrawal),
    "a withdrawal, by the ANCT": Row(
        "agent", a_withdrawal, ("contact", "second contact", "mayor"), ProposalKind.withdrawal
    ),
    "a departure, by the contact": Row("contact", propose_to_leave, ("agent",), ProposalKind.departure),
    "a departure, by the mayor": Row("mayor", propose_to_leave, ("agent",), ProposalKind.departure),
    "the mayor’s address, by the contact": Row(
        "contact", the_mayors_address, ("agent",), ProposalKind.address
    ),
    "the contact’s address, by the mayor": Row(
        "mayor", the_contacts_address, ("agent",), ProposalKind.address
    ),
    "the mayor’s address, by the ANCT": Row(
        "agent", the_mayors_address, ("contact", "second contact"), ProposalKind.address
    ),
    "the contact’s address, by the ANCT": Row(
        "agent", the_contacts_address, ("second contact", "mayor"), ProposalKind.address
    ),
}
PAIRS = [(what, who) for what, row in TABLE.items() for who in row.confirmed_by]


def test_every_row_of_the_table_is_played_here() -> None:
    played = {(row.kind, row.by) for row in TABLE.values()} | {(ProposalKind.delegation, "mayor")}
    names = {Capacity.agent: "agent", Capacity.contact: "contact", Capacity.holder: "mayor"}
    # An observer's person, who has nobody beside them, is in tests/projects/test_leaving_and_joining.py.
    here = {kind: able - {Capacity.observer} for kind, able in PROPOSED_BY.items() if kind not in OF_ENTRIES}
    assert played == {(kind, names[each]) for kind, able in here.items() for each in able}
    sides = {(row.kind, Side.agency if row.by == "agent" else Side.party) for row in TABLE.values()}
    assert sides == {(kind, side) for kind, side in CONFIRMED_BY if kind not in OF_ENTRIES}


@pytest.mark.parametrize(("what", "who"), PAIRS)
def test_the_other_side_alone_confirms_and_it_is_done(cast: Cast, what: str, who: str) -> None:
    everybody, row = people(cast), TABLE[what]
    proposal = row.propose(cast, everybody[row.by])
    assert (proposal.state, proposal.kind) == (ProposalState.proposed, row.kind)
    before = everything(cast.db)
    for other in everybody.keys() - set(row.confirmed_by):
        with pytest.raises(KEYLESS):
            confirm_proposal(cast.db, everybody[other], identity(proposal), now=cast.now)
    assert everything(cast.db) == before
    _check_is_seen_by_those_it_concerns(cast, proposal, everybody, {row.by, *row.confirmed_by})
    confirmed = confirm_proposal(cast.db, everybody[who], identity(proposal), now=cast.now)
    assert confirmed.state is ProposalState.confirmed
    assert (confirmed.proposed_by, confirmed.decided_by) == (
        everybody[row.by].person_id,
        everybody[who].person_id,
    )
    assert confirmed.result_id is not None
    assert cast.open_proposals(row.kind) == []


def _check_is_seen_by_those_it_concerns(
    cast: Cast, proposal: Proposal, everybody: dict[str, Actor], theirs: set[str]
) -> None:
    with cast.db.read() as session:
        seen = {name for name, who in everybody.items() if is_visible_to(session, proposal, who, cast.now)}
    assert seen >= {*theirs, "agent", "contact", "mayor"}
    assert "outsider" not in seen
    if proposal.project_id is None:  # an office or a delegation is the city's, in all its projects
        assert seen.isdisjoint({"another contact", "another mayor", "contractor", "observer"})


@pytest.mark.parametrize(
    "who", ["contact", "second contact", "mayor", "delegate", "another mayor", "outsider"]
)
def test_only_the_anct_names_a_mayor_by_an_invitation(cast: Cast, who: str) -> None:
    actor = people(cast)[who]
    with pytest.raises(NotAllowed):
        agent_proposes_mayor(cast, actor=actor)
    assert cast.open_proposals() == []


STRANGERS = ("delegate", "another contact", "another mayor", "contractor", "observer", "outsider")


@pytest.mark.parametrize(
    ("propose", "strangers"),
    [
        (propose_mayor, STRANGERS),
        (the_mayors_address, STRANGERS),
        (a_delegation, ("agent", *STRANGERS)),
        (propose_paper, STRANGERS),
        (propose_withdrawal, STRANGERS),
        (propose_to_leave, ("agent", *STRANGERS)),
    ],
    ids=["an office", "an address", "a delegation", "an act on paper", "a withdrawal", "a departure"],
)
def test_nobody_else_proposes(
    cast: Cast, propose: Callable[[Cast, Actor], Proposal], strangers: tuple[str, ...]
) -> None:
    everybody = people(cast)
    if propose is propose_withdrawal:
        cast.sign(NOTE, NIORT)
    before = everything(cast.db)
    for who in strangers:
        with pytest.raises((NotYourKey, NotAllowed)):
            propose(cast, everybody[who])
    assert everything(cast.db) == before


def test_the_mayor_delegates_by_their_own_hand_and_nobody_confirms(cast: Cast) -> None:
    proposal = propose_delegation(cast, cast.mayor(NIORT), has_file=False)
    assert proposal.state is ProposalState.confirmed
    (delegation,) = cast.all(SignatureDelegation)
    assert proposal.result_id == delegation.id  # type: ignore[attr-defined]
    assert told_of(cast, proposal, "authority_to_confirm") == set()
    assert cast.sign(NOTE, NIORT, actor=cast.person("adjointe@niort.example"))


def test_whoever_is_named_confirms_through_proconnect_of_the_city(cast: Cast) -> None:
    proposal = agent_proposes_mayor(cast)
    named = by_proconnect(cast.person(NEW_MAYOR))
    confirmed = confirm_proposal(cast.db, named, identity(proposal), now=cast.now)
    assert confirmed.state is ProposalState.confirmed
    assert offices(cast)[-1].evidence is Evidence.proconnect


def test_what_is_proposed_gives_nothing_before_it_is_confirmed(cast: Cast) -> None:
    contact = cast.contact(NIORT)
    agent_proposes_mayor(cast)
    propose_delegation(cast, contact)
    propose_to_leave(cast, contact)
    propose_paper(cast, contact)
    for who in (NEW_MAYOR, "adjointe@niort.example"):
        with pytest.raises(NoAuthority):
            cast.sign(NOTE, NIORT, actor=cast.person(who))
    assert cast.sign_offs(NOTE) == []
    assert cast.all(PartyDeparture) == []
    assert cast.all(SignatureDelegation) == []
    assert [each.person_id for each in offices(cast)] == [cast.mayor(NIORT).person_id]
    assert cast.sign(NOTE, NIORT), "the mayor still signs"


def test_the_same_person_who_confirms_again_changes_nothing(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.contact(NIORT))
    first = cast.confirm(proposal)
    facts = everything(cast.db)
    assert cast.confirm(proposal).result_id == first.result_id
    assert everything(cast.db) == facts

"""What somebody proposed is not confirmed once they have left their side; a mayor still names who comes after."""

from collections.abc import Callable

import pytest
from cast import NIORT, Cast
from two_keys import (
    NEW_MAYOR,
    NOTE,
    agent_proposes_mayor,
    leaves,
    offices,
    propose_delegation,
    propose_mayor,
    propose_paper,
    propose_to_leave,
    propose_withdrawal,
    try_to_confirm,
)

from actions.confirmation.settle import Drop, drop_proposal
from models.person import Actor
from models.proposal import Proposal
from models.proposal_rules import NoLongerSpeaks
from models.stored_row import identity


@pytest.mark.parametrize("propose", [propose_delegation, propose_paper, propose_withdrawal, propose_to_leave])
def test_what_a_contact_proposed_is_not_confirmed_once_their_role_has_ended(
    cast: Cast, propose: Callable[[Cast, Actor], Proposal]
) -> None:
    if propose is propose_withdrawal:
        cast.sign(NOTE, NIORT)
    proposal = propose(cast, cast.contact(NIORT))
    leaves(cast, cast.contact(NIORT))
    told = try_to_confirm(cast, cast.agent, proposal, NoLongerSpeaks)
    assert "Hugo Texier, qui a proposé" in told
    drop_proposal(cast.db, cast.agent, Drop(identity(proposal)), now=cast.now)


def test_what_an_agent_proposed_is_not_confirmed_once_they_have_left_the_anct(cast: Cast) -> None:
    proposal = agent_proposes_mayor(cast)
    leaves(cast, cast.agent)
    try_to_confirm(cast, cast.contact(NIORT), proposal, NoLongerSpeaks)


def test_a_mayor_who_has_left_still_named_who_comes_after_them(cast: Cast) -> None:
    proposal = propose_mayor(cast, cast.mayor(NIORT))
    leaves(cast, cast.mayor(NIORT))
    cast.confirm(proposal, cast.agent)
    assert offices(cast)[-1].person_id == cast.person(NEW_MAYOR).person_id

"""A process killed at any step of a confirmation leaves the proposal as it was, and it is confirmed again."""

from collections.abc import Callable

import pytest
from cast import NIORT, Cast
from database_contents import everything
from deaths import Death, kill_while
from two_keys import (
    NOTE,
    agent_proposes_mayor,
    propose_delegation,
    propose_paper,
    propose_to_leave,
    propose_withdrawal,
)

from actions.confirmation.settle import Drop, drop_proposal, expire_proposals
from models.proposal import ProposalState
from models.stored_row import identity
from queries.ledger.verify_journal import verify_journal

At = Callable[[str], Cast]
POINT = "constitution in review"


def confirm(cast: Cast) -> None:
    (proposal,) = cast.open_proposals()
    cast.confirm(proposal)


def drop(cast: Cast) -> None:
    (proposal,) = cast.open_proposals()
    drop_proposal(cast.db, cast.contact(NIORT), Drop(identity(proposal), "Erreur"), now=cast.now)


def expire(cast: Cast) -> None:
    cast.wait(days=31)
    assert expire_proposals(cast.db, now=cast.now) == 1


def a_delegation(cast: Cast) -> None:
    propose_delegation(cast, cast.contact(NIORT))


def an_act(cast: Cast) -> None:
    propose_paper(cast, cast.contact(NIORT))


def a_withdrawal(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    propose_withdrawal(cast, cast.contact(NIORT))


def a_departure(cast: Cast) -> None:
    propose_to_leave(cast, cast.contact(NIORT))


DEATHS = {
    "before anything is done": Death(POINT, confirm, "actions.confirmation.settle._carry_out", an_act),
    "an act, once it is done and before it is noted": Death(
        POINT, confirm, "actions.confirmation.settle.record_settled", an_act
    ),
    "an act, before the journal says that it is confirmed": Death(
        POINT, confirm, "actions.authority.put_forward.record_step", an_act
    ),
    "an act, before it is told": Death(POINT, confirm, "actions.authority.put_forward.tell_settled", an_act),
    "an office, before the former one ends": Death(
        POINT, confirm, "actions.authority.office.write_office", agent_proposes_mayor
    ),
    "an office, once the former one has ended": Death(
        POINT, confirm, "actions.authority.office.record_on_each", agent_proposes_mayor
    ),
    "an office, before what is pending is handed over": Death(
        POINT, confirm, "actions.authority.pass_duties.tell_duties", agent_proposes_mayor
    ),
    "an office, before its projects are woken": Death(
        POINT, confirm, "actions.authority.office.wake_projects_of", agent_proposes_mayor
    ),
    "a delegation, once it is written": Death(
        POINT, confirm, "actions.signing.delegate_signature._record", a_delegation
    ),
    "a delegation, before its delegate is asked": Death(
        POINT, confirm, "actions.authority.pass_duties.tell_duties", a_delegation
    ),
    "a withdrawal, before its stage is woken": Death(
        POINT, confirm, "actions.signing.withdraw_sign_off.wake", a_withdrawal
    ),
    "a departure, once it is recorded": Death(
        POINT, confirm, "actions.projects.leave_project._free_seats", a_departure
    ),
    "a departure, before it is told": Death(
        POINT, confirm, "actions.projects.leave_project.tell", a_departure
    ),
    "while it is dropped": Death(POINT, drop, "actions.authority.put_forward.tell_settled", an_act),
    "while it expires": Death(POINT, expire, "actions.authority.put_forward.tell_settled", a_departure),
}


@pytest.mark.parametrize("name", DEATHS)
def test_nothing_is_half_done_by_a_process_killed(at: At, name: str) -> None:
    death = DEATHS[name]
    cast = at(death.point)
    death.first(cast)
    (proposal,) = cast.open_proposals()
    before, clock = everything(cast.db), cast.now
    kill_while(cast, death.act, death.place)
    assert everything(cast.db) == before
    assert verify_journal(cast.db).tamperings == []
    cast.set_clock(clock)
    death.act(cast)
    assert cast.open_proposals() == []
    settled = [each for each in cast.all(type(proposal)) if each.id == proposal.id]  # type: ignore[attr-defined]
    assert settled[0].state is not ProposalState.proposed  # type: ignore[attr-defined]
    assert verify_journal(cast.db).tamperings == []

"""What waits for a second key is reminded as anything else that is awaited, until its thirty days have passed."""

from collections.abc import Callable
from datetime import timedelta

from cast import NIORT, Cast
from departures import propose
from reminding import digests, hold, subjects, working_day

from actions.confirmation.settle import expire_proposals
from models.proposal import ProposalState
from queries.reminders.pending import read_pending

At = Callable[[str], Cast]


def test_the_agent_is_reminded_of_what_a_city_proposes_and_finds_it_in_their_list(at: At) -> None:
    cast = at("constitution in review")
    proposal = propose(cast, NIORT)
    with cast.db.read() as session:
        things = read_pending(session, cast.agent.person_id, cast.now).things
    (thing,) = (each for each in things if each.kind == "confirmation")
    assert (thing.is_mine, thing.path) == (True, f"/confirmations/{proposal.id}")
    day = working_day(cast.today + timedelta(days=16))
    cast.wait(days=(day - cast.today).days)
    hold(cast, day)
    assert f"proposal-{proposal.id}" in subjects(digests(cast)["camille.roussel@anct.example"])


def test_it_expires_after_thirty_days_and_its_people_are_told(at: At) -> None:
    cast = at("constitution in review")
    propose(cast, NIORT)
    cast.wait(days=29)
    assert expire_proposals(cast.db, now=cast.now) == 0
    cast.wait(days=1)
    assert expire_proposals(cast.db, now=cast.now) == 1
    assert expire_proposals(cast.db, now=cast.now) == 0
    assert cast.open_proposals() == []
    assert cast.contact(NIORT).person_id in {each.recipient_id for each in cast.notices("authority_settled")}
    assert ("authority.expired", NIORT) in cast.journal()
    assert ProposalState.expired.label == "expirée"

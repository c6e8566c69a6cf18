"""An office passes at one instant: one holder before and after, pending requests follow, what was signed stands."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from cast import BOURGES, CITIES, NIORT, Cast, seed_file
from two_keys import (
    DEPUTY,
    NEW_MAYOR,
    NOTE,
    agent_proposes_mayor,
    offices,
    propose_delegation,
    propose_mayor,
    told_of,
)

from actions.authority.begin_offices import begin_offices
from actions.people.end_role import RoleEnd, end_role
from actions.people.propose_holder import HoldsAlready
from models.person import Actor, Mandate
from models.proposal import ProposalKind, ProposalState
from models.sign_off import NoAuthority
from models.signature_delegation import InvalidDelegation, SignatureDelegation
from models.stored_row import identity
from queries.authority.list_authorities import list_authorities
from queries.signing.authority import office_holder

At = Callable[[str], Cast]
OTHER = "autre@niort.example"
FIRST_DAY = date(2026, 12, 12)
FIRST_INSTANT = datetime(2026, 12, 11, 23, 0, tzinfo=UTC)
"""0:00 in Paris, in winter."""


def holder(cast: Cast, at: datetime) -> int | None:
    with cast.db.read() as session:
        return office_holder(session.connection(), NIORT, at)


def in_force(cast: Cast, at: datetime) -> list[Mandate]:
    return [each for each in offices(cast) if each.since <= at and (each.until is None or each.until > at)]


def plan(cast: Cast, email: str = NEW_MAYOR) -> Actor:
    """A successor whose first day is to come, confirmed."""
    cast.confirm(propose_mayor(cast, cast.agent, email, on=FIRST_DAY))
    return cast.person(email)


def signs(cast: Cast, who: Actor, at: datetime) -> bool:
    cast.set_clock(at - timedelta(minutes=1))
    try:
        cast.sign(NOTE, NIORT, actor=who)
    except NoAuthority:
        return False
    return True


# At once


def test_what_is_pending_is_asked_of_the_new_holder_at_once_and_of_nobody_again(cast: Cast) -> None:
    asked = len(cast.notices("duties_passed"))
    proposal = agent_proposes_mayor(cast)
    assert len(cast.notices("duties_passed")) == asked, "nothing before it is confirmed"
    cast.confirm(proposal)
    new = [each.recipient_id for each in cast.notices("duties_passed")[asked:]]
    assert new == [cast.person(NEW_MAYOR).person_id]


def test_what_the_city_has_signed_is_asked_of_nobody_and_stands(cast: Cast) -> None:
    former = cast.mayor(NIORT)
    cast.sign(NOTE, NIORT)
    asked = len(cast.notices("duties_passed"))
    cast.confirm(agent_proposes_mayor(cast))
    assert len(cast.notices("duties_passed")) == asked
    (recorded,) = cast.sign_offs(NOTE)
    assert (recorded.signed_by, recorded.withdrawn_at, recorded.voided_at) == (former.person_id, None, None)
    for code in CITIES:
        if code != NIORT:
            cast.sign(NOTE, code)
    assert cast.close("constitution")


def test_it_is_asked_in_each_project_of_the_city(cast: Cast) -> None:
    cast.create(seed_file(cast.today).model_copy(update={"title": "Autre projet"}), "autre-projet")
    first, cast.slug = cast.slug, "autre-projet"
    cast.open("constitution")
    cast.review("constitution")
    cast.slug = first
    asked = len(cast.notices("duties_passed"))
    cast.confirm(agent_proposes_mayor(cast))
    (told,) = cast.notices("duties_passed")[asked:]
    assert told.recipient_id == cast.person(NEW_MAYOR).person_id
    assert [each["slug"] for each in told.payload["projects"]] == [first, "autre-projet"]


def test_the_stage_that_waited_for_a_signer_is_woken(cast: Cast) -> None:
    before = cast.stage("constitution").fact_seq
    cast.confirm(agent_proposes_mayor(cast))
    assert cast.stage("constitution").fact_seq == before + 1


def test_the_delegations_of_the_former_holder_end_with_their_office(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    cast.confirm(agent_proposes_mayor(cast))
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=deputy)
    with cast.db.read() as session:
        lines = list_authorities(session, cast.now, NIORT)
    assert [(each.kind, each.person) for each in lines] == [(ProposalKind.office, NEW_MAYOR)]


def test_the_former_holder_signs_no_more_and_proposes_nothing(cast: Cast) -> None:
    former = cast.mayor(NIORT)
    cast.confirm(agent_proposes_mayor(cast))
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=former)
    with pytest.raises(NoAuthority):
        cast.withdraw(NOTE, NIORT, actor=former)
    assert cast.sign(NOTE, NIORT, actor=cast.person(NEW_MAYOR))


def test_the_new_holder_may_withdraw_what_the_former_one_signed(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    cast.confirm(agent_proposes_mayor(cast))
    cast.withdraw(NOTE, NIORT, actor=cast.person(NEW_MAYOR))
    assert cast.sign_offs(NOTE)[0].withdrawn_at is not None


def test_the_former_holder_is_told_that_their_office_has_ended(cast: Cast) -> None:
    proposal = agent_proposes_mayor(cast)
    assert cast.mayor_email(NIORT) in told_of(cast, proposal, "authority_proposed")
    cast.confirm(proposal)
    assert cast.mayor_email(NIORT) in told_of(cast, proposal, "authority_settled")


# On a day to come


@pytest.mark.parametrize(
    ("before", "who"),
    [
        (timedelta(days=3), "former"),
        (timedelta(minutes=1), "former"),
        (timedelta(0), "new"),
        (-timedelta(days=30), "new"),
    ],
    ids=["days before", "the last minute", "the first instant", "a month later"],
)
def test_before_its_first_instant_the_former_holder_signs_and_from_it_on_the_new_one(
    cast: Cast, before: timedelta, who: str
) -> None:
    people = {"former": cast.mayor(NIORT), "new": plan(cast)}
    assert offices(cast)[-1].since == FIRST_INSTANT
    other = "new" if who == "former" else "former"
    assert not signs(cast, people[other], FIRST_INSTANT - before)
    assert signs(cast, people[who], FIRST_INSTANT - before)
    assert cast.sign_offs(NOTE)[0].signed_by == people[who].person_id


def test_at_any_instant_exactly_one_holds_the_office(cast: Cast) -> None:
    cast.confirm(agent_proposes_mayor(cast, OTHER))
    plan(cast)
    first, _founder = offices(cast)[0].since, FIRST_INSTANT
    edges = {each.since for each in offices(cast)} | {each.until for each in offices(cast) if each.until}
    around = [
        edge + step for edge in edges for step in (-timedelta(seconds=1), timedelta(0), timedelta(seconds=1))
    ]
    for instant in (each for each in around if each >= first):
        (mandate,) = in_force(cast, instant)
        assert holder(cast, instant) == mandate.person_id


def test_a_planned_office_that_is_told_hands_nothing_over_before_its_day(cast: Cast) -> None:
    asked = len(cast.notices("duties_passed"))
    new = plan(cast)
    assert begin_offices(cast.db, now=cast.now) == 0
    assert len(cast.notices("duties_passed")) == asked
    cast.set_clock(FIRST_INSTANT)
    assert begin_offices(cast.db, now=cast.now) == 1
    assert [each.recipient_id for each in cast.notices("duties_passed")[asked:]] == [new.person_id]


def test_a_successor_planned_is_succeeded_in_turn_and_nobody_holds_the_office_with_them(cast: Cast) -> None:
    former, first = cast.mayor(NIORT), plan(cast)
    cast.confirm(propose_mayor(cast, cast.agent, OTHER, on=FIRST_DAY + timedelta(days=10)))
    second = FIRST_INSTANT + timedelta(days=10)
    held = {
        FIRST_INSTANT - timedelta(minutes=1): former,
        FIRST_INSTANT: first,
        second - timedelta(minutes=1): first,
        second: cast.person(OTHER),
    }
    for instant, who in held.items():
        assert [each.person_id for each in in_force(cast, instant)] == [who.person_id]


def test_a_successor_planned_gives_way_to_one_who_comes_before(cast: Cast) -> None:
    former, first = cast.mayor(NIORT), plan(cast)
    cast.confirm(propose_mayor(cast, cast.agent, OTHER, on=FIRST_DAY - timedelta(days=10)))
    sooner, other = FIRST_INSTANT - timedelta(days=10), cast.person(OTHER)
    held = {sooner - timedelta(minutes=1): former, sooner: other, FIRST_INSTANT: other}
    for instant, who in held.items():
        assert [each.person_id for each in in_force(cast, instant)] == [who.person_id]
    assert not signs(cast, first, FIRST_INSTANT)


def test_a_succession_is_undone_by_naming_who_holds_the_office_again(cast: Cast) -> None:
    former, new = cast.mayor(NIORT), plan(cast)
    proposal = propose_mayor(cast, cast.agent, cast.mayor_email(NIORT))
    cast.confirm(proposal)
    assert holder(cast, FIRST_INSTANT) == former.person_id
    assert new.person_id not in {holder(cast, FIRST_INSTANT + timedelta(days=each)) for each in (0, 1, 400)}
    with pytest.raises(HoldsAlready):
        propose_mayor(cast, cast.agent, cast.mayor_email(NIORT))


def test_a_mayor_who_is_to_leave_before_the_next_one_comes_leaves_on_their_day(cast: Cast) -> None:
    """A later successor does not keep somebody in office beyond the day on which they leave it."""
    leaves = FIRST_INSTANT - timedelta(days=5)
    with cast.db.write() as session:
        session.get_one(Mandate, offices(cast)[0].id).until = leaves
    new = plan(cast)
    assert holder(cast, leaves - timedelta(minutes=1)) == cast.mayor(NIORT).person_id
    assert holder(cast, leaves) is None
    assert holder(cast, FIRST_INSTANT) == new.person_id


def test_a_mayor_who_resigns_takes_nothing_from_the_successor_already_confirmed(cast: Cast) -> None:
    new = plan(cast)
    end_role(cast.db, cast.mayor(NIORT), RoleEnd(identity(offices(cast)[0])), now=cast.now)
    assert holder(cast, FIRST_INSTANT - timedelta(minutes=1)) is None
    assert holder(cast, FIRST_INSTANT) == new.person_id
    assert signs(cast, new, FIRST_INSTANT)


def test_a_delegation_proposed_by_the_contact_waits_for_the_mayor_of_the_day_it_is_confirmed(
    cast: Cast,
) -> None:
    plan(cast)
    proposal = propose_delegation(cast, cast.contact(NIORT))
    cast.set_clock(FIRST_INSTANT)
    with pytest.raises(InvalidDelegation):
        cast.confirm(proposal, cast.person(NEW_MAYOR))
    assert cast.all(SignatureDelegation) == []
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=cast.person(DEPUTY))


def test_an_office_confirmed_after_its_planned_day_begins_when_it_is_confirmed(cast: Cast) -> None:
    proposal = propose_mayor(cast, cast.agent, on=FIRST_DAY)
    cast.set_clock(FIRST_INSTANT + timedelta(days=2))
    confirmed = cast.confirm(proposal)
    assert confirmed.state is ProposalState.confirmed
    assert offices(cast)[-1].since == confirmed.decided_at
    assert holder(cast, FIRST_INSTANT) == cast.mayor(NIORT).person_id


def test_the_other_cities_keep_their_mayors(cast: Cast) -> None:
    cast.confirm(agent_proposes_mayor(cast))
    assert cast.sign(NOTE, BOURGES)
    assert [each.until for each in offices(cast, BOURGES)] == [None]

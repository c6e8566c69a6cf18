"""What becomes of a proposal that nobody confirms; who hears of it; that there is one at a time about each thing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cast import BOURGES, NIORT, Cast
from database_contents import everything
from two_keys import (
    DEPUTY,
    NEW_MAYOR,
    NOTE,
    again,
    agent_proposes_mayor,
    leaves,
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
)

from actions.confirmation.overtaken import DECIDED, OVER, PROPOSER_LEFT, REPLACED, WITHDRAWN, drop_overtaken
from actions.confirmation.settle import Drop, drop_proposal, expire_proposals
from actions.projects.change_project_status import StatusChange, change_project_status
from actions.signing.delegate_signature import delegate_signature
from flows import remind
from models.notice import Notice
from models.person import Actor, MailFrequency, Person
from models.proposal import DAYS_TO_CONFIRM, Proposal, ProposalState
from models.proposal_rules import NotYourKey, OtherProposal, ProposalSettled, UnknownProposal
from models.refusal import Refusal
from models.sign_off import Decision
from models.stored_row import identity
from settings import Settings

AGENT = "camille.roussel@anct.example"
CONTACT = "hugo.texier@niort.example"


def drop(cast: Cast, proposal: Proposal, actor: Actor, reason: str | None = None) -> Proposal:
    return drop_proposal(cast.db, actor, Drop(identity(proposal), reason), now=cast.now)


# Dropped


def test_who_proposed_it_drops_it_and_it_gives_nothing(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.contact(NIORT))
    assert drop(cast, proposal, cast.contact(NIORT)).state is ProposalState.dropped
    with pytest.raises(ProposalSettled, match="retirée"):
        cast.confirm(proposal)
    assert cast.sign_offs(NOTE) == []
    assert ("authority.dropped", NIORT) in cast.journal()
    assert told_of(cast, proposal, "authority_settled") >= {AGENT, cast.mayor_email(NIORT)}
    assert CONTACT not in told_of(cast, proposal, "authority_settled"), "who did it knows"


def test_the_other_side_declines_it_and_its_author_reads_why(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.contact(NIORT))
    declined = drop(cast, proposal, cast.agent, "  La signature manque. ")
    assert (declined.state, declined.reason) == (ProposalState.declined, "La signature manque.")
    assert CONTACT in told_of(cast, proposal, "authority_settled")
    (mail, *_) = [
        each
        for each in cast.notices("authority_settled")
        if each.payload["path"] == f"/confirmations/{proposal.id}"
    ]
    assert mail.payload["reason"] == "La signature manque."
    with pytest.raises(ProposalSettled, match="écartée"):
        cast.confirm(proposal)


def test_what_was_dropped_may_be_proposed_again(cast: Cast) -> None:
    first = propose_paper(cast, cast.contact(NIORT))
    drop(cast, first, cast.contact(NIORT))
    second = propose_paper(cast, cast.contact(NIORT))
    assert second.id != first.id
    assert cast.confirm(second).result_id


def test_somebody_else_of_the_same_side_drops_it_too(cast: Cast) -> None:
    everybody = people(cast)
    proposal = propose_paper(cast, everybody["contact"])
    assert drop(cast, proposal, everybody["second contact"]).state is ProposalState.dropped


def test_who_has_no_key_drops_nothing(cast: Cast) -> None:
    everybody = people(cast)
    proposal = propose_paper(cast, everybody["contact"])
    before = everything(cast.db)
    for who in ("delegate", "another contact", "another mayor", "contractor", "observer"):
        with pytest.raises(NotYourKey, match="écarter"):
            drop(cast, proposal, everybody[who])
    with pytest.raises(UnknownProposal):
        drop(cast, proposal, everybody["outsider"])
    assert everything(cast.db) == before


def test_a_mayor_does_not_drop_what_names_another_in_their_place(cast: Cast) -> None:
    proposal = agent_proposes_mayor(cast)
    with pytest.raises(NotYourKey):
        drop(cast, proposal, cast.mayor(NIORT))
    assert state_of(cast, proposal) is ProposalState.proposed


def test_what_is_settled_is_not_settled_again(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.contact(NIORT))
    cast.confirm(proposal)
    for who in (cast.contact(NIORT), cast.agent):
        with pytest.raises(ProposalSettled, match="confirmée"):
            drop(cast, proposal, who)
    assert len(cast.sign_offs(NOTE)) == 1


# Expired


def test_it_is_confirmed_until_the_last_minute_of_its_thirty_days(cast: Cast) -> None:
    proposal = propose_delegation(cast, cast.contact(NIORT))
    assert proposal.expires_at - proposal.proposed_at == timedelta(days=30) == timedelta(days=DAYS_TO_CONFIRM)
    cast.set_clock(proposal.expires_at - timedelta(minutes=2))
    assert cast.confirm(proposal, cast.mayor(NIORT)).state is ProposalState.confirmed


def test_after_thirty_days_it_is_refused_even_when_no_round_has_noted_it(cast: Cast) -> None:
    proposals = [propose_delegation(cast, cast.contact(NIORT)), agent_proposes_mayor(cast)]
    proposals += [propose_paper(cast, cast.contact(NIORT)), propose_to_leave(cast, cast.mayor(NIORT))]
    cast.wait(days=DAYS_TO_CONFIRM)
    before = everything(cast.db)
    for proposal in proposals:
        assert state_of(cast, proposal) is ProposalState.proposed
        with pytest.raises(ProposalSettled, match="expirée"):
            cast.confirm(proposal)
        with pytest.raises(ProposalSettled):
            drop(cast, proposal, cast.agent)
    assert everything(cast.db) == before


def test_the_round_notes_what_has_expired_once_and_tells_it(cast: Cast) -> None:
    proposal = propose_delegation(cast, cast.contact(NIORT))
    cast.wait(days=1)
    recent = propose_paper(cast, cast.contact(NIORT))
    cast.set_clock(proposal.expires_at - timedelta(minutes=1))
    assert expire_proposals(cast.db, now=cast.now) == 1
    assert (state_of(cast, proposal), state_of(cast, recent)) == (
        ProposalState.expired,
        ProposalState.proposed,
    )
    assert told_of(cast, proposal, "authority_settled") == {AGENT, CONTACT, cast.mayor_email(NIORT), DEPUTY}
    (noted,) = register_events(cast, "authority.expired")
    assert noted["proposal"] == proposal.id
    facts = everything(cast.db)
    assert expire_proposals(cast.db, now=cast.now) == 0
    assert everything(cast.db) == facts


def test_what_has_expired_may_be_proposed_again_before_the_round(cast: Cast) -> None:
    first = propose_delegation(cast, cast.contact(NIORT))
    cast.wait(days=DAYS_TO_CONFIRM)
    second = propose_delegation(cast, cast.contact(NIORT))
    assert (state_of(cast, first), second.state) == (ProposalState.expired, ProposalState.proposed)
    assert second.id != first.id
    assert cast.confirm(second, cast.mayor(NIORT)).result_id


# Overtaken


def decides_by_a_click(cast: Cast) -> Proposal:
    proposal = propose_paper(cast, cast.contact(NIORT))
    cast.sign(NOTE, NIORT)
    return proposal


def replaces_the_text(cast: Cast) -> Proposal:
    proposal = propose_paper(cast, cast.contact(NIORT))
    cast.submit(NOTE, text="Une tout autre note.")
    return proposal


def revises_the_text(cast: Cast) -> Proposal:
    proposal = propose_paper(cast, cast.contact(NIORT))
    cast.submit(NOTE, text="La même note, relue.", minor="Une faute de frappe")
    return proposal


def loses_its_contact(cast: Cast) -> Proposal:
    proposal = propose_delegation(cast, cast.contact(NIORT))
    leaves(cast, cast.contact(NIORT))
    return proposal


def withdraws_by_a_click(cast: Cast) -> Proposal:
    cast.sign(NOTE, NIORT)
    proposal = propose_withdrawal(cast, cast.contact(NIORT))
    cast.withdraw(NOTE, NIORT)
    return proposal


def cancels_the_project(cast: Cast) -> Proposal:
    proposal = propose_paper(cast, cast.contact(NIORT))
    change_project_status(cast.db, cast.agent, StatusChange(cast.slug, "cancel", "Abandon"), now=cast.now)
    return proposal


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (decides_by_a_click, DECIDED),
        (replaces_the_text, REPLACED),
        (revises_the_text, REPLACED),
        (loses_its_contact, PROPOSER_LEFT),
        (withdraws_by_a_click, WITHDRAWN),
        (cancels_the_project, OVER),
    ],
)
def test_what_was_overtaken_is_dropped_once_and_told_with_the_reason(
    cast: Cast, what: Callable[[Cast], Proposal], reason: str
) -> None:
    proposal = what(cast)
    with pytest.raises(Refusal):
        cast.confirm(proposal)
    assert drop_overtaken(cast.db, now=cast.now) == 1
    settled = again(cast, proposal)
    assert (settled.state, settled.reason, settled.decided_by) == (ProposalState.dropped, reason, None)
    assert cast.mayor_email(NIORT) in told_of(cast, proposal, "authority_settled")
    assert drop_overtaken(cast.db, now=cast.now) == 0


def test_what_can_still_be_confirmed_keeps_waiting(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    proposals = [
        propose_withdrawal(cast, cast.contact(NIORT)),
        propose_paper(cast, cast.contact(BOURGES), BOURGES),
        propose_delegation(cast, cast.contact(NIORT)),
        propose_to_leave(cast, cast.contact(BOURGES), BOURGES),
    ]
    paused, resumed = (StatusChange(cast.slug, event, "Élections") for event in ("pause", "resume"))
    change_project_status(cast.db, cast.agent, paused, now=cast.now)
    assert drop_overtaken(cast.db, now=cast.now) == 0
    assert {state_of(cast, each) for each in proposals} == {ProposalState.proposed}
    change_project_status(cast.db, cast.agent, resumed, now=cast.now)
    for each in proposals:
        cast.confirm(each)


def test_the_round_of_reminders_notes_what_has_expired_and_drops_what_was_overtaken(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remind, "settings", lambda: Settings(_env_file=None, data_dir=tmp_path))
    old = propose_delegation(cast, cast.contact(NIORT))
    cast.set_clock(old.expires_at)
    overtaken = decides_by_a_click(cast)
    remind.forget(cast.db, cast.now)
    assert (state_of(cast, old), state_of(cast, overtaken)) == (ProposalState.expired, ProposalState.dropped)


# One at a time


def test_the_same_proposal_twice_is_one_and_tells_once(cast: Cast) -> None:
    contact = cast.contact(NIORT)
    cast.sign(NOTE, BOURGES)
    for propose in (
        lambda: propose_delegation(cast, contact),
        lambda: propose_paper(cast, contact),
        lambda: propose_to_leave(cast, contact),
        lambda: agent_proposes_mayor(cast),
    ):
        first, notices = propose(), len(cast.all(Notice))
        facts = cast.journal()
        assert propose().id == first.id
        assert len(cast.all(Notice)) == notices
        assert cast.journal() == facts


def test_something_else_about_the_same_thing_is_refused_and_says_which_waits(cast: Cast) -> None:
    contact = cast.contact(NIORT)
    waits = propose_paper(cast, contact)
    with pytest.raises(OtherProposal, match=f"n° {waits.id}") as refused:
        propose_paper(cast, contact, decision=Decision.refused, reason="Il manque la jeunesse.")
    assert "un agent de l’ANCT" in str(refused.value)
    with pytest.raises(OtherProposal):
        propose_paper(cast, contact, paper=signed_paper(cast, text="un autre papier"))
    with pytest.raises(OtherProposal):
        propose_paper(cast, cast.agent)
    office = agent_proposes_mayor(cast)
    with pytest.raises(OtherProposal, match=f"n° {office.id}"):
        propose_mayor(cast, contact, "rival@niort.example")
    delegation = propose_delegation(cast, contact)
    longer = replace(order(cast), valid_until=cast.today + timedelta(days=900))
    with pytest.raises(OtherProposal, match=f"n° {delegation.id}"):
        delegate_signature(cast.db, contact, longer, now=cast.now)
    assert [each.id for each in cast.open_proposals()] == [waits.id, office.id, delegation.id]


def test_a_withdrawal_waits_once_for_each_decision(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    first = propose_withdrawal(cast, cast.contact(NIORT))
    assert propose_withdrawal(cast, cast.contact(NIORT)).id == first.id
    cast.confirm(first)
    cast.sign(NOTE, NIORT)
    assert propose_withdrawal(cast, cast.contact(NIORT)).id != first.id


# Who is told


def test_everybody_whom_a_change_of_office_touches_is_told_at_once_whatever_they_prefer(cast: Cast) -> None:
    with cast.db.write() as session:
        session.connection().execute(sa.update(Person).values(mail_frequency=MailFrequency.never))
    proposal = agent_proposes_mayor(cast)
    assert told_of(cast, proposal, "authority_to_confirm") == {CONTACT}
    assert told_of(cast, proposal, "authority_proposed") == {cast.mayor_email(NIORT), NEW_MAYOR}
    cast.confirm(proposal)
    assert told_of(cast, proposal, "authority_settled") == {AGENT, cast.mayor_email(NIORT), NEW_MAYOR}
    owed = [
        notice
        for notice in cast.all(Notice)
        if notice.payload.get("path") == f"/confirmations/{proposal.id}"  # type: ignore[attr-defined]
    ]
    assert len(owed) == 6
    for notice in owed:
        assert isinstance(notice, Notice)
        assert (notice.dropped_at, notice.is_held, notice.sent_at) == (None, False, None)


@pytest.mark.parametrize("who", ["contact", "agent"])
def test_who_may_confirm_is_asked_and_who_proposed_is_not_written_to(cast: Cast, who: str) -> None:
    actor = cast.contact(NIORT) if who == "contact" else cast.agent
    proposal = propose_paper(cast, actor)
    asked, told = (
        told_of(cast, proposal, "authority_to_confirm"),
        told_of(cast, proposal, "authority_proposed"),
    )
    if who == "contact":
        assert (asked, told) == ({AGENT}, {cast.mayor_email(NIORT)})
    else:
        assert (asked, told) == ({CONTACT, cast.mayor_email(NIORT)}, set())


def test_a_proposal_says_until_when_and_for_whom_it_waits(cast: Cast) -> None:
    proposal = propose_delegation(cast, cast.contact(NIORT), has_file=False)
    (mail,) = [
        each
        for each in cast.notices("authority_to_confirm")
        if each.payload["path"] == f"/confirmations/{proposal.id}"
    ]
    assert mail.payload["waits_for"] == "le maire ou président"
    assert mail.payload["expires_on"] == (cast.today + timedelta(days=DAYS_TO_CONFIRM)).isoformat()
    assert again(cast, proposal).decided_at is None

"""A city leaves by a recorded decision; another comes in, from the next stage (rule 6)."""

from collections.abc import Callable

import pytest
from cast import BOURGES, CITIES, GUICHEN, MANTES, NEWCOMER, NIORT, OBSERVER, Cast, city_file
from departures import leave, propose, roster

from actions.files.store_file import UnusableFile
from actions.projects.join_project import JoinRequest, join_project
from actions.stages import ask
from models.accession import AlreadyParty
from models.commitment import CommitmentStatus
from models.party import PartyDeparture, PartyRole, UnknownParty, WrongNumberOfSignatories
from models.person import NotAllowed
from models.proposal import Proposal, ProposalKind
from models.shared_project import ProjectNotActive, ProjectStatus
from models.sign_off import Decision, ReasonNeeded
from models.stage import (
    StageStatus,
)

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"


def test_a_city_leaves_by_a_recorded_decision_with_its_reason_and_its_file(at: At) -> None:
    cast = at("constitution in review")
    leave(cast, GUICHEN)
    (departure,) = cast.all(PartyDeparture)
    assert isinstance(departure, PartyDeparture)
    assert departure.reason == "Changement de majorité"
    assert cast.files.path(departure.file_sha256).is_file()
    assert ("party.left", GUICHEN) in cast.journal()
    assert roster(cast, "constitution") == {MANTES, NIORT, BOURGES}


def test_leaving_needs_a_reason_and_a_file(at: At) -> None:
    cast = at("constitution in review")
    with pytest.raises(ReasonNeeded):
        leave(cast, GUICHEN, reason=" ")
    for file in (cast.folder / "absent.pdf", cast.write("", "vide.pdf")):
        with pytest.raises(UnusableFile):
            leave(cast, GUICHEN, decision_file=file)
    assert roster(cast, "constitution") == set(CITIES)


def test_nobody_makes_another_city_leave(at: At) -> None:
    cast = at("constitution in review")
    for who in (cast.contact(NIORT), cast.mayor(NIORT), cast.observer, cast.outsider):
        with pytest.raises(NotAllowed):
            leave(cast, GUICHEN, actor=who)


def test_the_anct_takes_no_city_out_and_confirms_what_it_decided(at: At) -> None:
    cast = at("constitution in review")
    with pytest.raises(NotAllowed, match="seul l’interlocuteur privilégié de Guichen"):
        leave(cast, GUICHEN, actor=cast.agent)
    assert roster(cast, "constitution") == set(CITIES)
    leave(cast, GUICHEN)
    (departure,) = cast.all(Proposal, Proposal.kind == ProposalKind.departure)
    assert isinstance(departure, Proposal)
    assert departure.decided_by == cast.agent.person_id
    with pytest.raises(UnknownParty):
        leave(cast, GUICHEN)


def test_a_city_stays_until_the_anct_has_confirmed_its_departure(at: At) -> None:
    cast = at("diagnosis open")
    before, gate = cast.commitments(owner=GUICHEN), roster(cast, "territorial_diagnosis")
    proposal = propose(cast, GUICHEN)
    assert cast.all(PartyDeparture) == []
    assert cast.party(GUICHEN).left_at is None
    assert roster(cast, "territorial_diagnosis") == gate
    assert cast.commitments(owner=GUICHEN) == before
    cast.confirm(proposal)
    assert roster(cast, "territorial_diagnosis") == gate - {GUICHEN}


def test_when_the_last_silent_city_leaves_the_gate_turns(at: At) -> None:
    cast = at("constitution in review")
    cast.sign_all("constitution", but=[GUICHEN])
    leave(cast, GUICHEN)
    assert cast.status("constitution") is StageStatus.signed_off
    assert cast.close("constitution")


def test_when_the_city_that_refused_leaves_the_revision_ends(at: At) -> None:
    cast = at("constitution in review")
    cast.sign_all("constitution", but=[GUICHEN, NIORT])
    cast.sign(NOTE, GUICHEN, Decision.refused)
    leave(cast, GUICHEN)
    assert cast.status("constitution") is StageStatus.in_review
    cast.sign(NOTE, NIORT)
    assert cast.status("constitution") is StageStatus.signed_off


def test_a_city_that_has_left_decides_nothing_more(at: At) -> None:
    cast = at("constitution in review")
    gone = cast.party(GUICHEN)
    leave(cast, GUICHEN)
    assert gone.id is not None
    with pytest.raises(UnknownParty):
        cast.sign(NOTE, GUICHEN)


def test_the_commitments_of_a_city_that_leaves_are_waived_for_that_reason(at: At) -> None:
    cast = at("charter closed")
    leave(cast, GUICHEN)
    statuses = {each.status for each in cast.commitments(owner=GUICHEN)}
    assert statuses == {CommitmentStatus.waived}
    assert {each.status for each in cast.commitments(owner=NIORT)} == {CommitmentStatus.to_do}
    assert all("Changement de majorité" in (each.evidence or "") for each in cast.commitments(owner=GUICHEN))


def test_the_deliverables_of_a_city_that_has_left_are_asked_of_nobody(at: At) -> None:
    cast = at("diagnosis open")
    leave(cast, GUICHEN)
    ask.ask_for_deliverable(cast.db, cast.stage_id("territorial_diagnosis"), "diagnostic", now=cast.now)
    assert len(cast.notices("deliverable_requested")) > 0
    gone = cast.all_deliverables("diagnostic")[-1]
    assert not [
        each
        for each in cast.notices("deliverable_requested")
        if each.key.startswith(f"deliverable_requested:deliverable-{gone.id}:")
    ]


def test_below_three_signatories_the_project_is_paused_until_another_joins(at: At) -> None:
    cast = at("constitution in review")
    leave(cast, GUICHEN)
    assert cast.project().status is ProjectStatus.active
    leave(cast, BOURGES)
    assert cast.project().status is ProjectStatus.paused
    assert "project.pause" in {event for event, _ in cast.journal()}
    with pytest.raises(WrongNumberOfSignatories):
        cast.change("resume")
    with pytest.raises(ProjectNotActive):
        cast.sign(NOTE, NIORT)
    cast.let_in(NEWCOMER, "Nantes")
    cast.change("resume")
    assert cast.project().status is ProjectStatus.active
    cast.sign(NOTE, NIORT)


def test_an_observer_that_joins_does_not_make_a_third_signatory(at: At) -> None:
    cast = at("met")
    leave(cast, GUICHEN)
    leave(cast, BOURGES)
    cast.let_in(NEWCOMER, "Nantes", PartyRole.observer)
    with pytest.raises(WrongNumberOfSignatories):
        cast.change("resume")


def test_five_signatories_at_most(at: At) -> None:
    cast = at("met")
    cast.let_in(NEWCOMER, "Nantes")
    with pytest.raises(WrongNumberOfSignatories, match="6"):
        cast.let_in("59350", "Lille")


def test_a_city_comes_in_once(at: At) -> None:
    cast = at("met")
    with pytest.raises(AlreadyParty):
        cast.let_in(NIORT, "Niort")
    leave(cast, GUICHEN)
    with pytest.raises(AlreadyParty, match="quitté"):
        cast.let_in(GUICHEN, "Guichen")


def test_only_the_anct_lets_a_city_in(at: At) -> None:
    cast = at("met")
    for who in (cast.mayor(NIORT), cast.contact(NIORT), cast.observer, cast.outsider):
        with pytest.raises(NotAllowed):
            join_project(cast.db, who, JoinRequest(cast.slug, city_file(NEWCOMER, "Nantes")), now=cast.now)


def test_an_observer_leaves_by_its_own_person_and_the_anct(at: At) -> None:
    cast = at("constitution in review")
    leave(cast, OBSERVER, actor=cast.observer)
    with pytest.raises(UnknownParty):
        cast.party(OBSERVER)

"""Rule 6: what moves a stage, and the project with it; who may; and what no one may."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest
import sqlalchemy as sa
from cast import BOURGES, CITIES, GUICHEN, MANTES, NEWCOMER, NIORT, OBSERVER, Cast, city_file
from departures import leave

from actions.files.store_file import UnusableFile
from actions.projects.change_parties import AlreadyParty, JoinRequest, join_project
from actions.stages import ask
from actions.stages.close_stage import close_stage
from actions.stages.open_stage import NoRecordedRequest, open_stage
from models.commitment import CommitmentStatus
from models.lifecycle import STAGE_KEYS
from models.outbox import Nudge, NudgeKind
from models.party import PartyDeparture, PartyRole, UnknownParty, WrongNumberOfSignatories
from models.person import NotAllowed
from models.shared_project import PROJECT_TRANSITIONS, ProjectNotActive, ProjectStatus, WrongProjectState
from models.sign_off import Decision, NotConcerned, ReasonNeeded
from models.stage import (
    STAGE_TRANSITIONS,
    ForbiddenStageTransition,
    StageMovesOn,
    StageStatus,
    StageTransition,
    check_transition,
)
from models.transition_rules import GateNotReached, StageOutOfOrder

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"


def roster(cast: Cast, key: str) -> set[str]:
    """The codes of the parties that count in the stage's gate."""
    query = (
        "SELECT party.code FROM roster_seat JOIN party ON party.id = party_id "
        "WHERE stage_id = :stage AND roster_seat.left_at IS NULL"
    )
    with cast.db.read() as session:
        return set(session.connection().execute(sa.text(query), {"stage": cast.stage_id(key)}).scalars())


# Opening


@pytest.mark.parametrize("who", ["mayor", "contact", "contractor", "observer", "outsider"])
def test_only_an_agent_of_the_anct_opens_a_stage(at: At, who: str) -> None:
    cast = at("met")
    cast.award()
    people = {"mayor": cast.mayor(NIORT), "contact": cast.contact(NIORT)}
    with pytest.raises(NotAllowed, match="agent de l’ANCT"):
        cast.request("constitution", people.get(who) or getattr(cast, who))
    assert cast.status("constitution") is StageStatus.planned
    assert cast.all(StageTransition) == []


def test_the_request_is_recorded_then_the_flow_opens_the_stage(at: At) -> None:
    cast = at("met")
    cast.request("constitution")
    assert cast.status("constitution") is StageStatus.opening
    assert open_stage(cast.db, cast.stage_id("constitution"), now=cast.now)
    assert cast.status("constitution") is StageStatus.open
    assert [event for event, _ in cast.journal()][-2:] == ["stage_transition.requested", "stage.opened"]


def test_a_stage_nobody_asked_for_is_not_opened(at: At) -> None:
    cast = at("met")
    with pytest.raises(NoRecordedRequest):
        open_stage(cast.db, cast.stage_id("constitution"), now=cast.now)
    assert cast.status("constitution") is StageStatus.planned


def test_asking_twice_is_asking_once(at: At) -> None:
    cast = at("met")
    cast.request("constitution")
    facts = cast.journal()
    cast.request("constitution")
    assert cast.journal() == facts
    assert len(cast.all(StageTransition)) == 1
    assert len(cast.all(Nudge, Nudge.kind == NudgeKind.start_stage)) == 1


def test_asking_again_for_a_stage_that_is_closed_changes_nothing(at: At) -> None:
    cast = at("charter open")
    cast.request("constitution")
    assert cast.status("constitution") is StageStatus.closed


def test_opening_twice_changes_nothing(at: At) -> None:
    cast = at("constitution open")
    facts, stage = cast.journal(), cast.stage("constitution")
    assert open_stage(cast.db, cast.stage_id("constitution"), now=cast.now)
    assert (cast.journal(), cast.stage("constitution")) == (facts, stage)


@pytest.mark.parametrize("key", STAGE_KEYS[1:])
def test_the_stages_open_in_order(at: At, key: str) -> None:
    with pytest.raises(StageOutOfOrder, match="Constitution du collectif"):
        at("met").request(key)


def test_the_next_stage_does_not_open_before_the_gate_holds(at: At) -> None:
    cast = at("constitution in review")
    cast.sign_all("constitution", but=[GUICHEN])
    with pytest.raises(GateNotReached, match=r"Guichen.: valider") as refused:
        cast.request("charter")
    assert {each.party for each in refused.value.awaited} == {GUICHEN}
    assert cast.status("charter") is StageStatus.planned


def test_nothing_overrides_a_refusal(at: At) -> None:
    cast = at("constitution in review")
    cast.sign_all("constitution", but=[GUICHEN])
    cast.sign(NOTE, GUICHEN, Decision.refused)
    with pytest.raises(GateNotReached, match="a refusé"):
        cast.request("charter")
    assert not cast.close("constitution")


def test_the_next_stage_can_be_asked_for_as_soon_as_the_gate_holds_and_opens_after_the_closing(
    at: At,
) -> None:
    cast = at("constitution in review")
    cast.sign_all("constitution")
    cast.request("charter")
    charter = cast.stage_id("charter")
    assert not open_stage(cast.db, charter, now=cast.now)
    assert cast.close("constitution")
    assert cast.all(Nudge, Nudge.kind == NudgeKind.wake_stage, Nudge.stage_id == charter)
    assert open_stage(cast.db, charter, now=cast.now)


def test_a_stage_asked_for_waits_again_when_a_city_withdraws_in_between(at: At) -> None:
    cast = at("constitution in review")
    cast.sign_all("constitution")
    cast.request("charter")
    cast.withdraw(NOTE, NIORT)
    assert not cast.close("constitution")
    assert not open_stage(cast.db, cast.stage_id("charter"), now=cast.now)
    assert cast.status("charter") is StageStatus.opening


def test_closing_twice_changes_nothing(at: At) -> None:
    cast = at("charter closed")
    facts, promised = cast.journal(), len(cast.commitments())
    assert cast.close("charter")
    assert (cast.journal(), len(cast.commitments())) == (facts, promised)


def test_a_stage_that_is_not_signed_off_does_not_close(at: At) -> None:
    for point in ("constitution open", "constitution in review"):
        assert not at(point).close("constitution")


# The table


def test_every_change_of_state_of_a_whole_project_is_in_the_table(
    at: At, seen: list[tuple[str, str]]
) -> None:
    cast = at("met")
    cast.open("constitution")
    cast.collect("constitution")
    ask.start_review(cast.db, cast.stage_id("constitution"), now=cast.now)
    cast.sign(NOTE, NIORT, Decision.refused)
    cast.submit(NOTE)
    cast.sign(NOTE, NIORT, Decision.refused)
    cast.withdraw(NOTE, NIORT)
    cast.sign_all("constitution")
    cast.withdraw(NOTE, NIORT)
    cast.sign(NOTE, NIORT)
    cast.end("constitution")
    allowed = {(origin.value, target.value) for _, origin, target in STAGE_TRANSITIONS}
    assert set(seen) == allowed - {("revision_requested", "signed_off")}


@pytest.fixture
def seen() -> Iterator[list[tuple[str, str]]]:
    """The changes of state written to the database during the test."""
    changes: list[tuple[str, str]] = []
    states: dict[int, str] = {}

    def look(connection: sa.Connection) -> None:
        rows = connection.exec_driver_sql("SELECT id, status FROM stage").fetchall()
        for number, status in rows:
            if states.get(number, "planned") != status:
                changes.append((states.get(number, "planned"), status))
            states[number] = status

    sa.event.listen(sa.engine.Engine, "commit", look)
    yield changes
    sa.event.remove(sa.engine.Engine, "commit", look)


EVENTS = sorted({event for event, _, _ in STAGE_TRANSITIONS})


@pytest.mark.parametrize("event", EVENTS)
def test_a_change_of_state_that_is_not_in_the_table_is_refused(event: str) -> None:
    for origin, target in product(StageStatus, repeat=2):
        if origin == target or (event, origin, target) in STAGE_TRANSITIONS:
            assert check_transition(event, origin, target) is target
        else:
            with pytest.raises(ForbiddenStageTransition):
                check_transition(event, origin, target)


def test_every_state_is_reached_and_only_the_last_has_no_way_out() -> None:
    origins = {origin for _, origin, _ in STAGE_TRANSITIONS}
    targets = {target for _, _, target in STAGE_TRANSITIONS}
    assert set(StageStatus) - targets == {StageStatus.planned}
    assert set(StageStatus) - origins == {StageStatus.closed}


def test_no_version_comes_in_before_the_opening_nor_after_the_gate(at: At) -> None:
    cast = at("constitution in review")
    cast.sign_all("constitution")
    with pytest.raises(StageMovesOn):
        cast.submit(NOTE)
    with pytest.raises(StageMovesOn):
        cast.submit(NOTE, minor="Une coquille")


# The roster


def test_the_roster_holds_the_signatories_and_no_observer(at: At) -> None:
    cast = at("constitution open")
    assert roster(cast, "constitution") == set(CITIES)
    assert cast.party(OBSERVER).role is PartyRole.observer


def test_the_roster_is_frozen_when_the_stage_opens(at: At) -> None:
    cast = at("constitution in review")
    cast.let_in(NEWCOMER, "Nantes")
    assert roster(cast, "constitution") == set(CITIES)
    with pytest.raises(NotConcerned):
        cast.sign(NOTE, NEWCOMER)
    cast.sign_all("constitution")
    assert cast.status("constitution") is StageStatus.signed_off
    cast.end("constitution")
    cast.open("charter")
    assert roster(cast, "charter") == {*CITIES, NEWCOMER}


# Leaving and joining


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


def test_the_anct_records_the_departure_a_city_decided(at: At) -> None:
    cast = at("constitution in review")
    leave(cast, GUICHEN, actor=cast.agent)
    with pytest.raises(UnknownParty):
        leave(cast, GUICHEN, actor=cast.agent)


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


# Pausing, resuming, cancelling


def test_only_the_anct_pauses_resumes_and_cancels_and_says_why(at: At) -> None:
    cast = at("constitution open")
    for who in (cast.mayor(NIORT), cast.contact(NIORT), cast.observer, cast.outsider):
        with pytest.raises(NotAllowed):
            cast.change("pause", actor=who)
    for event in ("pause", "resume", "cancel"):
        with pytest.raises(ReasonNeeded):
            cast.change(event, "  ")
    assert cast.project().status is ProjectStatus.active


def test_the_states_of_a_project_follow_their_table(at: At) -> None:
    allowed = {(event, origin) for event, origin, _ in PROJECT_TRANSITIONS}
    for event, origin in product(("pause", "resume", "cancel"), (ProjectStatus.active, ProjectStatus.paused)):
        cast = at("met")
        if origin is ProjectStatus.paused:
            cast.pause()
        if (event, origin) in allowed:
            cast.change(event)
        else:
            with pytest.raises(WrongProjectState):
                cast.change(event)
    cast = at("met")
    cast.change("cancel")
    for event in ("pause", "resume", "cancel"):
        with pytest.raises(WrongProjectState):
            cast.change(event)


def test_nothing_moves_in_a_paused_project_and_all_goes_on_once_resumed(at: At) -> None:
    cast = at("constitution in review")
    cast.sign_all("constitution")
    cast.pause()
    for act in (
        lambda: cast.request("charter"),
        lambda: cast.close("constitution"),
        lambda: cast.withdraw(NOTE, NIORT),
        lambda: cast.submit(NOTE),
    ):
        with pytest.raises(ProjectNotActive, match="Élections municipales"):
            act()
    cast.change("resume", "Nouveau conseil installé")
    assert cast.close("constitution")


@pytest.mark.parametrize(
    "step",
    [
        lambda db, stage, now: ask.ask_for_deliverable(db, stage, "diagnostic", now=now),
        lambda db, stage, now: ask.open_peer_reading(db, stage, "diagnostic", now=now),
        lambda db, stage, now: ask.start_review(db, stage, now=now),
        lambda db, stage, now: ask.tell_signed_off(db, stage, now=now),
        lambda db, stage, now: ask.ask_for_award(db, stage, now=now),
        lambda db, stage, now: close_stage(db, stage, now=now),
    ],
)
def test_a_paused_project_asks_nothing_of_anybody(at: At, step: Callable[..., object]) -> None:
    cast = at("diagnosis open")
    for code in CITIES:
        cast.submit("diagnostic", code)
    cast.pause()
    owed = len(cast.notices("deliverable_requested")) + len(cast.notices("peer_reading_opened"))
    with pytest.raises(ProjectNotActive):
        step(cast.db, cast.stage_id("territorial_diagnosis"), cast.now)
    assert len(cast.notices("deliverable_requested")) + len(cast.notices("peer_reading_opened")) == owed


def test_everybody_is_told_of_a_pause_with_its_reason(at: At) -> None:
    cast = at("met")
    cast.pause("Élections municipales")
    assert {each.payload["reason"] for each in cast.notices("project_paused")} == {"Élections municipales"}
    assert len(cast.told("project_paused")) == 1 + 2 * len(CITIES) + len([OBSERVER])


def test_the_flows_at_work_look_again_when_the_project_is_paused_or_resumed(at: At) -> None:
    cast = at("constitution in review")
    seen = cast.stage("constitution").fact_seq
    cast.pause()
    cast.change("resume")
    assert cast.stage("constitution").fact_seq == seen + 2

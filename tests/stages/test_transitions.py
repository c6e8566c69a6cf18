"""What moves a stage, who may, and what no one may (rule 6)."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest
import sqlalchemy as sa
from cast import CITIES, GUICHEN, NEWCOMER, NIORT, OBSERVER, Cast
from departures import roster

from actions.stages import ask
from actions.stages.open_stage import NoRecordedRequest, open_stage
from models.lifecycle import STAGE_KEYS
from models.outbox import Nudge, NudgeKind
from models.party import PartyRole
from models.person import NotAllowed
from models.sign_off import Decision, NotConcerned
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

"""A project is paused, resumed and cancelled, with a reason (rule 6)."""

from collections.abc import Callable
from itertools import product

import pytest
from cast import CITIES, NIORT, OBSERVER, Cast

from actions.stages import ask
from actions.stages.close_stage import close_stage
from models.person import NotAllowed
from models.shared_project import PROJECT_TRANSITIONS, ProjectNotActive, ProjectStatus, WrongProjectState
from models.sign_off import ReasonNeeded

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"


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

"""Every event that the code records has its French label, and its sentence in a project's journal or the register."""

import ast
from collections.abc import Iterator

from source_files import ROOT

from actions.projects.change_project_status import ACTS
from models.journal_event import EVENT_LABELS, PROJECT_EVENTS, REGISTER_EVENTS
from models.proposal import ProposalState
from queries.ledger.journal_words import REGISTER_SENTENCES, SENTENCES

RECORDERS = {
    "record",
    "append",
    "record_on_each",
    "record_meeting",
    "record_step",
    "_record",
    "_record_change",
}


def test_each_event_that_the_code_records_has_a_label() -> None:
    assert set(EVENT_LABELS) == recorded_events()


def test_each_event_of_a_project_has_its_sentence_in_its_journal() -> None:
    assert set(SENTENCES) == set(PROJECT_EVENTS)


def test_each_event_of_the_register_has_its_sentence_there() -> None:
    assert set(REGISTER_SENTENCES) == set(REGISTER_EVENTS)


def test_no_event_has_two_labels() -> None:
    assert not set(PROJECT_EVENTS) & set(REGISTER_EVENTS)


def recorded_events() -> set[str]:
    """The events that the actions and the flows write, by name; those of a change of status are made of its act, those
    of a proposal that is settled of its state."""
    files = [*(ROOT / "actions").rglob("*.py"), *(ROOT / "flows").rglob("*.py")]
    named = {event for file in files for event in _events(ast.parse(file.read_text(encoding="utf-8")))}
    settled = {f"authority.{state}" for state in ProposalState if state is not ProposalState.proposed}
    return named | {f"project.{act}" for act in ACTS} | settled


def _events(module: ast.Module) -> Iterator[str]:
    constants = {
        target.id: node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in RECORDERS:
            for argument in node.args:
                value = constants.get(argument.id) if isinstance(argument, ast.Name) else argument
                yield from _texts(value)


def _texts(value: ast.expr | None) -> Iterator[str]:
    if isinstance(value, ast.IfExp):
        yield from _texts(value.body)
        yield from _texts(value.orelse)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value

"""Rule 1, the gate: a pure function of who had to sign what, and of what each decided."""

from itertools import product

import pytest

from models.gate import Cell, gate_holds, is_refused, missing, review_status
from models.sign_off import Decision
from models.stage import StageStatus

APPROVED, RESERVED, REFUSED = Decision
MANTES, NIORT, BOURGES, GUICHEN = range(1, 5)
CITIES = (MANTES, NIORT, BOURGES, GUICHEN)
CHARTER, NOTE = 10, 11


def shared(*decisions: Decision | None, deliverable: int = CHARTER) -> list[Cell]:
    """One deliverable that is in, and the decision of each city in turn."""
    return [
        Cell(city, deliverable, True, decision) for city, decision in zip(CITIES, decisions, strict=False)
    ]


def test_the_gate_holds_when_every_signatory_has_approved_the_current_version() -> None:
    assert gate_holds(shared(APPROVED, APPROVED, APPROVED, APPROVED))


def test_an_empty_roster_never_passes() -> None:
    assert not gate_holds([])
    assert review_status([]) is StageStatus.in_review


@pytest.mark.parametrize("silent", CITIES)
def test_one_city_that_has_not_signed_holds_the_gate_whichever_it_is(silent: int) -> None:
    matrix = shared(*(None if city == silent else APPROVED for city in CITIES))
    assert not gate_holds(matrix)
    assert [cell.party_id for cell in missing(matrix)] == [silent]
    assert review_status(matrix) is StageStatus.in_review


def test_reservations_pass_the_gate() -> None:
    assert gate_holds(shared(RESERVED, RESERVED, RESERVED, APPROVED))


@pytest.mark.parametrize("refusing", CITIES)
def test_one_refusal_is_enough_to_send_the_stage_back(refusing: int) -> None:
    matrix = shared(*(REFUSED if city == refusing else APPROVED for city in CITIES))
    assert not gate_holds(matrix)
    assert is_refused(matrix)
    assert review_status(matrix) is StageStatus.revision_requested


def test_a_refusal_asks_for_a_revision_even_while_others_are_still_silent() -> None:
    assert review_status(shared(None, REFUSED, None, None)) is StageStatus.revision_requested


def test_a_deliverable_that_is_not_submitted_holds_the_gate() -> None:
    matrix = [*shared(APPROVED, APPROVED), Cell(NIORT, NOTE, False, None)]
    assert not gate_holds(matrix)


def test_a_decision_on_a_deliverable_without_a_current_version_does_not_count() -> None:
    assert not gate_holds([Cell(NIORT, NOTE, False, APPROVED)])


def test_each_city_is_asked_for_its_own_deliverable_only() -> None:
    own = [Cell(city, 20 + city, True, APPROVED) for city in CITIES]
    assert gate_holds(own)
    assert not gate_holds([*own[:3], Cell(GUICHEN, 20 + GUICHEN, True, None)])


def test_every_required_deliverable_counts() -> None:
    charter, note = shared(APPROVED, APPROVED), shared(APPROVED, None, deliverable=NOTE)
    assert not gate_holds([*charter, *note])
    assert [(cell.party_id, cell.deliverable_id) for cell in missing([*charter, *note])] == [(NIORT, NOTE)]


def test_the_order_in_which_cities_sign_does_not_matter() -> None:
    matrix = shared(APPROVED, RESERVED, None, REFUSED)
    assert review_status(matrix) is review_status(matrix[::-1])
    assert gate_holds(matrix) == gate_holds(matrix[::-1])


@pytest.mark.parametrize("cells", range(1, 5))
def test_over_all_small_matrices_the_gate_is_rule_one_word_for_word(cells: int) -> None:
    choices = [(True, None), (False, None), *((True, decision) for decision in Decision)]
    for chosen in product(choices, repeat=cells):
        matrix = [Cell(place, CHARTER, is_in, decision) for place, (is_in, decision) in enumerate(chosen)]
        all_in = all(is_in for is_in, _ in chosen)
        each_approved = all(decision in (APPROVED, RESERVED) for _, decision in chosen)
        none_refused = all(decision is not REFUSED for _, decision in chosen)
        assert gate_holds(matrix) is (all_in and each_approved and none_refused)
        assert gate_holds(matrix) is (missing(matrix) == [])
        assert gate_holds(matrix) is (review_status(matrix) is StageStatus.signed_off)
        assert is_refused(matrix) is (not none_refused)
        assert not (gate_holds(matrix) and is_refused(matrix))


@pytest.mark.parametrize("cells", range(1, 4))
def test_one_more_approval_never_closes_a_gate_that_held(cells: int) -> None:
    for chosen in product([None, *Decision], repeat=cells):
        matrix = [Cell(place, CHARTER, True, decision) for place, decision in enumerate(chosen)]
        more = [*matrix, Cell(cells, CHARTER, True, APPROVED)]
        assert gate_holds(more) is gate_holds(matrix)

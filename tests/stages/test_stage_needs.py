"""What a stage still waits for, computed from a snapshot alone: each kind of thing, in the words people read."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from models.person import Role
from models.shared_project import ProjectStatus
from models.sign_off import Decision
from models.stage import AT_WORK, StageStatus
from models.stage_needs import (
    AnsweredCell,
    DeliverableSnapshot,
    PartySnapshot,
    StageSnapshot,
    StrandToHold,
    missing_of,
)

NIORT = PartySnapshot(1, "79191", "Niort", True, False)
BOURGES = PartySnapshot(2, "18033", "Bourges", True, False)
LYON = PartySnapshot(3, "69123", "Lyon", False, False)
CHARTER = DeliverableSnapshot(7, "charte", "Charte", None, 1, 1, None, None)
OWN = DeliverableSnapshot(8, "diagnostic", "Diagnostic", 1, 0, 0, None, None)
AT = datetime(2027, 3, 1, tzinfo=UTC)


def stage(key: str = "charter", status: StageStatus = StageStatus.in_review) -> StageSnapshot:
    """A stage of Niort, Bourges and Lyon, an observer, whose last steps are done and which has no deliverable yet."""
    return StageSnapshot(
        1, 1, "essai", key, status, 0, ProjectStatus.active, "territoires-en-commun", 1,
        parties={each.id: each for each in (NIORT, BOURGES, LYON)},
        is_agency_signed=True,
        is_awarded=True,
    )  # fmt: skip


def lines(of: StageSnapshot) -> list[tuple[str, str | None, str]]:
    return [(each.what, each.party, each.text) for each in missing_of(of)]


@pytest.mark.parametrize("status", StageStatus)
def test_a_stage_waits_for_something_only_while_it_is_at_work(status: StageStatus) -> None:
    waiting = replace(stage(status=status), is_agency_signed=False)
    assert bool(missing_of(waiting)) == (status in AT_WORK)


def test_a_stage_being_opened_waits_for_its_opening_alone() -> None:
    opening = replace(stage(status=StageStatus.opening), is_agency_signed=False)
    assert lines(opening) == [("opening", None, "l’ouverture de l’étape est en cours")]


def test_the_constitution_waits_for_a_contact_and_a_signatory_of_each_signatory_that_is_there() -> None:
    forming = stage("constitution")
    forming.people = {(1, Role.local_contact), (None, Role.agency_agent)}
    assert lines(forming) == [
        ("signatory", "79191", "Niort : indiquer qui signe pour elle (maire, président)"),
        ("contact", "18033", "Bourges : nommer son interlocuteur privilégié"),
        ("signatory", "18033", "Bourges : indiquer qui signe pour elle (maire, président)"),
    ]
    forming.parties[2] = BOURGES._replace(has_left=True)
    assert {party for _, party, _ in lines(forming)} == {"79191"}
    assert lines(replace(forming, key="charter")) == []


def test_a_consultation_waits_for_the_strands_of_the_cities_that_are_there() -> None:
    consulting = stage("consultation")
    consulting.strands = [
        StrandToHold(1, "Concertation citoyenne"),
        StrandToHold(2, "Concertation citoyenne"),
    ]
    consulting.parties[2] = BOURGES._replace(has_left=True)
    assert lines(consulting) == [("strand", "79191", "Niort : tenir « Concertation citoyenne »")]
    assert consulting.awaits("strand", "contact")


def test_what_is_not_in_is_awaited_from_its_city_or_from_all_together_and_is_not_to_be_signed_yet() -> None:
    collecting = stage("territorial_diagnosis")
    collecting.deliverables = {7: CHARTER._replace(number=0), 8: OWN}
    collecting.cells = [AnsweredCell(1, 8, False, None)]
    assert lines(collecting) == [
        ("deliverable", None, "Ensemble : déposer « Charte »"),
        ("deliverable", "79191", "Niort : déposer « Diagnostic »"),
    ]
    assert not collecting.has_received("diagnostic")
    collecting.parties[1] = NIORT._replace(has_left=True)
    assert [each.deliverable_id for each in missing_of(collecting)] == [7]
    assert collecting.has_received("diagnostic")


def test_what_is_in_is_awaited_from_each_seat_and_again_from_its_author_once_refused() -> None:
    reviewed = stage()
    reviewed.deliverables = {7: CHARTER}
    reviewed.cells = [
        AnsweredCell(1, 7, True, None),
        AnsweredCell(2, 7, True, Decision.refused, AT),
        AnsweredCell(4, 7, True, Decision.approved_with_reservations, AT),
    ]
    assert lines(reviewed) == [
        ("sign_off", "79191", "Niort : valider « Charte »"),
        ("revision", "18033", "Bourges : a refusé « Charte » (une nouvelle version est attendue)"),
    ]
    assert reviewed.refused == {7: AT}


def test_the_anct_signs_the_charter_last_and_awards_the_contract() -> None:
    signed_off = StageStatus.signed_off
    charter = replace(stage("charter", signed_off), is_agency_signed=False)
    assert lines(charter) == [("agency_signature", None, "ANCT : signer la charte, en dernier")]
    terms = replace(stage("terms_of_reference", signed_off), is_awarded=False)
    assert lines(terms) == [("contractor", None, "ANCT : attribuer le marché et désigner le prestataire")]

"""The page of a project: its people, its stages, its history, and for whom."""

from collections.abc import Callable

import pytest
from cast import BOURGES, GUICHEN, MANTES, NIORT, OBSERVER, SLUG, Cast
from many_projects import NOTE
from read_pages import answer, project_page
from shelf import POINTS
from sqlmodel import Session

from models.sign_off import Decision
from models.stage import StageStatus
from queries.access.project_access import NotVisible
from queries.commitments.commitments import read_commitments
from queries.deliverables.deliverable import read_deliverable
from queries.projects.journal_page import read_journal
from queries.projects.project import read_project
from queries.projects.public import read_public
from queries.stages.stage import read_stage

At = Callable[[str], Cast]
REVIEW = "constitution in review"


def test_the_page_of_a_project_has_its_people_stages_and_matrix(at: At) -> None:
    cast = at(REVIEW)
    cast.sign(NOTE, NIORT)
    cast.sign(NOTE, BOURGES, Decision.refused, reason="Il manque les associations.")
    page = project_page(cast, cast.mayor(NIORT))
    niort = next(each for each in page.parties if each.code == NIORT)
    assert [each.quality for each in niort.people] == ["interlocuteur privilégié", "Maire"]
    assert {each.email for each in niort.people} == {None}
    assert [(each.position, each.is_current) for each in page.stages][:2] == [(0, True), (1, False)]
    assert all(each.starts_on <= each.ends_on for each in page.stages)
    (work,) = page.at_work
    (note,) = work.deliverables
    assert [(seat.party_code, seat.live.decision if seat.live else None) for seat in note.seats] == [
        (MANTES, None), (NIORT, Decision.approved), (BOURGES, Decision.refused), (GUICHEN, None),
    ]  # fmt: skip
    assert note.seat(NIORT).live.authenticated == "en ligne de commande"
    assert note.seat(OBSERVER) is None
    assert [each.missing.text for each in page.next_step.missing] == [
        each.missing.text for each in work.missing
    ]
    assert not page.next_step.may_ask


def test_only_an_agent_reads_the_addresses_of_the_parties_people(at: At) -> None:
    cast = at("met")
    page = project_page(cast, cast.agent)
    assert all(person.email for party in page.parties for person in party.people)


def test_what_a_new_version_voided_and_what_was_withdrawn_stays_in_the_history(at: At) -> None:
    cast = at(REVIEW)
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE)
    cast.sign(NOTE, NIORT)
    cast.withdraw(NOTE, NIORT, "Vote à refaire")
    (work,) = project_page(cast, cast.observer).at_work
    seat = work.deliverables[0].seat(NIORT)
    assert seat.live is None
    assert seat.is_awaited
    assert [(each.version, each.withdrawn_reason, each.voided_at is None) for each in seat.history] == [
        (2, "Vote à refaire", True), (1, None, False),
    ]  # fmt: skip


@pytest.mark.parametrize("point", [*POINTS, "paused"])
def test_what_opening_the_next_stage_would_answer_is_told_beforehand(at: At, point: str) -> None:
    cast = at("charter open" if point == "paused" else point)
    if point == "paused":
        cast.pause()
    step = project_page(cast, cast.agent).next_step
    if step is None:
        stages = project_page(cast, cast.agent).stages
        assert StageStatus.planned not in {stage.status for stage in stages}
        return
    assert step.may_ask
    refusal = answer(lambda: cast.request(step.stage_key))
    assert step.refusal == refusal
    if refusal is None:
        assert project_page(cast, cast.agent).next_step is None  # it is being opened


def test_the_contract_and_the_city_that_left_are_shown(at: At) -> None:
    cast = at("consultation open")
    page = project_page(cast, cast.contractor)
    assert [(firm.is_lead, firm.contact) for firm in page.contractor.firms] == [
        (True, "Jeanne Arnal"), (False, "Karim Haddad"),
    ]  # fmt: skip
    assert (page.agent.name, page.agent.email) == ("Camille Roussel", "camille.roussel@anct.example")


@pytest.mark.parametrize("slug", [SLUG, "inconnu"])
def test_an_outsider_learns_nothing_not_even_that_it_exists(at: At, slug: str) -> None:
    cast = at(REVIEW)
    who = cast.outsider.person_id
    readers: list[Callable[[Session], object]] = [
        lambda session: read_project(session, slug, who, cast.now),
        lambda session: read_stage(session, slug, "constitution", who, cast.now),
        lambda session: read_deliverable(session, slug, 1, who, cast.now),
        lambda session: read_commitments(session, slug, who, cast.now),
        lambda session: read_journal(session, slug, who, cast.now),
        lambda session: read_public(session, slug),
    ]
    for read in readers:
        with cast.db.read() as session, pytest.raises(NotVisible):
            read(session)

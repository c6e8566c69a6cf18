"""The board: what blocks each project at a glance, the most urgent first."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cast import MANTES, NEWCOMER, NIORT, SLUG, Cast
from many_projects import add_projects
from read_pages import board

from models.shared_project import ProjectStatus
from models.stage import StageStatus
from queries.projects.project import read_project

At = Callable[[str], Cast]
REVIEW = "constitution in review"


def test_the_board_shows_at_a_glance_what_blocks_each_project(at: At) -> None:
    cast = at("charter in review")
    cast.sign("charte", MANTES)
    cast.set_clock(cast.now.replace(year=2027, month=1, day=25))
    (line,) = board(cast).lines
    assert (line.slug, line.stage_title, line.stage_status) == (SLUG, "Charte", StageStatus.in_review)
    assert (line.due_on, line.days_late) == (date(2027, 1, 15), 10)
    assert [(each.who, each.text, each.days_late) for each in line.blocking] == [
        ("Niort", "valider « Charte de projet partagé »", 10),
        ("Bourges", "valider « Charte de projet partagé »", 10),
        ("Guichen", "valider « Charte de projet partagé »", 10),
    ]
    assert line.more_blocking == 1
    assert (line.stages_closed, line.stages) == (1, 7)
    assert [(each.name, each.is_signatory) for each in line.parties][-2:] == [
        ("Guichen", True),
        ("Mérignac", False),
    ]
    assert line.agent_name == "Camille Roussel"


def test_a_city_that_was_given_more_time_comes_after_the_others(at: At) -> None:
    cast = at("charter in review")
    until = date(2027, 2, 20)
    cast.extend("charter", until, MANTES, reason="Conseil décalé")
    cast.set_clock(cast.now.replace(year=2027, month=1, day=25))
    with cast.db.read() as session:
        (work,) = read_project(session, SLUG, cast.agent.person_id, cast.now).at_work
    assert [(each.who, each.days_late) for each in work.missing][-1] == ("Mantes-la-Jolie", 0)
    assert work.missing[-1].due_on == until


def test_the_most_urgent_project_comes_first_and_what_is_paused_last(at: At, tmp_path: Path) -> None:
    cast = at("charter open")
    one, two, three = add_projects(cast, tmp_path, 1, 3)
    two.extend("constitution", date(2027, 6, 1))
    one.pause()
    page = board(three)
    assert [line.slug for line in page.lines] == [three.slug, SLUG, two.slug, one.slug]
    assert page.lines[-1].status_reason == "Élections municipales"
    assert (page.lines[-1].blocking, page.lines[-1].days_late) == ((), 0)


def test_the_board_is_narrowed_by_words_state_stage_and_lateness(at: At, tmp_path: Path) -> None:
    cast = at("charter open")
    one, two = add_projects(cast, tmp_path, 1, 2)
    one.pause()
    two.change("cancel")

    def slugs(**filters: Any) -> list[str]:
        return [line.slug for line in board(cast, **filters).lines]

    assert slugs(words="forets") == [one.slug]
    assert slugs(words="DEMOCRATIE mante") == [SLUG]
    assert slugs(words="100%") == []
    assert slugs(status=ProjectStatus.cancelled) == [two.slug]
    assert slugs(stage="charter") == [SLUG]
    assert slugs(late=True) == []
    cast.wait(days=400)
    assert slugs(late=True) == [SLUG]
    assert slugs(mine=True) == [SLUG, one.slug]


def test_the_board_of_a_mayor_has_their_projects_and_that_of_an_outsider_none(at: At, tmp_path: Path) -> None:
    cast = at(REVIEW)
    (other,) = add_projects(cast, tmp_path, 1, 1)
    other.let_in(NEWCOMER, "Nantes")
    newcomer = cast.person(f"maire-{NEWCOMER}@ville.example")
    assert board(cast, cast.mayor(NIORT)).count == 2
    assert [line.slug for line in board(other, newcomer).lines] == [other.slug]
    assert board(cast, cast.outsider).lines == ()


def test_the_board_has_pages_and_a_page_past_the_end_is_the_last(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = at("met")
    add_projects(cast, tmp_path, 1, 2)
    monkeypatch.setattr("queries.projects.board.PROJECTS_A_PAGE", 2)
    first, last = board(cast), board(cast, page=9)
    assert (first.count, first.pages, len(first.lines)) == (3, 2, 2)
    assert (last.page, len(last.lines)) == (2, 1)
    assert not {line.slug for line in first.lines} & {line.slug for line in last.lines}


def test_a_project_in_follow_up_is_as_urgent_as_its_next_commitment(at: At) -> None:
    (line,) = board(at("over")).lines
    assert (line.stage_key, line.stages_closed, line.status) == (None, 7, ProjectStatus.in_follow_up)
    assert line.due_on is not None
    assert line.open_commitments > 0

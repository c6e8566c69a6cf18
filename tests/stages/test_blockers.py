"""What blocks a stage, as boards and reminders say it, and who stands where."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cast import BOURGES, NIORT, Cast
from many_projects import NOTE, add_projects
from shelf import POINTS

from models.sign_off import Decision
from models.stage import AT_WORK
from models.stored_row import identity
from queries.access.standing import standing_in, standings
from queries.ledger.find import find_project, stages_of
from queries.reminders.followed import follow
from queries.stages.blockers import blockers_of
from queries.stages.snapshot import still_missing

At = Callable[[str], Cast]
REVIEW = "constitution in review"


@pytest.mark.parametrize("point", POINTS)
def test_blockers_are_told_of_each_stage_at_work_and_of_no_other(at: At, point: str) -> None:
    cast = at(point)
    with cast.db.read() as session:
        stages = stages_of(session, find_project(session, cast.slug))
        blockers = blockers_of(session.connection(), [identity(each) for each in stages], cast.now)
        assert set(blockers) == {each.id for each in stages if each.status in AT_WORK}
        for stage in stages:
            missing = sorted((each.missing for each in blockers.get(identity(stage), [])), key=repr)
            assert missing == sorted(still_missing(session, stage, cast.now), key=repr)


def test_blockers_tell_a_refusal_and_who_is_not_named_yet(at: At) -> None:
    cast = at(REVIEW)
    cast.sign(NOTE, BOURGES, Decision.refused)
    with cast.db.write() as session:
        session.connection().exec_driver_sql(
            "DELETE FROM mandate WHERE authority_code = '35126' AND role = 'local_contact'"
        )
    stage_id = cast.stage_id("constitution")
    with cast.db.read() as session:
        blockers = blockers_of(session.connection(), [stage_id], cast.now)[stage_id]
    assert sorted((each.what, each.who, each.text) for each in blockers) == [
        ("contact", "Guichen", "nommer son interlocuteur privilégié"),
        ("revision", "Bourges", "a refusé « Note de cadrage » (une nouvelle version est attendue)"),
        ("sign_off", "Guichen", "valider « Note de cadrage »"),
        ("sign_off", "Mantes-la-Jolie", "valider « Note de cadrage »"),
        ("sign_off", "Niort", "valider « Note de cadrage »"),
    ]


def test_whose_turn_it_is_to_submit_is_who_is_reminded_of_it(at: At) -> None:
    cast = at("lessons open")
    turns = []
    for _ in range(2):
        with cast.db.write() as session:
            (shared,) = blockers_of(
                session.connection(), [cast.stage_id("lessons_learned")], cast.now
            ).values()
            followed = follow(session, cast.slug, cast.now)
            session.connection().exec_driver_sql("UPDATE contractor SET contact_id = NULL")
        reminded = {each.thing.who for each in followed if each.thing.subject.endswith("/version-1")}
        assert {each.who for each in shared if each.what == "deliverable"} == reminded
        turns += sorted(reminded & {"ANCT", "Prestataire"})
    assert turns == ["Prestataire", "ANCT"]


@pytest.mark.parametrize("point", ["met", "consultation open"])
def test_standings_are_the_standing_in_each_project(at: At, tmp_path: Path, point: str) -> None:
    cast = at(point)
    add_projects(cast, tmp_path, 1, 2)
    delegate = cast.delegate()
    people = [cast.agent, cast.mayor(NIORT), cast.contact(BOURGES), delegate, cast.observer, cast.outsider]
    people += [cast.contractor] if point != "met" else []
    with cast.db.read() as session:
        connection = session.connection()
        every = list(standings(connection, cast.agent.person_id, cast.now))
        assert len(every) == 3
        for who in people:
            now, number = cast.now, who.person_id
            one_by_one = {each: standing_in(connection, number, each, now) for each in every}
            expected = {each: one for each, one in one_by_one.items() if not one.is_outsider}
            assert standings(connection, number, now) == expected

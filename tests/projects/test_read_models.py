"""What the pages read: true to the rules, only for whom they concern, in a number of queries that does not grow."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cast import BOURGES, CITIES, GUICHEN, MANTES, NEWCOMER, NIORT, OBSERVER, SLUG, Cast
from many_projects import NOTE, add_projects, counted
from shelf import POINTS, Shelf
from sqlmodel import Session

from models.act_kind import ActKind
from models.commitment import CommitmentStatus
from models.person import Actor
from models.refusal import Refusal
from models.reminder import ReminderKind
from models.shared_project import ProjectStatus
from models.sign_off import Decision
from models.stage import AT_WORK, StageStatus
from models.stored_row import identity
from queries.access.project_access import NotVisible
from queries.access.standing import standing_in, standings
from queries.commitments.commitments import CommitmentFilters, read_commitments
from queries.deliverables.deliverable import DeliverablePage, read_deliverable
from queries.ledger.find import find_project, stages_of
from queries.ledger.journal_words import SENTENCES
from queries.people.account import read_account
from queries.people.my_agents import my_agents
from queries.projects.board import Board, BoardFilters, read_board
from queries.projects.journal_page import read_journal
from queries.projects.project import read_project
from queries.projects.public import list_public, read_public
from queries.projects.search import search
from queries.projects.show_project import show_project
from queries.receipts.receipt import read_receipt
from queries.reminders.followed import follow
from queries.reminders.pending import AHEAD, read_pending
from queries.stages.blockers import blockers_of
from queries.stages.snapshot import still_missing
from queries.stages.stage import read_stage

At = Callable[[str], Cast]
REVIEW = "constitution in review"


def board(cast: Cast, who: Actor | None = None, page: int = 1, **filters: Any) -> Board:
    with cast.db.read() as session:
        person = (who or cast.agent).person_id or 0
        return read_board(session, person, cast.now, page, BoardFilters(**filters))


def answer(act: Callable[[], object]) -> str | None:
    """The sentence of the refusal, if it is refused."""
    try:
        act()
    except Refusal as refusal:
        return str(refusal)
    return None


def page_of(cast: Cast, key: str, who: Actor, owner: str | None = None) -> DeliverablePage:
    number = identity(cast.deliverable(key, owner))
    with cast.db.read() as session:
        return read_deliverable(session, cast.slug, number, who.person_id, cast.now)


# What blocks, and who stands where


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


# The board


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


# The page of a project


def project_page(cast: Cast, who: Actor) -> Any:
    with cast.db.read() as session:
        return read_project(session, cast.slug, who.person_id, cast.now)


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


# The pages of a stage and of a deliverable


def test_the_page_of_a_stage_has_its_strands_and_the_time_given_to_one_city(at: At) -> None:
    cast = at("consultation open")
    cast.collect("consultation")
    stage = cast.stage("consultation")
    until = (stage.due_on or cast.today) + timedelta(days=10)
    cast.extend(stage.key, until, NIORT, reason="Crue")
    with cast.db.read() as session:
        page = read_stage(session, SLUG, stage.key, cast.observer.person_id, cast.now)
    assert [(each.party_name, each.due_on, each.reason) for each in page.deadlines] == [
        ("Niort", until, "Crue")
    ]
    assert len(page.strands) == 3 * len(CITIES)
    assert page.strands[0].participants == 120
    assert (page.previous.key, page.following.key) == ("territorial_diagnosis", "action_plan")  # type: ignore[union-attr]
    assert [each.owner_name for each in page.deliverables] == [
        "Mantes-la-Jolie",
        "Niort",
        "Bourges",
        "Guichen",
    ]
    assert all(each.current.size > 0 for each in page.deliverables if each.current)


def test_the_page_of_the_charter_tells_that_the_anct_signed_last(at: At) -> None:
    cast = at("charter closed")
    with cast.db.read() as session:
        page = read_stage(session, SLUG, "charter", cast.mayor(NIORT).person_id, cast.now)
        with pytest.raises(NotVisible):
            read_stage(session, SLUG, "charte", cast.mayor(NIORT).person_id, cast.now)
    assert page.agency_signature is not None
    assert page.agency_signature.by == "Camille Roussel"
    assert {seat.live.act_kind for seat in page.deliverables[0].seats if seat.live} == {ActKind.deliberation}


def test_a_mayor_reads_what_changed_since_the_version_their_city_answered_on(at: At) -> None:
    cast = at(REVIEW)
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE)
    cast.submit(NOTE, minor="Une coquille")
    page = page_of(cast, NOTE, cast.mayor(NIORT))
    (seat,) = page.my_seats
    assert (seat.answered_version, seat.live, seat.refusal) == (1, None, None)
    assert [(each.number, each.minor_reason) for each in seat.changes] == [(2, None), (3, "Une coquille")]
    assert (seat.act_expected, seat.click_gives) == (ActKind.technical_validation, ActKind.elected_signature)
    assert seat.is_click_enough
    assert page.deliverable.current is not None
    assert page.deliverable.current.number == 3
    assert [each.code for each in page.records_for] == [NIORT]


def test_who_has_answered_is_told_why_no_other_answer_can_be_given(at: At) -> None:
    cast = at(REVIEW)
    cast.sign(NOTE, NIORT)
    (seat,) = page_of(cast, NOTE, cast.mayor(NIORT)).my_seats
    assert seat.live is not None
    assert seat.changes == ()
    assert seat.refusal == answer(lambda: cast.sign(NOTE, NIORT, Decision.refused))


def test_a_click_is_not_enough_where_a_council_act_is_expected(at: At) -> None:
    (seat,) = (cast := at("charter in review")) and page_of(cast, "charte", cast.mayor(NIORT)).my_seats
    assert seat.act_expected is ActKind.deliberation
    assert not seat.is_click_enough


@pytest.mark.parametrize("point", ["charter open", "paused"])
def test_why_nothing_can_be_signed_now_is_what_signing_would_answer(at: At, point: str) -> None:
    cast = at("charter open" if point == "charter open" else "charter in review")
    if point == "paused":
        cast.pause()
    (seat,) = page_of(cast, "charte", cast.mayor(NIORT)).my_seats
    assert seat.refusal == answer(lambda: cast.click("charte", NIORT))


def test_a_delegate_signs_from_the_seat_of_their_city_within_their_scope(at: At) -> None:
    cast = at(REVIEW)
    delegate = cast.delegate(scope="constitution")
    (seat,) = page_of(cast, NOTE, delegate).my_seats
    assert (seat.party_code, seat.delegation) == (NIORT, "Arrêté 2026-118")
    elsewhere = cast.delegate(BOURGES, scope="charter", email="dgs@bourges.example")
    assert page_of(cast, NOTE, elsewhere).my_seats == ()


def test_who_may_submit_and_record_on_paper(at: At) -> None:
    cast = at("diagnosis in review")
    own = page_of(cast, "diagnostic", cast.contact(NIORT), NIORT)
    assert (own.may_submit, own.may_revise, [each.code for each in own.records_for]) == (True, False, [NIORT])
    peer = page_of(cast, "diagnostic", cast.contact(NIORT), BOURGES)
    assert (peer.may_submit, peer.records_for, peer.my_seats) == (False, (), ())
    assert page_of(cast, "diagnostic", cast.contractor, NIORT).may_submit
    agent = page_of(cast, "diagnostic", cast.agent, NIORT)
    assert (agent.may_submit, agent.may_revise, len(agent.records_for)) == (False, True, 1)
    assert not page_of(cast, "synthese_croisee", cast.observer).may_submit


# What is awaited, commitments, journal, public page


def test_what_is_awaited_of_me_and_of_my_city(at: At) -> None:
    cast = at(REVIEW)
    with cast.db.read() as session:
        mayor = read_pending(session, cast.mayor(NIORT).person_id, cast.now)
        contact = read_pending(session, cast.contact(NIORT).person_id, cast.now)
        agent = read_pending(session, cast.agent.person_id, cast.now)
        curious = read_pending(session, cast.outsider.person_id, cast.now)
    (thing,) = [each for each in mayor.things if each.kind == "sign_off"]
    assert (thing.party, thing.is_mine) == ("Niort", True)
    assert thing.due_on == cast.stage("constitution").due_on
    assert thing.path == f"/projets/{SLUG}/livrables/{cast.deliverable(NOTE).id}"
    assert thing.next_reminder_on is not None
    assert [(each.is_mine, each.about) for each in contact.things] == [(False, thing.about)]
    assert [each.kind for each in agent.things] == []
    assert curious.things == ()


def test_what_is_to_be_signed_now_is_there_however_late_its_day(sqlite_shelf: Shelf) -> None:
    cast = sqlite_shelf.take("diagnosis in review")
    with cast.db.read() as session:
        things = read_pending(session, cast.mayor(NIORT).person_id, cast.now).things
    asked = [each for each in things if each.kind is ReminderKind.sign_off and each.is_mine]
    assert len(asked) == 2, "its own diagnosis, and the cross synthesis"
    assert min(each.days_left for each in asked) > AHEAD.days
    sqlite_shelf.give_back(cast)


def test_the_mayor_still_reads_what_is_delegated_and_the_delegate_too(at: At) -> None:
    cast = at(REVIEW)
    delegate = cast.delegate()
    for who in (delegate, cast.mayor(NIORT)):
        with cast.db.read() as session:
            things = read_pending(session, who.person_id, cast.now).things
        assert [each.is_mine for each in things if each.kind == "sign_off"] == [True]


def test_a_decision_leaves_a_receipt(at: At) -> None:
    cast = at(REVIEW)
    number = cast.sign(NOTE, NIORT, Decision.approved_with_reservations, reason="Préciser le calendrier.")
    with cast.db.read() as session:
        (receipt,) = read_pending(session, cast.mayor(NIORT).person_id, cast.now).receipts
    assert (receipt.deliverable_title, receipt.sign_off.path) == ("Note de cadrage", f"/recus/{number}")
    assert receipt.sign_off.reason == "Préciser le calendrier."
    cast.submit(NOTE)
    with cast.db.read() as session:
        page = read_receipt(session, number, cast.observer.person_id, cast.now)
        for outsider, unknown in ((cast.outsider, number), (cast.agent, number + 1000)):
            with pytest.raises(NotVisible):
                read_receipt(session, unknown, outsider.person_id or 0, cast.now)
    assert (page.version.file_name, page.is_current, page.sign_off.is_live) == ("document.md", False, False)
    assert (page.stage.title, page.sign_off.version) == ("Constitution du collectif", 1)


def test_commitments_are_read_by_owner_state_and_lateness(at: At) -> None:
    cast = at("charter closed")
    contact = cast.contact(NIORT).person_id
    with cast.db.read() as session:
        everything = read_commitments(session, SLUG, contact, cast.now)
        ours = read_commitments(session, SLUG, contact, cast.now, filters=CommitmentFilters(owner=NIORT))
        kept = CommitmentFilters(status=CommitmentStatus.kept)
        assert read_commitments(session, SLUG, contact, cast.now, filters=kept).lines == ()
        later = cast.now + timedelta(days=60)
        late = read_commitments(session, SLUG, contact, later, filters=CommitmentFilters(late=True))
    assert everything.count == len(cast.commitments())
    assert everything.open == everything.count
    assert {line.owner_name for line in ours.lines} == {"Niort"}
    assert {line.owner for line in everything.lines if line.may_keep} == {NIORT}
    assert all(line.days_late > 0 for line in late.lines)
    assert late.late == late.count > 0
    assert everything.owners[0].name == "ANCT"


def test_every_event_of_a_whole_project_has_its_sentence(at: At) -> None:
    cast = at("over")
    with cast.db.read() as session:
        first = read_journal(session, SLUG, cast.agent.person_id, cast.now)
        pages = [
            read_journal(session, SLUG, cast.agent.person_id, cast.now, page)
            for page in range(1, first.pages + 1)
        ]
    lines = [line for page in pages for line in page.lines]
    assert [line.seq for line in lines] == list(range(first.count, 0, -1))
    assert {line.event for line in lines} <= set(SENTENCES)
    assert not [line.sentence for line in lines if re.search(r"\bNone\b|\w+_\w+|une personne", line.sentence)]
    assert lines[-1].sentence == "Projet créé"
    assert {"Le système", "Camille Roussel"} <= {line.who for line in lines}


def test_the_public_page_shows_what_is_published_and_nobody(at: At) -> None:
    cast = at("over")
    with cast.db.read() as session:
        page = read_public(session, SLUG)
        assert [each.slug for each in list_public(session)] == [SLUG]
    assert len(page.documents) == len(CITIES) + 1
    assert page.cities[:2] == ("Mantes-la-Jolie", "Niort")
    assert {each.licence for each in page.documents} == {"Licence Ouverte 2.0"}
    people = [cast.agent, *(cast.mayor(code) for code in CITIES), *(cast.contact(code) for code in CITIES)]
    assert not [who.name for who in people if who.name in repr(page)]


def test_a_project_that_published_nothing_has_no_public_page(at: At) -> None:
    cast = at("lessons open")
    with cast.db.read() as session:
        assert list_public(session) == []
        with pytest.raises(NotVisible):
            read_public(session, SLUG)


# As many queries, whatever there is

READERS: dict[str, Callable[[Session, Cast, int], object]] = {
    "board": lambda s, cast, who: read_board(s, who, cast.now),
    "board, narrowed": lambda s, cast, who: read_board(s, who, cast.now, 1, BoardFilters(words="niort")),
    "project": lambda s, cast, who: read_project(s, cast.slug, who, cast.now),
    "stage": lambda s, cast, who: read_stage(s, cast.slug, "constitution", who, cast.now),
    "deliverable": lambda s, cast, who: read_deliverable(
        s, cast.slug, identity(cast.deliverable(NOTE)), who, cast.now
    ),
    "pending": lambda s, cast, who: read_pending(s, who, cast.now),
    "commitments": lambda s, cast, who: read_commitments(s, cast.slug, who, cast.now),
    "journal": lambda s, cast, who: read_journal(s, cast.slug, who, cast.now),
    "search": lambda s, cast, who: search(s, who, "note projet", cast.now),
    "account": lambda s, cast, who: read_account(s, who, cast.now),
    "help": lambda s, cast, who: my_agents(s, who, cast.now),
}


def queries(cast: Cast, people: list[Actor]) -> Iterator[tuple[str, str, int]]:
    """The page, who reads it, and how many statements it takes."""
    for name, read in READERS.items():
        for who in people:
            with cast.db.read() as session, counted(cast.db) as seen:
                read(session, cast, who.person_id)
            yield name, who.name, len(seen)


@pytest.mark.parametrize("shelf", ["sqlite"], indirect=True)  # the statements are the same on both
def test_thirty_projects_take_as_many_queries_as_three(at: At, tmp_path: Path) -> None:
    cast = at(REVIEW)
    add_projects(cast, tmp_path, 1, 2)
    people = [cast.agent, cast.mayor(NIORT), cast.contact(BOURGES)]
    three = list(queries(cast, people))
    add_projects(cast, tmp_path, 3, 29)
    assert board(cast).count == 30
    assert list(queries(cast, people)) == three
    assert max(count for *_, count in three) <= 40


def test_showing_a_project_reads_the_people_of_no_other(at: At) -> None:
    cast = at("charter in review")
    with counted(cast.db) as seen:
        show_project(cast.db, SLUG, cast.now)
    of_people = [each for each in seen if "person" in each]
    assert of_people
    assert all("WHERE" in each for each in of_people)


def test_more_parties_and_deliverables_take_no_more_queries(at: At) -> None:
    few, many = at("charter in review"), at("diagnosis in review")
    many.let_in(NEWCOMER, "Nantes")
    for cast in (few, many):
        assert len(project_page(cast, cast.agent).at_work) == 1
    counts = []
    for cast in (few, many):
        with cast.db.read() as session, counted(cast.db) as seen:
            read_project(session, SLUG, cast.agent.person_id, cast.now)
        with counted(cast.db) as seen_by_programs:
            show_project(cast.db, SLUG, cast.now)
        counts.append((len(seen), len(seen_by_programs)))
    assert counts[0] == counts[1]

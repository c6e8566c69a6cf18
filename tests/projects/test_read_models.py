"""What other pages read, and for all of them, a number of queries that does not grow."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cast import BOURGES, CITIES, NEWCOMER, NIORT, SLUG, Cast
from many_projects import NOTE, add_projects, counted
from read_pages import board, project_page
from shelf import Shelf
from sqlmodel import Session

from models.commitment import CommitmentStatus
from models.person import Actor
from models.reminder import ReminderKind
from models.sign_off import Decision
from models.stored_row import identity
from queries.access.project_access import NotVisible
from queries.commitments.commitments import CommitmentFilters, read_commitments
from queries.deliverables.deliverable import read_deliverable
from queries.ledger.journal_words import SENTENCES
from queries.people.account import read_account
from queries.people.my_agents import my_agents
from queries.people.register_page import read_register
from queries.projects.board import BoardFilters, read_board
from queries.projects.journal_page import read_journal
from queries.projects.project import read_project
from queries.projects.public import list_public, read_public
from queries.projects.search import search
from queries.projects.show_project import show_project
from queries.receipts.receipt import read_receipt
from queries.reminders.pending import AHEAD, read_pending
from queries.stages.stage import read_stage

At = Callable[[str], Cast]
REVIEW = "constitution in review"


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
    "register": lambda s, cast, who: read_register(s, cast.agent, cast.now),
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
def test_twelve_projects_take_as_many_queries_as_three(at: At, tmp_path: Path) -> None:
    cast = at(REVIEW)
    add_projects(cast, tmp_path, 1, 2)
    people = [cast.agent, cast.mayor(NIORT), cast.contact(BOURGES)]
    three = list(queries(cast, people))
    add_projects(cast, tmp_path, 3, 11)
    assert board(cast).count == 12
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

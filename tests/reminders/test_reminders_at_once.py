"""The daily round, held by two processes at once, or killed (SIGKILL) between two of its transactions."""

import importlib
import multiprocessing
import os
import signal
from collections import Counter
from datetime import date, timedelta
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from cast import CITIES, NIORT, Cast, seed_file
from command_line import AGENT, CONTACTS
from reminding import At, deliver, digests, hold, live, moment, promise, reminded, rungs_of

import actions.reminders.send_reminders
from actions.reminders.hold_round import LEASE, HeldRound, RoundLost
from actions.reminders.send_reminders import send_reminders
from database.engine import Database
from models.tables import NOTICE, REMINDER_ROUND
from queries.ledger.verify_journal import verify_journal
from queries.reminders.plan import served_on

TUESDAY = date(2027, 3, 16)
FORK = multiprocessing.get_context("fork")
SLUGS = ("deux", "trois", "quatre")
ROUNDS = 12


def several_projects(cast: Cast) -> list[str]:
    """Four projects with something due on Tuesday in each, by each city; gives the subjects."""
    long_before = moment(date(2026, 12, 1))
    for slug in SLUGS:
        cast.create(seed_file().model_copy(update={"title": slug}), slug)
    return [
        promise(cast, TUESDAY, code, slug=slug, told_at=long_before)
        for slug in (cast.slug, *SLUGS)
        for code in CITIES
    ]


def small_steps() -> None:
    """One project, one person per transaction: as many places to die between."""
    actions.reminders.send_reminders.PROJECTS_AT_A_TIME = (
        actions.reminders.send_reminders.PEOPLE_AT_A_TIME
    ) = 1


def is_over(cast: Cast, day: date) -> bool:
    with cast.db.read() as session:
        query = sa.select(REMINDER_ROUND.c.written_at).where(REMINDER_ROUND.c.day == day)
        return session.connection().scalar(query) is not None


# Two at once


def hold_together(url: str, day: date, start: Barrier, answers: Any) -> None:
    db = Database(url)
    small_steps()
    for n in range(ROUNDS):
        start.wait(120)
        try:
            on = day + timedelta(days=n)
            done = send_reminders(db, day=on, now=moment(on, 8))
            if done:
                deliver(db, moment(on, 9))
            answers.put((n, done.lines if done else None))
        except Exception as error:  # the other side must not wait for ever: the answer tells
            answers.put((n, repr(error)))
    db.close()


def test_two_processes_that_hold_the_round_at_once_write_one_digest_a_person(at: At) -> None:
    cast = at("met")
    subjects = several_projects(cast)
    cast.db.close()
    start, answers = FORK.Barrier(2), FORK.Queue()
    both = [FORK.Process(target=hold_together, args=(cast.db.url, TUESDAY, start, answers)) for _ in range(2)]
    for each in both:
        each.start()
    results = [answers.get(timeout=120) for _ in range(2 * ROUNDS)]
    for each in both:
        each.join(120)
    for n in range(ROUNDS):
        answers_of_round = [answer for number, answer in results if number == n]
        assert sum(answer is None for answer in answers_of_round) == 1, answers_of_round
        assert all(answer is None or isinstance(answer, int) for answer in answers_of_round), answers_of_round
    with cast.db.read() as session:
        keys = Counter(session.connection().execute(sa.select(NOTICE.c.key)).scalars())
    assert set(keys.values()) == {1}
    assert len(digests(cast, TUESDAY)) == len(CITIES)
    once = Counter((each["subject"], each["email"], each["rung"]) for each in reminded(cast.db))
    assert set(once.values()) == {1}
    assert {subject for subject, _, _ in once} == set(subjects)
    assert verify_journal(cast.db).tamperings == []


def test_a_round_under_way_is_left_to_the_process_that_holds_it(at: At) -> None:
    cast = at("met")
    several_projects(cast)
    held = HeldRound.take(cast.db, TUESDAY, moment(TUESDAY))
    assert held is not None
    assert send_reminders(cast.db, day=TUESDAY, now=moment(TUESDAY) + LEASE) is None
    assert send_reminders(cast.db, day=TUESDAY, now=moment(TUESDAY) + 2 * LEASE) is not None
    with pytest.raises(RoundLost), cast.db.write_statements() as connection:
        held.keep(connection, moment(TUESDAY) + 2 * LEASE)
    assert held.take(cast.db, TUESDAY, moment(TUESDAY, 17)) is None


# Killed


def die_at(cast: Cast, day: date, place: str, number: int) -> None:
    """Hold the round in a process of one's own, killed as it comes to that place for the so manieth time."""
    cast.db = Database(cast.db.url)
    small_steps()
    module_name, _, function = place.rpartition(".")
    module = importlib.import_module(module_name)
    real, calls = getattr(module, function), iter(range(1, 1000))

    def or_die(*args: Any, **named: Any) -> Any:
        if next(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **named)

    setattr(module, function, or_die)
    send_reminders(cast.db, day=day, now=moment(day, 8))


DEATHS = {
    "before anything is recorded": ("actions.reminders.send_reminders.concerned_projects", 1),
    "while the first project is recorded": ("actions.reminders.send_reminders.record_on_each", 1),
    "between two projects": ("actions.reminders.send_reminders._record_lines", 3),
    "between the lines and the digests": ("actions.reminders.send_reminders._people", 1),
    "while the first digest is written": ("actions.reminders.send_reminders.nudge", 1),
    "between two digests": ("actions.reminders.send_reminders._write_digests", 3),
}


def kill(cast: Cast, day: date, death: str) -> None:
    cast.db.close()
    child = FORK.Process(target=die_at, args=(cast, day, *DEATHS[death]))
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    assert not is_over(cast, day)


@pytest.mark.parametrize("death", DEATHS)
def test_a_round_killed_goes_on_the_same_day_where_it_was(at: At, death: str) -> None:
    cast = at("met")
    subjects = several_projects(cast)
    kill(cast, TUESDAY, death)
    assert hold(cast, TUESDAY, 8) is None  # it may still be alive
    done = hold(cast, TUESDAY, 9)
    assert done is not None
    assert is_over(cast, TUESDAY)
    assert set(digests(cast, TUESDAY)) == {CONTACTS[code] for code in CITIES}
    reminded = [
        item["subject"]
        for digest in digests(cast, TUESDAY).values()
        for project in digest["payload"]["projects"]
        for item in project["items"]
    ]
    assert sorted(reminded) == sorted(subjects)
    assert verify_journal(cast.db).tamperings == []


def test_who_is_served_is_known_whatever_the_collation_of_the_database(at: At) -> None:
    cast = at("met")
    several_projects(cast)
    if not cast.db.is_sqlite:
        in_french = 'ALTER TABLE notice ALTER COLUMN key TYPE varchar(200) COLLATE "fr-x-icu"'
        with cast.db.write_statements() as connection:
            connection.execute(sa.text(in_french))
    hold(cast, TUESDAY)
    with cast.db.read() as session:
        assert len(served_on(session.connection(), TUESDAY)) == len(CITIES)
        assert served_on(session.connection(), TUESDAY + timedelta(days=1)) == set()


@pytest.mark.parametrize(
    "death", ["between two projects", "between the lines and the digests", "between two digests"]
)
def test_a_round_killed_and_never_taken_up_gives_back_what_no_digest_carries(at: At, death: str) -> None:
    cast = at("met")
    subjects = several_projects(cast)
    kill(cast, TUESDAY, death)
    written = set(digests(cast, TUESDAY))
    wednesday = TUESDAY + timedelta(days=1)
    live(cast, wednesday, wednesday)
    assert len(reminded(cast.db)) == len(subjects)
    by_reader = {each["email"]: each["day"] for each in reminded(cast.db)}
    # What was in the outbox had until 18 hours to leave; it is Wednesday, and it has not.
    assert by_reader == dict.fromkeys(by_reader, wednesday)
    assert written <= set(by_reader)
    rungs = {rung for subject in subjects for _, rung in rungs_of(cast, CONTACTS[NIORT], subject)}
    assert rungs == {"J"}
    assert AGENT not in by_reader

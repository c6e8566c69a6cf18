"""Nobody keeps the owner of a mailbox out by asking for links in their place, and nobody learns who is registered."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from asked_links import ask_for_link
from cast import START
from sqlmodel import col, func, select

from actions.access.sign_in_links import (
    LinkRequest,
    LinkToSend,
    count_request,
    drop_link,
    link_recipients,
    make_link,
    use_link,
)
from actions.people.add_person import ensure_person
from database.engine import Database
from models.person import SYSTEM
from models.web_session import (
    LEAST_LEFT,
    LINK_LIFE,
    MOST_BY_ADDRESS,
    MOST_BY_ORIGIN,
    NO_ADDRESS,
    LinkGone,
    SignInAttempt,
    SignInLink,
    is_within_limits,
)

MAYOR, STRANGER = "maire@niort.example", "personne@ailleurs.example"
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def registered(db: Database) -> None:
    with db.write() as session:
        ensure_person(session, MAYOR, "Jérôme Baloge", START, SYSTEM)


def asked(db: Database, now: datetime, origin: str = "192.0.2.7", email: str = MAYOR) -> LinkToSend | None:
    return ask_for_link(db, email, now=now, origin=origin)


def mailed(db: Database, now: datetime, origin: str = "192.0.2.7") -> str:
    """The link that this request has mailed to the mayor."""
    link = asked(db, now, origin)
    assert link
    return link.token


def opens(db: Database, token: str, now: datetime) -> bool:
    try:
        link_recipients(db, token, now=now)
    except LinkGone:
        return False
    return True


def count(db: Database, table: type[SignInAttempt] | type[SignInLink]) -> int:
    with db.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_a_mail_leaves_for_each_request_within_the_limits() -> None:
    assert is_within_limits(MOST_BY_ADDRESS - 1, MOST_BY_ORIGIN - 1)
    assert not is_within_limits(MOST_BY_ADDRESS, 0)
    assert not is_within_limits(0, MOST_BY_ORIGIN)


def test_beyond_the_limit_no_mail_leaves_while_the_last_link_serves(db: Database) -> None:
    links = [mailed(db, START) for _ in range(MOST_BY_ADDRESS)]
    assert asked(db, START, "203.0.113.1") is None
    assert asked(db, START + LINK_LIFE - LEAST_LEFT, "203.0.113.2") is None
    assert all(opens(db, link, START + LINK_LIFE - SECOND) for link in links)


def test_beyond_the_limit_a_new_link_leaves_before_the_last_one_ends(db: Database) -> None:
    for _ in range(MOST_BY_ADDRESS):
        mailed(db, START)
    later = START + LINK_LIFE - LEAST_LEFT + SECOND
    assert opens(db, mailed(db, later), later)
    assert asked(db, later) is None


@pytest.mark.trials
def test_a_thousand_requests_of_another_never_keep_the_mayor_out(db: Database) -> None:
    """One every seven seconds, for two hours: whenever the mayor asks, their mailbox holds a link that serves."""
    received: list[tuple[datetime, str]] = []
    for number in range(1000):
        now = START + number * timedelta(seconds=7)
        if link := asked(db, now, "203.0.113.66"):
            received.append((now, link.token))
        if number % 10 == 0:
            if link := asked(db, now, "192.0.2.7"):
                received.append((now, link.token))
            assert opens(db, received[-1][1], now + LEAST_LEFT - SECOND), f"request {number}"
    assert len(received) <= 2 * MOST_BY_ADDRESS + 120 / 10 + 2
    use_link(db, received[-1][1], now=received[-1][0])


def test_requests_from_many_networks_do_no_more(db: Database) -> None:
    links = [asked(db, START + number * SECOND, f"2001:db8:0:{number:x}::/64") for number in range(300)]
    received = [link for link in links if link]
    assert len(received) == MOST_BY_ADDRESS
    assert opens(db, received[-1].token, START + 300 * SECOND)


def test_who_asks_from_the_network_of_a_flood_gets_a_link(db: Database) -> None:
    for number in range(MOST_BY_ORIGIN + 5):
        asked(db, START, email=f"{number}@ailleurs.example")
    assert opens(db, mailed(db, START), START)
    assert asked(db, START) is None  # one at a time from there


def test_a_used_link_does_not_stand_for_one_that_serves(db: Database) -> None:
    """Only the owner of the mailbox can use links up; when they have, the next request sends one."""
    for link in [mailed(db, START) for _ in range(MOST_BY_ADDRESS)]:
        use_link(db, link, now=START)
    assert opens(db, mailed(db, START), START)


def test_a_link_whose_mail_did_not_leave_does_not_stand_for_one_that_serves(db: Database) -> None:
    for _ in range(MOST_BY_ADDRESS):
        link = asked(db, START)
        assert link
        drop_link(db, link)
        assert not opens(db, link.token, START)
    assert opens(db, mailed(db, START), START)


def test_a_later_request_ends_no_link(db: Database) -> None:
    first = mailed(db, START)
    for number in range(20):
        asked(db, START + number * SECOND, f"203.0.113.{number}")
    secret, next_path = use_link(db, first, now=START + LINK_LIFE - SECOND)
    assert (bool(secret), next_path) == (True, "/a-faire")


def test_the_limits_are_of_an_hour(db: Database) -> None:
    for _ in range(MOST_BY_ADDRESS):
        mailed(db, START)
    later = START + timedelta(hours=1, seconds=1)
    assert [bool(asked(db, later)) for _ in range(MOST_BY_ADDRESS + 1)] == [True] * MOST_BY_ADDRESS + [False]


# The same for a registered address and for another


@contextmanager
def executed(db: Database) -> Iterator[list[str]]:
    """The statements of the block, without their values."""
    statements: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def kinds(statements: list[str]) -> list[str]:
    """Their first words, and the table of those that read or remove: a link and a stranger's row have two tables."""
    return [
        statement.split()[0] if statement.startswith("INSERT") else statement.split("\nWHERE")[0]
        for statement in statements
    ]


def test_the_answer_looks_nobody_up(db: Database) -> None:
    for _ in range(MOST_BY_ADDRESS + 2):
        results, done = [], []
        for email in (MAYOR, STRANGER):
            with executed(db) as statements:
                results.append(
                    count_request(db, LinkRequest(email, f"{email}-1", "/"), secret="a", now=START)
                )
            done.append(statements)
            assert not any("person" in each or "sign_in_link" in each for each in statements)
        assert results[0] == results[1]
        assert done[0] == done[1]


@pytest.mark.parametrize("is_within", [True, False])
def test_as_much_is_done_for_a_stranger_as_for_a_person(db: Database, is_within: bool) -> None:
    """Three cases: the person, the stranger, and the person beyond the limits whose link still serves."""
    if not is_within:
        make_link(db, LinkRequest(MAYOR, "", "/"), is_within=True, now=START)
    rows = []
    for email in (MAYOR, STRANGER):
        before = count(db, SignInLink), count(db, SignInAttempt)
        with executed(db) as statements:
            link = make_link(db, LinkRequest(email, "", "/"), is_within=is_within, now=START)
        rows.append(kinds(statements))
        assert (link is not None) is (email == MAYOR and is_within)
        after = count(db, SignInLink), count(db, SignInAttempt)
        assert after == (before[0] + (link is not None), before[1])
    assert rows[0] == rows[1]
    assert [row.split()[0] for row in rows[0]] == ["SELECT", "SELECT", "INSERT", "DELETE"]


def test_the_row_of_nobody_is_left_nowhere_and_counts_for_nobody(db: Database) -> None:
    for _ in range(100):
        make_link(db, LinkRequest(STRANGER, "192.0.2.7", "/"), is_within=True, now=START)
    with db.read() as session:
        left = session.exec(select(SignInAttempt).where(col(SignInAttempt.address_hash) == NO_ADDRESS)).all()
    assert left == []
    assert count_request(db, LinkRequest(STRANGER, "192.0.2.7", "/"), secret="a", now=START)

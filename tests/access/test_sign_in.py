"""A person signs in by a link of their own: once, in time, and nobody learns who is registered."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from asked_links import ask_for_link
from cast import START
from sqlmodel import select

from actions.access.sign_in import (
    SignedIn,
    forget_old_sessions,
    sign_out,
    who_is_signed_in,
)
from actions.access.sign_in_links import link_recipients, use_link
from actions.people.add_person import ensure_person
from database.engine import Database
from models.person import SYSTEM, AuthMethod
from models.web_session import (
    IDLE_LIFE,
    LINK_LIFE,
    LONGEST_LIFE,
    LinkGone,
    SignInAttempt,
    SignInLink,
    WebSession,
)

INES = "ines.moreau@bourges.example"


@pytest.fixture
def ines(db: Database) -> str:
    with db.write() as session:
        ensure_person(session, INES, "Inès Moreau", START, SYSTEM)
    return INES


def ask(db: Database, email: str, now: datetime = START) -> str:
    link = ask_for_link(db, email, now=now)
    assert link
    return link.token


def enter(db: Database, email: str, now: datetime = START) -> str:
    return use_link(db, ask(db, email, now), now=now)[0]


def test_a_link_signs_its_person_in_and_leads_where_they_were_going(db: Database, ines: str) -> None:
    secret, next_path = use_link(db, ask(db, " Ines.Moreau@Bourges.example "), now=START)
    signed_in = who_is_signed_in(db, secret, now=START)
    assert next_path == "/a-faire"
    assert signed_in is not None
    assert (signed_in.actor.name, signed_in.actor.auth_method) == ("Inès Moreau", AuthMethod.email_link)


def test_looking_at_a_link_uses_nothing_up(db: Database, ines: str) -> None:
    token = ask(db, ines)
    assert {link_recipients(db, token, now=START)[0][1] for _ in range(3)} == {"Inès Moreau"}
    use_link(db, token, now=START)


def test_a_link_serves_once(db: Database, ines: str) -> None:
    token = ask(db, ines)
    use_link(db, token, now=START)
    for again in (link_recipients, use_link):
        with pytest.raises(LinkGone, match="ne sert plus"):
            again(db, token, now=START)


def test_of_two_who_press_at_once_one_gets_in(db: Database, ines: str) -> None:
    token = ask(db, ines)

    def press(_: int) -> bool:
        try:
            use_link(db, token, now=START)
        except LinkGone:
            return False
        return True

    with ThreadPoolExecutor(8) as people:
        assert sum(people.map(press, range(8))) == 1


def test_a_link_lasts_fifteen_minutes(db: Database, ines: str) -> None:
    token = ask(db, ines)
    link_recipients(db, token, now=START + LINK_LIFE - timedelta(seconds=1))
    with pytest.raises(LinkGone):
        use_link(db, token, now=START + LINK_LIFE)


def test_no_secret_and_no_address_is_kept_as_it_is(db: Database, ines: str) -> None:
    token = ask(db, ines)
    secret = enter(db, ines)
    with db.read() as session:
        for table in (SignInLink, SignInAttempt, WebSession):
            kept = str([row.model_dump() for row in session.exec(select(table))])
            assert token not in kept
            assert secret not in kept
            assert "192.0.2.7" not in kept
            assert INES not in kept


@pytest.mark.parametrize("step", [IDLE_LIFE, LONGEST_LIFE])
def test_a_session_ends_by_itself(db: Database, ines: str, step: timedelta) -> None:
    secret, now = enter(db, ines), START
    while now + timedelta(hours=6) < START + step:
        now += timedelta(hours=6)
        if step == LONGEST_LIFE:
            assert who_is_signed_in(db, secret, now=now)
    assert who_is_signed_in(db, secret, now=START + step) is None


def test_signing_out_ends_one_session_or_all_of_them(db: Database, ines: str) -> None:
    here, phone, tablet = (enter(db, ines) for _ in range(3))
    signed_in = who_is_signed_in(db, here, now=START)
    assert isinstance(signed_in, SignedIn)
    assert sign_out(db, signed_in, now=START) == 1
    assert who_is_signed_in(db, here, now=START) is None
    other = who_is_signed_in(db, phone, now=START)
    assert other is not None
    assert sign_out(db, other, everywhere=True, now=START) == 2
    assert who_is_signed_in(db, tablet, now=START) is None


def test_what_ended_a_month_ago_is_forgotten(db: Database, ines: str) -> None:
    enter(db, ines)
    forget_old_sessions(db, now=START + timedelta(days=20))
    with db.read() as session:
        assert session.get(WebSession, 1)
        assert session.get(SignInLink, 1)
    forget_old_sessions(db, now=START + timedelta(days=45))
    with db.read() as session:
        assert session.get(WebSession, 1) is None
        assert session.get(SignInLink, 1) is None

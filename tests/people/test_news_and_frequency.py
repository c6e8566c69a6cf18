"""What goes at once, what waits for the digest, what is not sent: by the message, and by what its reader chose."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cast import CITIES, GUICHEN, NIORT, SLUG, Cast
from post_office import empty_the_box, notices, open_post, owe_digest, round_of

from actions.mail.drop_notices import drop_digest
from actions.mail.notify import UNWANTED, tell
from models.notice import (
    BY_MAIL_ONLY,
    DIGESTS,
    HELD,
    NEWS,
    NEWS_BUT_FOR_THE_AGENT,
    RECEIPT,
    WAITING,
    can_wait,
)
from models.outbox import Nudge
from models.person import MailFrequency
from models.tables import NOTICE, PERSON
from notifications.messages import MESSAGES
from queries.ledger.find import find_project
from queries.reminders.digests import held_news

At = Callable[[str], Cast]


@pytest.fixture
def cast(at: At) -> Cast:
    cast = at("met")
    empty_the_box(cast.db)
    return cast


def choose(cast: Cast, person_id: int | None, frequency: MailFrequency) -> None:
    with cast.db.write_statements() as connection:
        chosen = sa.update(PERSON).where(PERSON.c.id == person_id).values(mail_frequency=frequency)
        connection.execute(chosen)


def everyone(cast: Cast) -> list[int]:
    return [cast.contact(code).person_id for code in CITIES]


def say(cast: Cast, message: str, about: str = "stage-1", to: list[int] | None = None) -> None:
    now = cast.now
    with cast.db.write() as session:
        project = find_project(session, SLUG)
        tell(session, to or everyone(cast), message, about, now, project=project, stage_title="Charte")


def nudges(cast: Cast) -> int:
    return len(cast.all(Nudge))


def test_what_is_said_of_a_message_is_said_of_one_that_exists() -> None:
    assert NEWS | BY_MAIL_ONLY | {*DIGESTS, RECEIPT} <= set(MESSAGES)
    assert NEWS_BUT_FOR_THE_AGENT < NEWS


def test_only_messages_that_can_ask_for_a_deliverable_have_something_to_submit() -> None:
    asking = {name for name, message in MESSAGES.items() if "to_submit" in message.model_fields}
    assert asking == {"stage_opened_for_contact", "stage_opened_for_contractor"} < NEWS
    for name in MESSAGES:
        assert can_wait(name, {}) is can_wait(name, {"to_submit": []}) is (name in NEWS)
        assert not can_wait(name, {"to_submit": ["Diagnostic"]})


def test_who_wants_news_daily_gets_them_at_once(cast: Cast) -> None:
    say(cast, "stage_closed")
    assert len(notices(cast.db, sa.text(WAITING))) == len(CITIES)


def test_news_wait_for_who_wants_them_weekly_and_are_not_sent_to_who_wants_none(cast: Cast) -> None:
    niort, guichen = cast.contact(NIORT).person_id, cast.contact(GUICHEN).person_id
    choose(cast, niort, MailFrequency.weekly)
    choose(cast, guichen, MailFrequency.never)
    say(cast, "stage_closed")
    (held,) = notices(cast.db, sa.text(HELD))
    (dropped,) = notices(cast.db, NOTICE.c.dropped_at.is_not(None))
    assert held["recipient_id"] == niort
    assert (dropped["recipient_id"], dropped["last_error"]) == (guichen, UNWANTED)
    assert len(notices(cast.db, sa.text(WAITING))) == len(CITIES) - 2


@pytest.mark.parametrize("frequency", [MailFrequency.weekly, MailFrequency.never])
def test_what_asks_something_goes_at_once_whatever_was_chosen(cast: Cast, frequency: MailFrequency) -> None:
    for person_id in everyone(cast):
        choose(cast, person_id, frequency)
    for message in ("sign_off_requested", "project_paused", "stage_closed_for_agent", "sign_in_link"):
        say(cast, message)
    assert len(notices(cast.db, sa.text(WAITING))) == 4 * len(CITIES)


def test_a_stage_that_opens_with_something_to_submit_is_no_news(cast: Cast) -> None:
    niort = cast.contact(NIORT).person_id
    choose(cast, niort, MailFrequency.never)
    with cast.db.write() as session:
        for about, asked in (("stage-1", []), ("stage-2", ["Diagnostic"])):
            tell(session, [niort], "stage_opened_for_contact", about, cast.now, project=None, to_submit=asked)
    assert [row["key"] for row in notices(cast.db, sa.text(WAITING))] == [
        f"stage_opened_for_contact:stage-2:{niort}"
    ]


def test_the_agent_hears_at_once_that_everybody_has_signed(cast: Cast) -> None:
    agent = cast.agent.person_id
    choose(cast, agent, MailFrequency.never)
    say(cast, "stage_signed_off", to=[agent])
    say(cast, "lessons_published", to=[agent])
    assert [row["message"] for row in notices(cast.db, sa.text(WAITING))] == ["stage_signed_off"]


def test_the_same_thing_is_told_once_whatever_happens(cast: Cast) -> None:
    say(cast, "stage_closed")
    before = nudges(cast)
    say(cast, "stage_closed", to=[*everyone(cast), *everyone(cast)])
    assert len(notices(cast.db)) == len(CITIES)
    assert nudges(cast) == before, "nothing new is to be sent"


def test_the_post_is_not_woken_for_what_nobody_gets_now(cast: Cast) -> None:
    for person_id in everyone(cast):
        choose(cast, person_id, MailFrequency.weekly)
    before = nudges(cast)
    say(cast, "stage_closed")
    assert nudges(cast) == before


def test_all_the_mails_of_a_fact_are_written_by_one_statement(cast: Cast) -> None:
    inserts: list[int] = []

    def count(_c: object, _cursor: object, statement: str, _p: object, _x: object, executemany: bool) -> None:
        if statement.startswith("INSERT INTO notice"):
            inserts.append(executemany)

    sa.event.listen(cast.db.engine, "before_cursor_execute", count)
    say(cast, "stage_closed")
    sa.event.remove(cast.db.engine, "before_cursor_execute", count)
    assert inserts == [True]


def held_with_a_digest(cast: Cast) -> int:
    """A weekly person's news, carried by the digest of the day; gives that person."""
    niort = cast.contact(NIORT).person_id
    choose(cast, niort, MailFrequency.weekly)
    say(cast, "stage_closed", to=[niort])
    number = owe_digest(cast.db, niort, cast.today, cast.now)
    with cast.db.write_statements() as connection:
        connection.execute(sa.update(NOTICE).where(NOTICE.c.is_held).values(digest_id=number))
    return niort


def test_the_news_that_a_digest_carries_leave_with_it(cast: Cast) -> None:
    held_with_a_digest(cast)
    with open_post() as post:
        now = cast.now
        assert round_of(cast.db, post.url, now).sent == 1
    assert {row["sent_at"] for row in notices(cast.db)} == {now}
    (mail,) = post.mails
    assert mail["List-Unsubscribe"].startswith("<https://projets.example/courrier/arret/")
    assert "Charte" in str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_the_news_of_a_digest_that_was_dropped_wait_for_the_next_one(cast: Cast) -> None:
    held_with_a_digest(cast)
    (digest,) = notices(cast.db, NOTICE.c.message == "daily_digest")
    drop_digest(cast.db, digest["id"], "un essai", now=cast.now)
    (news,) = notices(cast.db, sa.text(HELD))
    (dropped,) = notices(cast.db, NOTICE.c.dropped_at.is_not(None))
    assert (news["digest_id"], news["sent_at"]) == (None, None)
    assert (dropped["id"], dropped["last_error"]) == (digest["id"], "un essai")


def test_the_news_of_a_digest_that_was_refused_for_good_wait_too(cast: Cast) -> None:
    niort = held_with_a_digest(cast)
    with open_post() as post:
        post.answers["RCPT"] = ["550 5.1.1 boîte inconnue"]
        round_of(cast.db, post.url, cast.now)
    with (
        cast.db.read() as session
    ):  # tried again by hand that day, the digest still has them: never told twice
        assert held_news(session, [niort], cast.today) == {}
        assert len(held_news(session, [niort], cast.today + timedelta(days=1))[niort]) == 1
    assert round_of(cast.db, post.url, cast.now + timedelta(days=1)).sent == 0

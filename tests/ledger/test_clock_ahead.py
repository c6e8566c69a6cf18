"""What was written under a clock that ran one day ahead leaves when the clock is right again."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from asked_links import ask_for_link
from cast import Cast
from sqlmodel import select

from actions.access.sign_in_links import link_recipients
from actions.ledger.wake import nudge
from actions.mail.claim_notices import LONGEST_PAUSE, claim_notices
from actions.mail.notify import tell
from actions.prefect.correct_dates import correct_dates
from actions.reminders.hold_round import HeldRound
from database.engine import Database
from models.outbox import Nudge, NudgeKind
from models.person import Person
from models.tables import NOTICE, NUDGE
from models.web_session import LinkGone

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
At = Callable[[str], Cast]
EMAIL = "maire@ville.example"


@pytest.fixture
def person(db: Database) -> int:
    with db.write() as session:
        person = Person(email=EMAIL, name="Léa Martin", created_at=NOW)
        session.add(person)
        session.flush()
        return person.id or 0


def owe(db: Database, person: int, message: str = "project_paused", *, now: datetime, **more: Any) -> None:
    with db.write() as session:
        tell(session, [person], message, f"about-{now.isoformat()}", now, project=None, **more)


def due_nudges(db: Database, now: datetime) -> int:
    with db.read() as session:
        return len(session.exec(select(Nudge).where(Nudge.next_try_at <= now)).all())


def test_outbox_rows_put_off_until_tomorrow_are_due_now(db: Database) -> None:
    with db.write_statements() as connection:
        nudge(connection, NudgeKind.send_notices, None, TOMORROW)
        nudge(connection, NudgeKind.send_notices, None, NOW, pause=timedelta(minutes=4))
    assert due_nudges(db, NOW) == 0
    (repair,) = correct_dates(db, now=NOW)
    assert repair.what == "clock"
    assert due_nudges(db, NOW) == 1  # the other waits for its turn
    assert correct_dates(db, now=NOW) == []


def test_mails_written_tomorrow_leave_now(db: Database, person: int) -> None:
    owe(db, person, now=TOMORROW)
    assert claim_notices(db, now=NOW) == []
    correct_dates(db, now=NOW)
    assert len(claim_notices(db, now=NOW)) == 1


def test_a_mail_that_failed_tomorrow_is_tried_again_now_and_one_that_failed_today_when_it_should(
    db: Database, person: int
) -> None:
    owe(db, person, now=NOW)
    for later in (LONGEST_PAUSE, timedelta(days=1)):
        with db.write_statements() as connection:
            connection.execute(sa.update(NOTICE).values(next_try_at=NOW + later))
        correct_dates(db, now=NOW)
        assert len(claim_notices(db, now=NOW)) == (1 if later > LONGEST_PAUSE else 0)


def test_a_mail_claimed_tomorrow_is_free_now(db: Database, person: int) -> None:
    owe(db, person, now=NOW)
    assert len(claim_notices(db, now=TOMORROW)) == 1
    assert claim_notices(db, now=NOW) == []
    correct_dates(db, now=NOW)
    assert len(claim_notices(db, now=NOW)) == 1


def test_a_digest_stays_for_its_own_day(db: Database, person: int) -> None:
    owe(db, person, "daily_digest", now=TOMORROW, expires_at=TOMORROW + timedelta(hours=8))
    correct_dates(db, now=NOW)
    assert claim_notices(db, now=NOW) == []
    assert len(claim_notices(db, now=TOMORROW)) == 1


def test_the_round_of_a_day_held_tomorrow_is_free_now(db: Database) -> None:
    assert HeldRound.take(db, date(2026, 11, 30), TOMORROW) is not None
    assert HeldRound.take(db, date(2026, 11, 30), NOW) is not None


def test_a_sign_in_link_made_tomorrow_does_not_live_until_then(db: Database, person: int) -> None:
    first, *_ = [ask_for_link(db, EMAIL, now=TOMORROW) for _ in range(5)]
    assert first
    assert ask_for_link(db, EMAIL, now=NOW) is None
    correct_dates(db, now=NOW)
    with pytest.raises(LinkGone):
        link_recipients(db, first.token, now=NOW + timedelta(minutes=1))
    usable = ask_for_link(db, EMAIL, now=NOW)
    assert usable
    assert link_recipients(db, usable.token, now=NOW) == [(person, "Léa Martin")]
    assert correct_dates(db, now=NOW) == []


def test_facts_of_today_are_left_alone(at: At) -> None:
    cast = at("charter in review")

    def rows() -> list[tuple[object, ...]]:
        with cast.db.read() as session:
            return [
                tuple(row)
                for table in (NUDGE, NOTICE)
                for row in session.connection().execute(sa.select(table).order_by(table.c.id))
            ]

    before = rows()
    assert correct_dates(cast.db, now=cast.now) == []
    assert rows() == before

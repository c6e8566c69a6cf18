"""The post in bad weather: servers that refuse, hang, drop, change their mind; processes that are killed.

No mail is lost. One can be doubled in one case only, which nothing can close: the server has taken the mail, and its
« 250 » did not reach our database; both carry the same ``Message-ID``, so that the reader's program shows one.
"""

import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from cast import CITIES, NIORT, SLUG, Cast
from post_office import (
    PUBLIC_URL,
    SECRET,
    Post,
    empty_the_box,
    free_port,
    notices,
    open_post,
    owe_digest,
    round_of,
)

import actions.mail.deliver
from actions.mail.claim_notices import LEASE, MOST_ATTEMPTS, claim_notices, mark_failed
from actions.mail.deliver import PostRound
from actions.mail.drop_notices import AT_A_TIME, TOO_LATE, drop_expired
from actions.mail.notify import tell
from database.engine import Database
from models.notice import WAITING
from models.reminder import closing_of, opening_of
from models.tables import NOTICE, REMINDER
from notifications.mail import local_catcher_url
from notifications.mime import message_id
from queries.ledger.find import find_project
from queries.system.held_mail import held_mail

At = Callable[[str], Cast]
MINUTE = timedelta(minutes=1)
AGENT = "camille.roussel@anct.example"


@pytest.fixture
def cast(at: At) -> Cast:
    cast = at("met")
    empty_the_box(cast.db)
    return cast


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post() as post:
        yield post


def pause(cast: Cast, facts: int = 1) -> None:
    """Facts that everybody must know: one mail each to the contacts of the four cities."""
    people = [cast.contact(code).person_id for code in CITIES]
    with cast.db.write() as session:
        for fact in range(facts):
            project = find_project(session, SLUG)
            about = f"audit-{fact}"
            tell(session, people, "project_paused", about, cast.now, project=project, reason="Élections")


def pause_for(cast: Cast, code: str = NIORT) -> int:
    person_id = cast.contact(code).person_id
    with cast.db.write() as session:
        project = find_project(session, SLUG)
        tell(session, [person_id], "project_paused", "audit-1", cast.now, project=project, reason="Élections")
    return person_id


def the_only(cast: Cast) -> sa.RowMapping:
    (row,) = notices(cast.db, NOTICE.c.message == "project_paused")
    return row


# The server


def test_a_server_that_is_down_holds_every_mail_up_and_costs_none_a_try(cast: Cast) -> None:
    pause(cast, facts=5)
    port = free_port()
    assert round_of(cast.db, local_catcher_url(port), cast.now).kept == 1, "one was tried, not twenty"
    rows = notices(cast.db)
    assert {(row["attempts"], row["claimed_until"], row["failed_at"]) for row in rows} == {(0, None, None)}
    assert all("refuse la connexion" in row["last_error"] for row in rows), "each says why it waits"
    assert held_mail(cast.db).startswith("20 messages attendent de partir\u00a0: Le serveur de messagerie")
    with open_post(port) as post:
        assert round_of(cast.db, post.url, cast.now).sent == 20
    assert {row["last_error"] for row in notices(cast.db)} == {None}
    assert (held_mail(cast.db), len(set(post.ids)), len(post.ids)) == ("", 20, 20)


def test_a_server_that_accepts_and_says_nothing_makes_us_wait_once_a_round(cast: Cast) -> None:
    pause(cast, facts=5)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = local_catcher_url(deaf.getsockname()[1]) + "&cto=0.3"
        assert round_of(cast.db, url, cast.now).kept == 1
        deaf.settimeout(0)
        deaf.accept()[0].close()
        with pytest.raises(BlockingIOError):
            deaf.accept()  # nobody else has come
    assert {row["attempts"] for row in notices(cast.db)} == {0}


def test_a_server_gone_for_a_day_costs_no_mail_and_doubles_none(cast: Cast) -> None:
    pause(cast, facts=3)
    port, start = free_port(), cast.now
    for half_hour in range(48):
        round_of(cast.db, local_catcher_url(port), start + half_hour * 30 * MINUTE)
    with open_post(port) as post:
        back = start + timedelta(days=1)
        assert round_of(cast.db, post.url, back).sent == 12, "all at once, none after a long pause"
        assert round_of(cast.db, post.url, back + timedelta(days=1)).sent == 0
    assert len(set(post.ids)) == 12


def test_a_server_that_hangs_in_mid_message_gets_each_mail_again_after_its_pause(
    cast: Cast, post: Post
) -> None:
    pause(cast)
    now, url = cast.now, f"{post.url}&rto=0.3"
    post.delay = 1.5
    assert round_of(cast.db, url, now).kept == 4, "each mail is tried: it may be this one's fault"
    post.delay = 0
    assert round_of(cast.db, url, now).sent == 0, "not before the pause is over"
    assert round_of(cast.db, url, now + MINUTE).sent == 4
    assert len(set(post.ids)) == 4


def test_a_server_that_drops_in_mid_message_gets_it_again_later(cast: Cast, post: Post) -> None:
    pause_for(cast)
    post.answers["DATA"] = ["drop"]
    round_of(cast.db, post.url, cast.now)
    kept = the_only(cast)
    assert (kept["attempts"], kept["failed_at"]) == (1, None)
    assert "a coupé la conversation" in kept["last_error"]
    cast.wait(minutes=1)
    assert round_of(cast.db, post.url, cast.now).sent == 1
    assert post.ids == [message_id(kept["key"], "projets-partages.example")]
    assert (the_only(cast)["last_error"], the_only(cast)["claimed_until"]) == (None, None)


@pytest.mark.parametrize(
    ("verb", "answer"), [("RCPT", "450 4.2.1 boîte pleine"), ("DATA", "451 4.3.0 plus tard")]
)
def test_a_server_that_says_later_gets_it_later(cast: Cast, post: Post, verb: str, answer: str) -> None:
    pause_for(cast)
    post.answers[verb] = [answer]
    now = cast.now
    assert (round_of(cast.db, post.url, now).kept, the_only(cast)["next_try_at"]) == (1, now + MINUTE)
    assert round_of(cast.db, post.url, now + MINUTE).sent == 1


def test_pauses_grow_from_a_minute_to_six_hours_and_a_mail_is_given_up_after_about_a_week(
    cast: Cast, post: Post
) -> None:
    pause_for(cast)
    post.answers["RCPT"] = ["450 4.2.1 boîte pleine"] * MOST_ATTEMPTS
    first = now = cast.now
    pauses = []
    while (row := the_only(cast))["failed_at"] is None:
        now = max(now, row["next_try_at"])
        round_of(cast.db, post.url, now)
        pauses.append((the_only(cast)["next_try_at"] - now) // MINUTE)
    assert pauses[:5] == [1, 2, 4, 8, 16]
    assert max(pauses) == 360
    assert len(pauses) == MOST_ATTEMPTS
    assert timedelta(days=5) < now - first < timedelta(days=8)
    assert cast.told("delivery_failed") == {AGENT}


# What is given up


def test_an_address_that_does_not_exist_is_told_to_the_agent_with_the_reason(cast: Cast, post: Post) -> None:
    pause(cast)
    (gone,) = [row for row in notices(cast.db) if row["recipient_id"] == cast.contact(NIORT).person_id]
    post.refused = {"hugo.texier@niort.example"}
    now = cast.now
    round_of(cast.db, post.url, now)
    (failed,) = notices(cast.db, NOTICE.c.failed_at.is_not(None))
    assert (failed["id"], failed["failed_at"], failed["attempts"]) == (gone["id"], now, 1)
    (failure,) = notices(cast.db, NOTICE.c.message == "delivery_failed")
    assert failure["recipient_id"] == cast.agent.person_id
    values = failure["payload"]
    assert (values["person_name"], values["address"]) == ("Hugo Texier", "hugo.texier@niort.example")
    assert "550 5.1.1 boîte inconnue" in values["reason"]
    assert "mis en pause" in values["failed_subject"]
    mail = post.mails[-1] if failure["sent_at"] else None
    cast.wait(minutes=1)
    if mail is None:
        round_of(cast.db, post.url, cast.now)
        mail = post.mails[-1]
    assert mail["To"].addresses[0].addr_spec == AGENT
    assert "hugo.texier@niort.example" in str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_a_dead_address_is_told_once_a_day_for_a_project(cast: Cast, post: Post) -> None:
    pause(cast, facts=3)
    post.refused = {"hugo.texier@niort.example"}
    round_of(cast.db, post.url, cast.now)
    assert len(notices(cast.db, NOTICE.c.failed_at.is_not(None))) == 3
    assert len(notices(cast.db, NOTICE.c.message == "delivery_failed")) == 1


def test_nobody_is_told_of_their_own_dead_address(cast: Cast, post: Post) -> None:
    post.refused = {AGENT}
    with cast.db.write() as session:
        agent = cast.agent.person_id
        project = find_project(session, SLUG)
        tell(session, [agent], "project_paused", "audit-1", cast.now, project=project, reason="Élections")
    round_of(cast.db, post.url, cast.now)
    assert the_only(cast)["failed_at"] is not None
    assert notices(cast.db, NOTICE.c.message == "delivery_failed") == []


def test_a_failure_that_cannot_be_told_is_not_told_either(cast: Cast, post: Post) -> None:
    pause_for(cast)
    post.refused = {AGENT, "hugo.texier@niort.example"}
    for _ in range(3):
        cast.wait(hours=1)
        round_of(cast.db, post.url, cast.now)
    assert len(notices(cast.db, NOTICE.c.message == "delivery_failed")) == 1
    assert len(notices(cast.db, NOTICE.c.failed_at.is_not(None))) == 2


def test_a_project_without_an_agent_keeps_its_failures_in_the_list(cast: Cast, post: Post) -> None:
    pause_for(cast)
    with cast.db.write_statements() as connection:
        connection.execute(sa.text("UPDATE shared_project SET agency_agent_id = NULL"))
    post.refused = {"hugo.texier@niort.example"}
    round_of(cast.db, post.url, cast.now)
    assert [row["message"] for row in notices(cast.db)] == ["project_paused"]
    assert the_only(cast)["failed_at"] is not None


def test_a_message_whose_values_are_wrong_stops_no_other_and_its_words_are_not_repeated(
    cast: Cast, post: Post
) -> None:
    pause(cast)
    niort = cast.contact(NIORT).person_id
    with cast.db.write() as session:
        project = find_project(session, SLUG)
        tell(session, [niort], "project_paused", "audit-9", cast.now, project=project, raison="Un secret")
    now = cast.now
    round_of(cast.db, post.url, now)
    (failed,) = notices(cast.db, NOTICE.c.failed_at.is_not(None))
    assert "défaut du logiciel" in failed["last_error"]
    assert "Un secret" not in failed["last_error"]
    assert {row["sent_at"] for row in notices(cast.db, NOTICE.c.id < failed["id"])} == {now}


@pytest.mark.parametrize("payload", [{}, {"day": "2026-11-22", "projects": [{}], "path": "/a-faire"}])
def test_a_digest_that_makes_no_sense_stops_no_other_mail(
    cast: Cast, post: Post, payload: dict[str, object]
) -> None:
    number = owe_digest(cast.db, cast.contact(NIORT).person_id, cast.today, opening_of(cast.today))
    with cast.db.write_statements() as connection:
        connection.execute(sa.update(NOTICE).where(NOTICE.c.id == number).values(payload=payload))
    pause(cast)
    assert round_of(cast.db, post.url, cast.now).sent == 4
    (failed,) = notices(cast.db, NOTICE.c.failed_at.is_not(None))
    assert failed["id"] == number
    assert "défaut du logiciel" in failed["last_error"]


# Processes that die


def in_a_process(cast: Cast, url: str, now: datetime, killed_at: str | None = None) -> int:
    """A round of the post in a process of its own, killed as it comes to this function; gives its exit code."""
    cast.db.close()
    child = multiprocessing.get_context("fork").Process(
        target=_round_then_die, args=(cast.db.url, url, now, killed_at)
    )
    child.start()
    child.join(120)
    return child.exitcode or 0


def _round_then_die(db_url: str, url: str, now: datetime, killed_at: str | None) -> None:
    if killed_at is not None:
        setattr(actions.mail.deliver, killed_at, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    round_of(Database(db_url), url, now)


def test_a_process_killed_before_the_send_loses_and_doubles_nothing(cast: Cast, post: Post) -> None:
    pause(cast)
    now = cast.now
    assert in_a_process(cast, post.url, now, killed_at="send") == -signal.SIGKILL
    assert post.received == []
    assert round_of(cast.db, post.url, now + MINUTE).sent == 0, "its claim still holds"
    assert round_of(cast.db, post.url, now + LEASE + MINUTE).sent == 4
    assert len(set(post.ids)) == len(post.ids) == 4


def test_a_process_killed_between_250_and_the_commit_sends_one_mail_again_with_the_same_id(
    cast: Cast, post: Post
) -> None:
    pause(cast)
    now = cast.now
    assert in_a_process(cast, post.url, now, killed_at="mark_sent") == -signal.SIGKILL
    (first,) = post.ids
    assert round_of(cast.db, post.url, now + LEASE + MINUTE).sent == 4
    assert post.ids.count(first) == 2, "the window that cannot be closed"
    assert len(set(post.ids)) == 4
    assert len(post.ids) == 5


def test_two_deliverers_at_once_share_the_work_and_double_nothing(cast: Cast, post: Post) -> None:
    pause(cast, facts=15)
    now, post.delay = cast.now, 0.01
    cast.db.close()
    fork = multiprocessing.get_context("fork")
    two = [fork.Process(target=_round_then_die, args=(cast.db.url, post.url, now, None)) for _ in range(2)]
    for each in two:
        each.start()
    for each in two:
        each.join(120)
    assert [each.exitcode for each in two] == [0, 0]
    assert len(set(post.ids)) == len(post.ids) == 60
    assert post.connections == 2, "both have worked"
    assert {row["sent_at"] for row in notices(cast.db)} == {now}


def test_a_slow_deliverer_does_not_undo_what_another_has_sent(cast: Cast, post: Post) -> None:
    pause_for(cast)
    now = cast.now
    (slow,) = claim_notices(cast.db, now=now)
    later = now + LEASE + MINUTE
    assert round_of(cast.db, post.url, later).sent == 1
    mark_failed(cast.db, slow, "trop tard", True, now=later)
    assert (the_only(cast)["sent_at"], the_only(cast)["failed_at"]) == (later, None)
    assert notices(cast.db, NOTICE.c.message == "delivery_failed") == []


def test_what_a_slow_round_could_not_send_in_time_is_left_to_the_next_deliverer(
    cast: Cast, post: Post
) -> None:
    pause(cast)
    start = cast.now
    times = iter([start, start, *[start + LEASE] * 40])
    slow = PostRound(cast.db, [post.url], PUBLIC_URL, SECRET, clock=lambda: next(times), warn=print)
    slow.run()
    assert round_of(cast.db, post.url, start + LEASE + MINUTE).sent + slow.sent == 4
    assert len(set(post.ids)) == len(post.ids) == 4


def test_a_digest_switched_off_while_it_was_about_to_leave_does_not_leave(cast: Cast, post: Post) -> None:
    number = owe_digest(cast.db, cast.contact(NIORT).person_id, cast.today, opening_of(cast.today))
    (claimed,) = claim_notices(cast.db, now=opening_of(cast.today))
    with cast.db.write_statements() as connection:
        connection.execute(sa.update(NOTICE).where(NOTICE.c.id == number).values(dropped_at=cast.now))
    late = PostRound(
        cast.db, [post.url], PUBLIC_URL, SECRET, clock=lambda: opening_of(cast.today), warn=print
    )
    late._deliver(claimed)
    assert (late.sent, post.received) == (0, [])


# Digests and their hour


def reminders(cast: Cast) -> int:
    with cast.db.read() as session:
        return session.connection().scalar(sa.select(sa.func.count()).select_from(REMINDER)) or 0


def test_a_digest_that_could_not_leave_by_18_00_does_not_leave_and_gives_its_lines_back(
    cast: Cast, post: Post
) -> None:
    person = cast.contact(NIORT).person_id
    owe_digest(cast.db, person, cast.today, opening_of(cast.today))
    assert reminders(cast) == 1
    assert round_of(cast.db, post.url, closing_of(cast.today)).sent == 0
    (row,) = notices(cast.db)
    assert (row["dropped_at"], row["last_error"]) == (closing_of(cast.today), TOO_LATE)
    assert (post.received, reminders(cast)) == ([], 0)


def test_a_digest_leaves_until_the_last_minute(cast: Cast, post: Post) -> None:
    person = cast.contact(NIORT).person_id
    owe_digest(cast.db, person, cast.today, opening_of(cast.today))
    assert round_of(cast.db, post.url, closing_of(cast.today) - MINUTE).sent == 1
    assert (len(post.received), reminders(cast)) == (1, 1)


def test_after_an_outage_of_three_days_a_person_gets_one_digest_and_every_fact(cast: Cast) -> None:
    person, day, port = pause_for(cast), cast.today, free_port()
    for _ in range(3):
        owe_digest(cast.db, person, day, opening_of(day))
        for hours in (0, 3, 6):
            round_of(cast.db, local_catcher_url(port), opening_of(day) + timedelta(hours=hours))
        day += timedelta(days=1)
    owe_digest(cast.db, person, day, opening_of(day))
    with open_post(port) as post:
        round_of(cast.db, post.url, opening_of(day))
    assert [row["message"] for row in notices(cast.db, NOTICE.c.sent_at.is_not(None))] == [
        "project_paused",
        "daily_digest",
    ]
    assert len(post.ids) == 2
    assert reminders(cast) == 1


def test_expired_digests_are_dropped_whatever_their_number_and_no_one_else_is_touched(cast: Cast) -> None:
    pause(cast)
    day = cast.today
    with cast.db.write_statements() as connection:
        digest = {
            "message": "daily_digest",
            "payload": {"day": day.isoformat(), "projects": []},
            "recipient_id": 1,
            "is_held": False,
            "attempts": 0,
            "created_at": cast.now,
            "next_try_at": cast.now,
            "expires_at": closing_of(day),
        }
        many = [digest | {"key": f"digest:{day}:{number}"} for number in range(AT_A_TIME + 20)]
        connection.execute(sa.insert(NOTICE), many)
    assert drop_expired(cast.db, now=closing_of(day) - MINUTE) == 0
    assert drop_expired(cast.db, now=closing_of(day)) == AT_A_TIME + 20
    assert drop_expired(cast.db, now=closing_of(day)) == 0
    assert {row["message"] for row in notices(cast.db, sa.text(WAITING))} == {"project_paused"}


def test_a_digest_in_the_hands_of_a_deliverer_is_left_to_it(cast: Cast) -> None:
    owe_digest(cast.db, cast.contact(NIORT).person_id, cast.today, opening_of(cast.today))
    almost = closing_of(cast.today) - MINUTE
    assert len(claim_notices(cast.db, now=almost)) == 1
    assert drop_expired(cast.db, now=almost + 2 * MINUTE) == 0
    assert drop_expired(cast.db, now=almost + LEASE + MINUTE) == 1


def test_a_digest_with_nothing_left_to_say_does_not_leave(cast: Cast, post: Post) -> None:
    number = owe_digest(cast.db, cast.contact(NIORT).person_id, cast.today, opening_of(cast.today))
    (row,) = notices(cast.db)
    (project,) = row["payload"]["projects"]
    done = {
        "subject": "commitment-999",
        "kind": "commitment",
        "text": "Un engagement tenu",
        "due_on": "2026-12-01",
        "path": "/x",
        "copied": False,
    }
    payload = row["payload"] | {"projects": [project | {"news": [], "items": [done]}]}
    with cast.db.write_statements() as connection:
        connection.execute(sa.update(NOTICE).where(NOTICE.c.id == number).values(payload=payload))
    assert round_of(cast.db, post.url, opening_of(cast.today)).dropped == 1
    (row,) = notices(cast.db)
    assert row["last_error"] == actions.mail.deliver.NOTHING_LEFT
    assert (post.received, reminders(cast)) == ([], 0)

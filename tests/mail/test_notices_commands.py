"""``projet-partage notices``: what has not left and why, trying it again; and forgetting what is old."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cast import NIORT, Cast
from command_line import SEED, SLUG, CommandLine
from post_office import empty_the_box, notices, open_post, owe_digest, round_of

from actions.mail.forget_old_mail import KEPT, forget_old_mail
from actions.mail.retry_notices import TooLateToRetry, retry_all_failed, retry_notice
from database.engine import Database
from models.reminder import opening_of
from models.tables import NOTICE
from settings import settings

At = Callable[[str], Cast]


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    cli = CommandLine(db, tmp_path, monkeypatch)
    cli.ok("project", "create", SEED)
    yield cli
    settings.cache_clear()


def change(db: Database, number: int, **values: Any) -> None:
    with db.write_statements() as connection:
        connection.execute(sa.update(NOTICE).where(NOTICE.c.id == number).values(**values))


def numbers(cli: CommandLine, *options: object) -> list[int]:
    return [each["id"] for each in cli.json("notices", "list", *options)]


def test_what_waits_and_what_was_given_up_is_listed_with_the_reason(cli: CommandLine) -> None:
    now = datetime.now(UTC)
    sent, lost, held, dropped = sorted(numbers(cli, "--project", SLUG))
    change(cli.db, sent, sent_at=now)
    change(cli.db, lost, failed_at=now, last_error="550 boîte inconnue", attempts=1)
    change(cli.db, held, is_held=True)
    change(cli.db, dropped, dropped_at=now, last_error="la personne ne veut pas de nouvelles")
    every = numbers(cli, "--all")
    assert every == sorted(every, reverse=True)
    assert set(every) - set(numbers(cli)) == {sent, held, dropped}
    assert numbers(cli, "--failed") == [lost]
    assert set(numbers(cli, "--waiting")) == set(every) - {sent, lost, held, dropped}
    assert numbers(cli, "--failed", "--waiting") == numbers(cli)
    output = cli.ok("notices", "list", "--failed")
    assert "550 boîte inconnue" in output
    assert "abandonné" in output
    (failed,) = cli.json("notices", "list", "--failed")
    assert failed["state"] == "failed"
    assert failed["message"] == "welcome"
    assert failed["project"] == SLUG
    assert failed["failed_at"].endswith("+00:00")


def test_the_list_is_that_of_a_project_and_no_longer_than_asked(cli: CommandLine) -> None:
    every = cli.json("notices", "list")
    of_project = [each["id"] for each in every if each["project"] == SLUG]
    assert numbers(cli, "--project", SLUG) == of_project
    assert {each["message"] for each in every if each["id"] in of_project} == {"welcome"}
    assert {each["message"] for each in every if each["id"] not in of_project} == {
        "authority_to_confirm", "authority_proposed",
    }, "an office is about all the projects of its city"  # fmt: skip
    assert len(numbers(cli, "--limit", 3)) == 3
    assert "plus ancien(s)" in cli.ok("notices", "list", "--limit", 3)
    assert cli.refused("notices", "list", "--project", "inconnu")
    assert cli.run("notices", "list", "--limit", 0).exit_code == 2
    empty_the_box(cli.db)
    assert cli.ok("notices", "list") == "Aucun message n’attend.\n"


def test_a_mail_that_was_given_up_is_put_back_and_leaves(cli: CommandLine) -> None:
    now = datetime.now(UTC)
    change(cli.db, 2, failed_at=now, attempts=30, last_error="550", next_try_at=now + timedelta(days=9))
    assert cli.json("notices", "retry", 2) == {"retried": 1}
    (row,) = notices(cli.db, NOTICE.c.id == 2)
    assert (row["failed_at"], row["attempts"]) == (None, 0)
    with open_post() as post:
        round_of(cli.db, post.url, datetime.now(UTC))
    (row,) = notices(cli.db, NOTICE.c.id == 2)
    assert row["sent_at"] is not None
    assert "est déjà parti" in cli.refused("notices", "retry", 2)


def test_all_that_was_given_up_is_put_back_at_once(cli: CommandLine) -> None:
    now = datetime.now(UTC)
    for number in (2, 3):
        change(cli.db, number, failed_at=now, attempts=30)
    change(cli.db, 4, failed_at=now, sent_at=now)
    assert "2 message(s)" in cli.ok("notices", "retry", "--all-failed")
    assert numbers(cli, "--failed") == []
    assert cli.json("notices", "retry", "--all-failed") == {"retried": 0}


def test_what_cannot_be_tried_again_is_refused_with_a_sentence(cli: CommandLine) -> None:
    now = datetime.now(UTC)
    change(cli.db, 1, is_held=True)
    change(cli.db, 2, dropped_at=now)
    change(cli.db, 3, failed_at=now, expires_at=now - timedelta(hours=1))
    assert "prochain récapitulatif de la personne" in cli.refused("notices", "retry", 1)
    assert "n’a plus lieu" in cli.refused("notices", "retry", 2)
    assert "ne se relance plus" in cli.refused("notices", "retry", 3)
    assert "n’existe pas" in cli.refused("notices", "retry", 999)
    assert cli.run("notices", "retry").exit_code == 2
    assert cli.run("notices", "retry", 1, "--all-failed").exit_code == 2


# Forgetting


def test_a_year_later_what_was_said_is_forgotten_and_what_was_done_is_not(at: At) -> None:
    cast = at("met")
    empty_the_box(cast.db)
    person, then = cast.contact(NIORT).person_id, opening_of(cast.today)
    sent = owe_digest(cast.db, person, cast.today, then)
    with open_post() as post:
        assert round_of(cast.db, post.url, then).sent == 1
    change(cast.db, sent, last_error="un incident")
    assert forget_old_mail(cast.db, then + KEPT) == 0
    assert forget_old_mail(cast.db, then + KEPT + timedelta(seconds=1)) == 1
    assert forget_old_mail(cast.db, then + KEPT + timedelta(days=1)) == 0, "once is enough"
    (row,) = notices(cast.db)
    assert (row["payload"], row["last_error"], row["sent_at"]) == ({}, None, then)


def test_what_still_waits_is_not_forgotten_however_old(at: At) -> None:
    cast = at("met")
    years = cast.now + 3 * KEPT
    assert forget_old_mail(cast.db, years) == 0
    assert all(row["payload"] for row in notices(cast.db))


def test_a_mail_given_up_long_ago_is_forgotten_and_not_tried_again(at: At) -> None:
    cast = at("met")
    (first, *_) = notices(cast.db)
    change(cast.db, first["id"], failed_at=cast.now, last_error="550")
    later = cast.now + KEPT + timedelta(days=1)
    assert forget_old_mail(cast.db, later) == 1
    assert retry_all_failed(cast.db, now=later) == 0
    with pytest.raises(TooLateToRetry):
        retry_notice(cast.db, first["id"], now=later)


def test_many_are_forgotten_by_parts(at: At) -> None:
    cast = at("met")
    empty_the_box(cast.db)
    then = cast.now
    row = {
        "message": "welcome",
        "payload": {"role_label": "maire"},
        "recipient_id": 1,
        "is_held": False,
        "attempts": 0,
        "created_at": then,
        "next_try_at": then,
        "sent_at": then,
    }
    with cast.db.write_statements() as connection:
        connection.execute(sa.insert(NOTICE), [row | {"key": f"welcome:{each}"} for each in range(1200)])
    assert forget_old_mail(cast.db, then + 2 * KEPT) == 1200

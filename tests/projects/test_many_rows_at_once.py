"""What is written and looked up in bulk is what one row at a time would have been, on both databases."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from cast import Cast
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg

from actions.ledger.journal import record_on_each
from database.bound import among
from database.insert_once import insert_all_once
from models.person import SYSTEM
from models.reminder import ReminderKind
from models.tables import NOTICE, REMINDER
from queries.ledger.verify_journal import verify_journal

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
TEXT = '« Maison d’associations » : l’été, 100\u202f% \\ "prêt" — {tôt}'


@pytest.fixture
def cast(at: Callable[[str], Cast]) -> Cast:
    return at("met")


def _line(cast: Cast, number: int, **other: Any) -> dict[str, Any]:
    return {
        "kind": ReminderKind.commitment,
        "subject": f"commitment-{number}",
        "project_id": cast.project().id,
        "recipient_id": cast.agent.person_id,
        "due_on": DAY,
        "rung": "J",
        "day": DAY,
        "text": TEXT,
        "path": "/projets/p",
        "is_copy": False,
        "party": None,
    } | other


def _as_values(payload: Any) -> Any:
    return json.loads(payload) if isinstance(payload, str) else payload  # SQLite gives the text


def _lines(cast: Cast, *numbers: int) -> list[Any]:
    with cast.db.read() as session:
        subjects = [f"commitment-{number}" for number in numbers]
        query = sa.select(REMINDER).where(among(REMINDER.c.subject, "subjects")).order_by(REMINDER.c.id)
        return list(session.connection().execute(query, {"subjects": subjects}).mappings())


def test_every_row_is_written_as_it_was_given(cast: Cast) -> None:
    lines = [_line(cast, 1), _line(cast, 2, party="Niort", is_copy=True)]
    with cast.db.write_statements() as connection:
        insert_all_once(connection, REMINDER, lines, "subject", "recipient_id", "due_on", "rung")
    written = [{name: row[name] for name in lines[0]} for row in _lines(cast, 1, 2)]
    assert written == lines


def test_a_row_that_is_there_already_stays_as_it_is(cast: Cast) -> None:
    key = ("subject", "recipient_id", "due_on", "rung")
    with cast.db.write_statements() as connection:
        insert_all_once(connection, REMINDER, [_line(cast, 1)], *key)
        again = [_line(cast, 1, text="Autre"), _line(cast, 2), _line(cast, 2, text="Doublon")]
        insert_all_once(connection, REMINDER, again, *key)
    assert [row["text"] for row in _lines(cast, 1, 2)] == [TEXT, TEXT]


def test_a_payload_keeps_its_words_and_its_instants_their_hour(cast: Cast) -> None:
    row = {
        "key": "digest:2026-11-24:1",
        "recipient_id": cast.agent.person_id,
        "message": "daily_digest",
        "payload": {"projects": [{"title": TEXT, "state": None, "items": [1, True]}]},
        "is_held": False,
        "created_at": NOW,
        "next_try_at": NOW,
        "attempts": 0,
    }
    with cast.db.write_statements() as connection:
        insert_all_once(connection, NOTICE, [row], "key")
        found = connection.execute(sa.select(NOTICE).where(NOTICE.c.key == row["key"])).mappings().one()
    assert {name: found[name] for name in row} == row


def test_nothing_is_among_nothing(cast: Cast) -> None:
    assert _lines(cast) == []


@pytest.mark.parametrize(
    ("dialect", "condition"),
    [
        (sqlite.dialect(), "reminder.project_id IN (__[POSTCOMPILE_projects])"),
        (psycopg.dialect(), "reminder.project_id = any(%(projects)s::INTEGER[])"),
    ],
)
def test_a_list_is_one_condition_that_indexes_serve(dialect: sa.Dialect, condition: str) -> None:
    query = sa.select(REMINDER.c.id).where(among(REMINDER.c.project_id, "projects"), REMINDER.c.is_copy)
    where = " ".join(str(query.compile(dialect=dialect)).split("WHERE")[1].split())
    assert where.startswith(f"{condition} AND ")


def test_entries_written_together_carry_each_chain_on(cast: Cast) -> None:
    project_id = cast.project().id
    assert project_id is not None
    for on in ("2026-11-24", "2026-12-01"):
        with cast.db.write_statements() as connection:
            record_on_each(connection, "reminders.due", {project_id: {"on": on}}, actor=SYSTEM, now=NOW)
    assert [_as_values(entry["payload"]) for entry in cast.entries()[-2:]] == [
        {"on": "2026-11-24"},
        {"on": "2026-12-01"},
    ]
    assert not verify_journal(cast.db).tamperings

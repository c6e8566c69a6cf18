"""The relay takes a few stages at a time: what was just decided does not wait behind hundreds of old wake-ups."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from actions.ledger.wake import nudge
from actions.prefect.client import PrefectApi
from actions.prefect.deliver_nudges import deliver_nudges, due_rows
from commands.seed import load_seed
from database.engine import Database
from models.outbox import NudgeKind
from models.stored_row import identity
from models.tables import NUDGE
from queries.ledger.find import find_project, stages_of

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def stages(db: Database) -> list[int]:
    """The seven stages of the real project, each spoken of once in the outbox, in their order."""
    slug = load_seed(db, now=NOW).slug
    with db.read() as session:
        stage_ids = [identity(stage) for stage in stages_of(session, find_project(session, slug))]
    with db.write_statements() as connection:
        connection.execute(sa.delete(NUDGE))
        for stage_id in stage_ids:
            nudge(connection, NudgeKind.wake_stage, stage_id, NOW)
    return stage_ids


def test_the_newest_pass_with_the_oldest_and_the_others_wait_for_the_next_time(
    db: Database, stages: list[int]
) -> None:
    assert [stage_id for _, stage_id, _ in due_rows(db, NOW)] == stages
    taken = [stage_id for _, stage_id, _ in due_rows(db, NOW, most=4)]
    assert taken == [stages[0], stages[1], stages[5], stages[6]]
    assert [stage_id for _, stage_id, _ in due_rows(db, NOW, most=20)] == stages


def test_a_stage_that_is_taken_keeps_all_its_rows_the_oldest_first(db: Database, stages: list[int]) -> None:
    with db.write_statements() as connection:
        nudge(connection, NudgeKind.start_stage, stages[3], NOW)
        nudge(connection, NudgeKind.wake_stage, stages[3], NOW)
    taken = {(kind, stage_id): len(ids) for kind, stage_id, ids in due_rows(db, NOW, most=2)}
    assert list(taken) == [
        (NudgeKind.wake_stage, stages[0]),
        (NudgeKind.wake_stage, stages[3]),
        (NudgeKind.start_stage, stages[3]),
    ]
    assert taken[NudgeKind.wake_stage, stages[3]] == 2


def test_while_prefect_is_away_one_row_is_tried_and_the_others_are_left_as_they_are(
    db: Database, stages: list[int]
) -> None:
    with PrefectApi("http://127.0.0.1:9/api", "nobody:here", timeout=1) as nobody:
        assert deliver_nudges(db, nobody, now=NOW) == 0
    with db.read() as session:
        tries = session.connection().execute(sa.select(NUDGE.c.attempts).order_by(NUDGE.c.id)).scalars().all()
    assert list(tries) == [1, 0, 0, 0, 0, 0, 0]
    assert len(due_rows(db, NOW)) == len(stages) - 1

"""Tell Prefect what the outbox holds: start a stage's flow, wake it, send the mail that waits.

Best effort and repeatable: a row stays until Prefect has taken it, and a row taken twice does no harm,
because a flow that wakes reads the facts again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.prefect.client import ALIVE, FlowRun, PrefectApi, PrefectRefused, PrefectUnreachable
from database.engine import Database
from models.columns import LONGEST_ERROR
from models.installation import Installation
from models.notice import WAITING, Notice, is_unclaimed
from models.outbox import NudgeKind
from models.shared_project import SharedProject
from models.stage import AT_WORK, Stage
from models.stored_row import identity
from models.tables import NUDGE
from queries.ledger.find import title_or_key

SOON = timedelta(seconds=0.5)
LONGEST_PAUSE = timedelta(minutes=5)
LONGEST_WAIT_FOR_PREFECT = timedelta(seconds=5)
"""The longest pause while Prefect is away: rows are delivered this soon after its return."""
SEND_NOTICES = "deliver_notices/deliver_notices"
MAIL_TAG = "courrier"
MOST_ROWS = 20_000
LONG_DELIVERY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class StageAddress:
    """A stage as Prefect knows it: identifiers only, never content."""

    stage_id: int
    key: str
    title: str
    slug: str

    @property
    def deployment(self) -> str:
        return f"{self.key}/{self.key}"

    @property
    def run_name(self) -> str:
        return f"{self.title} · {self.slug}"

    @property
    def tags(self) -> list[str]:
        return [f"projet:{self.slug}", stage_tag(self.stage_id)]


def stage_tag(stage_id: int) -> str:
    """The tag that finds the runs of a stage, whatever Prefect's database has been through."""
    return f"etape:{stage_id}"


def deliver_nudges(db: Database, api: PrefectApi, *, now: datetime, most: int | None = None) -> int:
    """Deliver the rows that are due, oldest first, rows about the same thing together. Commits each.

    ``most`` limits the number of stages (about): a caller that comes back at once takes a few at a time, so that new
    rows do not wait behind hundreds. Returns the number of rows delivered. A row that Prefect does not take keeps its
    error and is tried again after growing pauses; while Prefect is away, the rows after it wait too. Raises nothing.
    """
    delivered = 0
    due = due_rows(db, now, most)
    epoch = _epoch(db) if due else ""
    for kind, stage_id, nudge_ids in due:
        try:
            taken = _deliver(db, api, kind, stage_id, f"nudge-{epoch}{max(nudge_ids)}", now)
        except PrefectUnreachable as error:
            # The others are asked about in the next round: each would wait for its time-out here, one after the other.
            _postpone(db, nudge_ids, now, str(error), LONGEST_WAIT_FOR_PREFECT)
            if not api.is_healthy():  # each of the others would wait as long for the same answer
                break
            continue
        except PrefectRefused as error:
            _postpone(db, nudge_ids, now, str(error), LONGEST_PAUSE)
            continue
        if taken:
            _done(db, nudge_ids, now)
            delivered += len(nudge_ids)
        else:  # the newest row will say the same as those before it
            _done(db, nudge_ids[:-1], now)
            _postpone(db, nudge_ids[-1:], now, None, SOON)
    return delivered


Group = tuple[NudgeKind, int | None, list[int]]


def due_rows(db: Database, now: datetime, most: int | None = None) -> list[Group]:
    """The rows to deliver, grouped by kind and stage, oldest first.

    At most about ``most`` stages: half of them those of the newest rows, so that a recent decision does not wait, and
    half those of the oldest, so that none waits for ever. All the rows of a stage come together. Writes nothing.
    """
    with db.read() as session:
        query = sa.select(NUDGE.c.kind, NUDGE.c.stage_id, NUDGE.c.id).where(
            NUDGE.c.done_at.is_(None), NUDGE.c.next_try_at <= now
        )
        rows = session.connection().execute(query.order_by(NUDGE.c.id).limit(MOST_ROWS)).all()
    groups: dict[tuple[NudgeKind, int | None], list[int]] = {}
    for kind, stage_id, nudge_id in rows:
        groups.setdefault((NudgeKind(kind), stage_id), []).append(nudge_id)
    taken = _share([stage_id for _, stage_id, _ in rows], most)
    return [(kind, stage_id, ids) for (kind, stage_id), ids in groups.items() if stage_id in taken]


def _share(stage_ids: list[int | None], most: int | None) -> set[int | None]:
    """Of the stages in the order of their rows, about ``most``: half from the end, the others from the beginning."""
    if most is None:
        return set(stage_ids)
    newest = list(dict.fromkeys(reversed(stage_ids)))[: most // 2]
    return {*newest, *list(dict.fromkeys(stage_ids))[: most - most // 2]}


def _epoch(db: Database) -> str:
    """What tells our keys from those of the same outbox before it was restored from a backup."""
    with db.read() as session:
        epoch = session.exec(
            select(Installation.epoch).order_by(col(Installation.id).desc()).limit(1)
        ).first()
    return f"{epoch}-" if epoch else ""


def _deliver(
    db: Database, api: PrefectApi, kind: NudgeKind, stage_id: int | None, idempotency_key: str, now: datetime
) -> bool:
    if kind is NudgeKind.send_notices or stage_id is None:
        return _send_mail(db, api, idempotency_key, now)
    with db.read() as session:
        address, needs_a_run = address_of(session, stage_id)
    if kind is NudgeKind.start_stage:
        start_run(api, address, idempotency_key)
        return True
    return wake_runs(api, address, needs_a_run, idempotency_key)


def _send_mail(db: Database, api: PrefectApi, idempotency_key: str, now: datetime) -> bool:
    """Have a run send the mail that is due. False until one has ended since the row was written, or none is due any
    more: a run that is on its way may die before it sends anything."""
    with db.read() as session:
        waiting = select(Notice.id).where(
            sa.text(WAITING),
            Notice.next_try_at <= now,
            is_unclaimed(now),
        )
        if session.exec(waiting.limit(1)).first() is None:
            return True
    if any(not _may_be_dead(run, now) for run in api.runs(tags=[MAIL_TAG], states=ALIVE)):
        return False
    run = _start_deliverer(api, idempotency_key)
    if run.state_type == "CRASHED" or _may_be_dead(run, now):
        run = _start_deliverer(api, f"{idempotency_key}-after-{run.id}")
    return not run.is_alive


def _start_deliverer(api: PrefectApi, idempotency_key: str) -> FlowRun:
    """The run of this key: a new one, or the one that was started before, whatever has become of it."""
    return api.create_run(SEND_NOTICES, {}, idempotency_key=idempotency_key, tags=[MAIL_TAG])


def _may_be_dead(run: FlowRun, now: datetime) -> bool:
    """A deliverer that began long ago has perhaps lost its process; one more beside it does no harm."""
    since = run.state_timestamp
    return (
        run.is_alive and run.state_type != "SCHEDULED" and since is not None and now - since > LONG_DELIVERY
    )


def address_of(session: Session, stage_id: int) -> tuple[StageAddress, bool]:
    """The stage for Prefect, and whether a run must live for it: at work, in a project that is not over."""
    stage = session.get_one(Stage, stage_id)
    project = session.get_one(SharedProject, stage.project_id)
    return stage_address(stage, project), project.status.is_before_follow_up and stage.status in AT_WORK


def stage_address(stage: Stage, project: SharedProject) -> StageAddress:
    """The stage as Prefect knows it."""
    return StageAddress(identity(stage), stage.key, title_or_key(project, stage.key), project.slug)


def start_run(api: PrefectApi, address: StageAddress, idempotency_key: str) -> FlowRun:
    """Create the stage's flow run (once for a key)."""
    return api.create_run(
        address.deployment,
        {"stage_id": address.stage_id},
        idempotency_key=idempotency_key,
        tags=address.tags,
        name=address.run_name,
    )


def wake_runs(api: PrefectApi, address: StageAddress, needs_a_run: bool, idempotency_key: str) -> bool:
    """Have a run of the stage read the facts again; False while one is still on its way to its wait.

    A run that has not begun will read them anyway; a suspended one is resumed; when none lives and one
    should, it is created.
    """
    runs = [run for run in api.runs(tags=[stage_tag(address.stage_id)]) if run.is_alive]
    if not runs:
        if needs_a_run:
            start_run(api, address, idempotency_key)
        return True
    if any(run.state_type == "SCHEDULED" for run in runs):
        return True
    resumed = [api.resume(run.id) for run in runs if run.is_suspended]
    return any(resumed)


def _done(db: Database, nudge_ids: list[int], now: datetime) -> None:
    with db.write_statements() as connection:
        connection.execute(
            sa.update(NUDGE).where(NUDGE.c.id.in_(nudge_ids)).values(done_at=now, last_error=None)
        )


def _postpone(
    db: Database, nudge_ids: list[int], now: datetime, error: str | None, longest: timedelta
) -> None:
    """Try again soon while a run is on its way (no error); else with growing pauses, up to the longest."""
    with db.write_statements() as connection:
        rows = sa.select(NUDGE.c.id, NUDGE.c.attempts).where(NUDGE.c.id.in_(nudge_ids))
        for nudge_id, attempts in connection.execute(rows).all():
            pause = min(SOON * 2 ** min(attempts, 12), longest)
            later = sa.update(NUDGE).where(NUDGE.c.id == nudge_id)
            connection.execute(
                later.values(
                    attempts=attempts + 1,
                    next_try_at=now + pause,
                    last_error=(error or "")[:LONGEST_ERROR] or None,
                )
            )

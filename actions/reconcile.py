"""Make the database and Prefect agree, whatever happened; say what had to be repaired.

A healthy system has nothing for it to do. It repairs by creating what is missing: our facts are the truth,
a run is only what moves them along.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from actions.deliver_nudges import (
    SEND_NOTICES,
    StageAddress,
    deliver_nudges,
    stage_address,
    stage_tag,
    start_run,
)
from actions.prefect_api import ALIVE, FlowRun, PrefectApi, PrefectRefused
from models.database import Database
from models.notice import WAITING, Notice
from models.outbox import Nudge
from models.shared_project import ProjectStatus, SharedProject
from models.stage import AT_WORK, Stage

STUCK_AFTER = timedelta(minutes=2)
"""A stage's flow works for seconds, then waits: one that has worked this long has lost its process."""
LATE_AFTER = timedelta(seconds=30)
"""An outbox row this old was not delivered by the relay."""
MAIL_LATE_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing that was put right; ``text`` says it in French."""

    what: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class _AtWork:
    """A stage for which a run must live. ``is_pending``: the outbox still holds a word about it."""

    address: StageAddress
    fact_seq: int
    seen_seq: int
    is_pending: bool


def reconcile(
    db: Database, api: PrefectApi, *, now: datetime, stuck_after: timedelta = STUCK_AFTER
) -> list[Repair]:
    """Repair, and tell each repair. Commits what it writes.

    Outbox rows left behind, stages at work without a living run (never started, deleted, failed, crashed,
    cancelled by hand), runs stuck, waits that missed their wake-up or outlived their stage, mail that did not
    leave. A stage that changes while this looks is left to the next round. Raises
    ``PrefectUnreachable`` when Prefect does not answer: nothing can be repaired then, and nothing is lost.
    """
    repairs = _late_nudges(db, api, now)
    before, pending = _stages_at_work(db)
    living = _living_runs(api)
    after, _ = _stages_at_work(db)
    for stage_id, stage in after.items():
        if before.get(stage_id) == stage:
            repairs += _repair_or_tell(api, stage, living.pop(stage_id, []), now, stuck_after)
    over = {stage_id: runs for stage_id, runs in living.items() if not {stage_id} & (pending | after.keys())}
    return repairs + _end_waits(db, api, over) + _late_mail(db, api, now)


def _late_nudges(db: Database, api: PrefectApi, now: datetime) -> list[Repair]:
    with db.read() as session:
        waiting = select(Nudge.id).where(col(Nudge.done_at).is_(None), Nudge.created_at < now - LATE_AFTER)
        late = len(session.exec(waiting).all())
    if not late:
        return []
    api.deployments()  # raises while Prefect is away, before anything is said to be repaired
    delivered = deliver_nudges(db, api, now=now)
    if not delivered:
        return []
    return [Repair("nudges", "outbox", f"{delivered} message(s) en attente remis à Prefect")]


def _stages_at_work(db: Database) -> tuple[dict[int, _AtWork], set[int | None]]:
    """The stages for which a run must live, by number, and those that the outbox still speaks of."""
    with db.read() as session:
        pending = set(session.exec(select(Nudge.stage_id).where(col(Nudge.done_at).is_(None))))
        query = (
            select(Stage, SharedProject)
            .join(SharedProject)
            .where(
                col(Stage.status).in_(AT_WORK),
                col(SharedProject.status).in_((ProjectStatus.active, ProjectStatus.paused)),
            )
            .order_by(col(Stage.id))
        )
        return {
            stage.id or 0: _AtWork(
                stage_address(stage, project),
                stage.fact_seq,
                stage.seen_seq,
                stage.id in pending,
            )
            for stage, project in session.exec(query)
        }, pending


def _living_runs(api: PrefectApi) -> dict[int, list[FlowRun]]:
    """The runs that may still do something, by the number of their stage."""
    found: dict[int, list[FlowRun]] = {}
    for run in api.runs(states=ALIVE):
        for tag in run.tags:
            name, _, number = tag.partition(":")
            if stage_tag(0).startswith(f"{name}:") and number.isdecimal():
                found.setdefault(int(number), []).append(run)
    return found


def _repair_or_tell(
    api: PrefectApi, stage: _AtWork, alive: list[FlowRun], now: datetime, stuck_after: timedelta
) -> list[Repair]:
    """What Prefect refuses for one stage (a deployment that is missing…) does not stop the others' repair."""
    try:
        return _repair_stage(api, stage, alive, now, stuck_after)
    except PrefectRefused as refusal:
        name = stage.address.run_name
        return [Repair("refused", name, f"{name} n’a pas pu être relancée ({refusal}) : à réparer à la main")]


def _repair_stage(
    api: PrefectApi, stage: _AtWork, alive: list[FlowRun], now: datetime, stuck_after: timedelta
) -> list[Repair]:
    """A stage whose word is still in the outbox is the relay's affair, unless the relay waits for a stuck run."""
    name = stage.address.run_name
    stuck = [run for run in alive if _is_stuck(run, now, stuck_after)]
    for run in stuck:
        api.set_state(run.id, "CRASHED", message="sans nouvelles, remplacé par reconcile", force=True)
    if stage.is_pending and not stuck:
        return []
    if len(stuck) == len(alive):
        why = "était bloquée" if stuck else _why_none_lives(api, stage.address)
        start_run(api, stage.address, f"reconcile-{stage.address.stage_id}-{now.isoformat()}")
        return [Repair("run", name, f"l’exécution de {name} {why} : une autre est lancée")]
    if stage.fact_seq > stage.seen_seq and all(run.is_suspended for run in alive) and _resume(api, alive):
        return [Repair("wake", name, f"{name} attendait un fait déjà là : réveillée")]
    return []


def _why_none_lives(api: PrefectApi, address: StageAddress) -> str:
    runs = api.runs(tags=[stage_tag(address.stage_id)])
    if not runs:
        return "avait disparu"
    return "avait été annulée" if all(run.state_type == "CANCELLED" for run in runs) else "avait échoué"


def _resume(api: PrefectApi, runs: list[FlowRun]) -> bool:
    return sum(api.resume(run.id) for run in runs) > 0


def _end_waits(db: Database, api: PrefectApi, runs: dict[int, list[FlowRun]]) -> list[Repair]:
    """Wake the runs that still wait for a stage that is over (a doubled run, say): they find it so, and end."""
    with db.read() as session:
        known = set(session.exec(select(Stage.id).where(col(Stage.id).in_(runs))))
    waiting = [
        run
        for stage_id, found in sorted(runs.items())
        if stage_id in known
        for run in found
        if run.is_suspended
    ]
    return [
        Repair("end", run.name, f"{run.name} attendait encore alors que l’étape est finie : réveillée")
        for run in waiting
        if api.resume(run.id)
    ]


def _is_stuck(run: FlowRun, now: datetime, stuck_after: timedelta) -> bool:
    """Pending or running for far longer than a stage's flow ever works between two waits."""
    if run.state_type not in ("PENDING", "RUNNING", "CANCELLING") or run.state_timestamp is None:
        return False
    return now - run.state_timestamp > stuck_after


def _late_mail(db: Database, api: PrefectApi, now: datetime) -> list[Repair]:
    with db.read() as session:
        waiting = select(Notice.id).where(
            sa.text(WAITING),
            Notice.next_try_at < now - MAIL_LATE_AFTER,
        )
        late = len(session.exec(waiting).all())
    if not late:
        return []
    api.create_run(SEND_NOTICES, {}, idempotency_key=f"reconcile-mail-{now.isoformat()}", tags=["courrier"])
    return [Repair("mail", "courrier", f"{late} message(s) attendaient de partir : l’envoi est relancé")]

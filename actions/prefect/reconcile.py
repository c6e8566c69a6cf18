"""Make the database and Prefect agree, whatever happened; say what had to be repaired.

A healthy system has nothing for it to do. It repairs by creating what is missing: our facts are the truth,
a run is only what moves them along.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from actions.prefect.client import ALIVE, FlowRun, PrefectApi, PrefectRefused
from actions.prefect.correct_dates import correct_dates
from actions.prefect.deliver_nudges import SEND_NOTICES, deliver_nudges, stage_address, stage_tag
from actions.prefect.repair import Repair, end_lost_run, has_lost_its_process
from actions.prefect.repair_rounds import repair_rounds
from actions.prefect.repair_stage import REFUSED, StageAtWork, repair_or_report
from actions.stages.settle_revisions import settle_revisions
from actions.system.periodic_rounds import complete_round, give_up_round, take_round
from database.engine import Database
from models.notice import WAITING, Notice
from models.outbox import Nudge
from models.periodic_round import MOST_REPAIRS, RECONCILE, RoundRunner
from models.shared_project import BEFORE_FOLLOW_UP, SharedProject
from models.stage import AT_WORK, Stage
from models.stored_row import identity

STUCK_AFTER = timedelta(minutes=2)
"""A stage's flow works for seconds, then waits: one that has worked this long has lost its process."""
LATE_AFTER = timedelta(seconds=30)
"""An outbox row this old was not delivered by the relay."""
MAIL_LATE_AFTER = timedelta(minutes=2)


def reconcile_in_turn(
    db: Database, api: PrefectApi, by: RoundRunner, clock: Callable[[], datetime]
) -> list[Repair] | None:
    """Run ``reconcile`` and ``repair_rounds`` once, recorded as a periodic round; None while another process does.

    Before, what time alone brings is noted (``settle_revisions``), which is no repair. Commits. Raises
    ``PrefectUnreachable``, and gives the claim up for the next process.
    """
    token = take_round(db, RECONCILE, by, now=clock())
    if token is None:
        return None
    try:
        settle_revisions(db, now=clock())
        repairs = reconcile(db, api, now=clock()) + _repair_rounds_or_report(db, api, clock())
    except BaseException:
        give_up_round(db, RECONCILE, token)
        raise
    complete_round(db, RECONCILE, by, now=clock(), repairs=count_done(repairs), token=token)
    return repairs


def _repair_rounds_or_report(db: Database, api: PrefectApi, now: datetime) -> list[Repair]:
    try:
        return repair_rounds(db, api, now=now)
    except PrefectRefused as refusal:
        return [Repair(REFUSED, "rounds", f"tâches périodiques : {refusal}")]


def count_done(repairs: list[Repair]) -> int:
    """How many of them changed something."""
    return sum(each.what != REFUSED for each in repairs)


def reconcile(
    db: Database, api: PrefectApi, *, now: datetime, stuck_after: timedelta = STUCK_AFTER
) -> list[Repair]:
    """Repair, and tell each repair. Commits what it writes.

    Outbox rows left behind, stages at work without a living run (never started, deleted, failed, crashed,
    cancelled by hand), runs stuck, waits that missed their wake-up or outlived their stage, mail that did not
    leave, dates of a wrong clock. At most about ``MOST_REPAIRS``: the next pass goes on. A stage that changes
    while this looks is left to it too. Raises ``PrefectUnreachable`` when Prefect does not answer: nothing can
    be repaired then but the dates, and nothing is lost.
    """
    repairs = correct_dates(db, now=now) + _late_nudges(db, api, now)
    before, pending = _stages_at_work(db)
    living = _living_runs(api)
    after, _ = _stages_at_work(db)
    for stage_id, stage in after.items():
        runs = living.pop(stage_id, [])
        if before.get(stage_id) == stage and count_done(repairs) < MOST_REPAIRS:
            repairs += repair_or_report(api, stage, runs, now, stuck_after)
    repairs += _end_runs_of_others(db, api, living, pending, now, stuck_after)
    return repairs + _late_mail(db, api, now)


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


def _stages_at_work(db: Database) -> tuple[dict[int, StageAtWork], set[int | None]]:
    """The stages for which a run must live, by number, and those that the outbox still speaks of."""
    with db.read() as session:
        pending = set(session.exec(select(Nudge.stage_id).where(col(Nudge.done_at).is_(None))))
        query = (
            select(Stage, SharedProject)
            .join(SharedProject)
            .where(col(Stage.status).in_(AT_WORK), col(SharedProject.status).in_(BEFORE_FOLLOW_UP))
            .order_by(col(Stage.id))
        )
        return {
            identity(stage): StageAtWork(
                stage_address(stage, project), stage.fact_seq, stage.seen_seq, stage.id in pending
            )
            for stage, project in session.exec(query)
        }, pending


def _living_runs(api: PrefectApi) -> dict[int, list[FlowRun]]:
    """The runs that may still do something, by the number of their stage."""
    runs: dict[int, list[FlowRun]] = {}
    for run in api.runs(states=ALIVE):
        for tag in run.tags:
            name, _, number = tag.partition(":")
            if stage_tag(0).startswith(f"{name}:") and number.isdecimal():
                runs.setdefault(int(number), []).append(run)
    return runs


def _end_runs_of_others(
    db: Database,
    api: PrefectApi,
    living: dict[int, list[FlowRun]],
    pending: set[int | None],
    now: datetime,
    stuck_after: timedelta,
) -> list[Repair]:
    """End what still lives for stages that need no run: they are over, or this database does not know them.

    A run that has lost its process is put in state Crashed: the wake-up that waited for it has nobody to wait
    for. One that waits (a doubled run, say) is woken, finds its stage over, and ends; those of a stage that
    the outbox speaks of are the relay's affair.
    """
    repairs = []
    for run in [run for _, runs in sorted(living.items()) for run in runs]:
        if has_lost_its_process(run, now, stuck_after) and end_lost_run(api, run):
            repairs.append(
                Repair("dead", run.name, f"{run.name} se disait au travail sans l’être : terminée")
            )
    over = living.keys() - pending
    with db.read() as session:
        existing = set(session.exec(select(Stage.id).where(col(Stage.id).in_(over))))
    waiting = [run for each in sorted(over) if each in existing for run in living[each] if run.is_suspended]
    return repairs + [
        Repair("end", run.name, f"{run.name} attendait encore alors que l’étape est finie : réveillée")
        for run in waiting[:MOST_REPAIRS]
        if api.resume(run.id)
    ]


def _late_mail(db: Database, api: PrefectApi, now: datetime) -> list[Repair]:
    with db.read() as session:
        waiting = select(Notice.id).where(sa.text(WAITING), Notice.next_try_at < now - MAIL_LATE_AFTER)
        late = len(session.exec(waiting).all())
    if not late:
        return []
    api.create_run(SEND_NOTICES, {}, idempotency_key=f"reconcile-mail-{now.isoformat()}", tags=["courrier"])
    return [Repair("mail", "courrier", f"{late} message(s) attendaient de partir : l’envoi est relancé")]

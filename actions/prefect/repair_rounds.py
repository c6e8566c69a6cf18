"""Have the periodic rounds come back whatever happened to Prefect: end their dead runs, start what is overdue."""

from datetime import datetime, timedelta

from actions.prefect.client import ALIVE, FlowRun, PrefectApi
from actions.prefect.deliver_nudges import MAIL_TAG, SEND_NOTICES
from actions.prefect.repair import Repair, end_lost_run, has_lost_its_process
from database.engine import Database
from models.periodic_round import DELIVER_NOTICES, RECONCILE, REMIND, RHYTHMS, Rhythm, overdue
from queries.system.rounds import read_rounds

PERIODIC_TAG = "périodique"
PENDING_AFTER = timedelta(minutes=2)
"""A run stays pending for a second, while its process starts: after this long, it has lost its process."""
FORGOTTEN_AFTER = timedelta(hours=1)
"""A scheduled round that no worker took for this long is cancelled: the next ones do its work."""
DEPLOYMENTS = {RECONCILE: "reconcile/reconcile", REMIND: "remind/remind", DELIVER_NOTICES: SEND_NOTICES}
TAGS = {DELIVER_NOTICES: [MAIL_TAG]}


def repair_rounds(db: Database, api: PrefectApi, *, now: datetime) -> list[Repair]:
    """End the dead periodic runs, and start the overdue rounds except ``reconcile``, which calls this.

    Writes nothing in the database. Raises ``PrefectUnreachable``. Several processes may call it at the same time.
    """
    round_of = {deployment: name for name, deployment in DEPLOYMENTS.items()}
    names = {number: round_of[each] for each, number in api.deployments().items() if each in round_of}
    repairs = []
    for name, runs in _runs_by_name(api, names).items():
        if ended := _end_dead(api, RHYTHMS[name], runs, now):
            text = f"{ended} exécution(s) de « {name} » sans vie ou périmées : terminées"
            repairs.append(Repair("dead", name, text))
    for name in overdue(read_rounds(db), now):
        if name != RECONCILE and name in names.values() and _start(api, name, now):
            repairs.append(Repair("round", name, f"« {name} » n’avait pas eu lieu à l’heure : lancé"))
    return repairs


def _runs_by_name(api: PrefectApi, names: dict[str, str]) -> dict[str, list[FlowRun]]:
    runs: dict[str, list[FlowRun]] = {}
    for run in api.runs(tags=[PERIODIC_TAG], states=ALIVE):
        if run.deployment_id in names:
            runs.setdefault(names[run.deployment_id], []).append(run)
    return runs


def _end_dead(api: PrefectApi, rhythm: Rhythm, runs: list[FlowRun], now: datetime) -> int:
    ended = 0
    for run in runs:
        longest = PENDING_AFTER if run.state_type == "PENDING" else rhythm.longest
        if has_lost_its_process(run, now, longest):
            ended += end_lost_run(api, run)
    waiting = [(run, starts_at) for run in runs if (starts_at := _scheduled_for(run)) is not None]
    for run, starts_at in waiting:
        if starts_at < now - FORGOTTEN_AFTER:
            ended += api.cancel(
                run.id, message="personne ne l’a prise à temps : les suivantes font son travail"
            )
    return ended + _delete_misplaced(api, rhythm, waiting, now)


def _scheduled_for(run: FlowRun) -> datetime | None:
    return (run.next_start_time or run.expected_start_time) if run.state_type == "SCHEDULED" else None


def _delete_misplaced(
    api: PrefectApi, rhythm: Rhythm, waiting: list[tuple[FlowRun, datetime]], now: datetime
) -> int:
    """Delete the rounds that a wrong clock scheduled too late: as long as they are there, Prefect does not schedule
    the right ones."""
    coming = [(run, starts_at) for run, starts_at in waiting if starts_at >= now - FORGOTTEN_AFTER]
    if not coming or min(starts_at for _, starts_at in coming) <= rhythm.next_start(now) + rhythm.slack:
        return 0
    return sum(api.delete(run.id) for run, _ in coming)


def _start(api: PrefectApi, name: str, now: datetime) -> bool:
    """Start an overdue round, once for each time that it was due; False when it was started already."""
    due_at = RHYTHMS[name].due(now) or now
    key = f"overdue-{name}-{due_at.isoformat()}"
    run = api.create_run(DEPLOYMENTS[name], {}, idempotency_key=key, tags=TAGS.get(name, ()))
    return run.state_type == "SCHEDULED"

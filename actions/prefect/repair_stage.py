"""Give a stage at work the run it needs: one that lives, has not lost its process, and knows the newest fact."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.prefect.client import ALIVE, FlowRun, PrefectApi, PrefectRefused
from actions.prefect.deliver_nudges import StageAddress, stage_tag, start_run
from actions.prefect.repair import Repair, end_lost_run, has_lost_its_process, is_scheduled_too_late

REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class StageAtWork:
    """A stage for which a run must live. ``is_pending``: the outbox still has a row about it."""

    address: StageAddress
    fact_seq: int
    seen_seq: int
    is_pending: bool


def repair_or_report(
    api: PrefectApi, stage: StageAtWork, alive: list[FlowRun], now: datetime, stuck_after: timedelta
) -> list[Repair]:
    """Repair one stage; report what Prefect refuses (a missing deployment…), so that the others are still repaired."""
    try:
        return _repair(api, stage, alive, now, stuck_after)
    except PrefectRefused as refusal:
        name = stage.address.run_name
        return [Repair(REFUSED, name, f"{name} n’a pas pu être relancée ({refusal}) : à réparer à la main")]


def _repair(
    api: PrefectApi, stage: StageAtWork, alive: list[FlowRun], now: datetime, stuck_after: timedelta
) -> list[Repair]:
    """Leave a stage with rows in the outbox to the relay, unless the relay waits for a stuck run."""
    name = stage.address.run_name
    stuck = [run for run in alive if has_lost_its_process(run, now, stuck_after)]
    for run in stuck:
        end_lost_run(api, run)
    far = [run for run in alive if is_scheduled_too_late(run, now, stuck_after) and api.restart(run.id)]
    if far:
        return [
            Repair("late", name, f"{name} devait reprendre bien plus tard (horloge en avance) : relancée")
        ]
    if stage.is_pending and not stuck:
        return []
    if len(stuck) == len(alive):
        return _replace(api, stage.address, {run.id for run in stuck})
    waits = all(run.is_suspended for run in alive)
    if stage.fact_seq > stage.seen_seq and waits and sum(api.resume(run.id) for run in alive):
        return [Repair("wake", name, f"{name} attendait un fait déjà là : réveillée")]
    return []


def _replace(api: PrefectApi, address: StageAddress, stuck: set[str]) -> list[Repair]:
    """Start a run in place of those that died; processes that do it at the same time create one run.

    Another may have started it since the living ones were read: it is then among the runs, and nothing is left to do.
    """
    runs = api.runs(tags=[stage_tag(address.stage_id)])
    if any(run.state_type in ALIVE and run.id not in stuck for run in runs):
        return []
    last = (
        max(runs, key=lambda run: (run.state_timestamp is not None, run.state_timestamp, run.id))
        if runs
        else None
    )
    start_run(api, address, f"reconcile-{address.stage_id}-after-{last.id if last else 'none'}")
    why = "était bloquée" if stuck else _why_none_lives(runs)
    text = f"l’exécution de {address.run_name} {why} : une autre est lancée"
    return [Repair("run", address.run_name, text)]


def _why_none_lives(runs: list[FlowRun]) -> str:
    if not runs:
        return "avait disparu"
    return "avait été annulée" if all(run.state_type == "CANCELLED" for run in runs) else "avait échoué"

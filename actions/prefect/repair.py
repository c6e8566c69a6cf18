"""One thing that was put right, and which runs of Prefect can be counted as lost."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.prefect.client import FlowRun, PrefectApi

IN_WORK = ("PENDING", "RUNNING", "CANCELLING")


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing that was put right; ``text`` says it in French."""

    what: str
    subject: str
    text: str


def has_lost_its_process(run: FlowRun, now: datetime, longest: timedelta) -> bool:
    """Whether the run is in a state of work for longer than it ever works (or since a time yet to come, which
    a clock that was wrong has written)."""
    if run.state_type not in IN_WORK or run.state_timestamp is None:
        return False
    return abs(now - run.state_timestamp) > longest


def is_scheduled_too_late(run: FlowRun, now: datetime, longest: timedelta) -> bool:
    """Whether a run that was to start at once waits for a time far away, which a wrong clock has written."""
    return (
        run.state_type == "SCHEDULED"
        and run.next_start_time is not None
        and run.next_start_time > now + longest
    )


def end_lost_run(api: PrefectApi, run: FlowRun) -> bool:
    """Put a run whose process is lost in state Crashed: whatever waited for it, or for its place, goes on."""
    return api.set_state(run.id, "CRASHED", message="sans nouvelles, remplacé par reconcile", force=True)

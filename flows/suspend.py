"""End the process of a run until somebody resumes it, saying what is awaited."""

from typing import Any
from uuid import UUID, uuid4

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import Abort, Pause
from prefect.runtime import flow_run
from prefect.states import Suspended
from prefect.utilities.engine import propose_state


class NotSuspended(Exception):
    """Prefect declines that this run waits."""


async def suspend(message: str) -> None:
    """Suspend the run at work, without a time-out; it starts again from the top when it is resumed.

    As `prefect.flow_runs.suspend_flow_run`, whose state carries no message. Never returns.
    """
    # Prefect passes at once over a key it has seen in this run, so each wait has one of its own.
    wanted: State[Any] = Suspended(message=message, pause_key=f"attente-{uuid4()}")
    async with get_client() as client:
        try:
            state = await propose_state(client, wanted, flow_run_id=UUID(flow_run.id))
        except Abort as refusal:
            raise NotSuspended(str(refusal)) from refusal
    if not state.is_paused():
        raise NotSuspended(f"Prefect répond {state}")
    raise Pause(state=state)

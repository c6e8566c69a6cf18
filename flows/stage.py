"""The small vocabulary that the stage flows share: open, collect, wait, be signed off, close.

A flow run decides nothing. Each step is an action on the domain database that finds its work done when it
comes back; each wait asks the database a question and, if the answer is no, suspends the run: no process,
no thread. A resumed run starts from the top and passes through what is done. So a run may be lost, doubled
or deleted, and the code replaced while a stage waits for months, with no harm.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from prefect import Flow, flow
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Cancelled

from actions.ledger.wake import mark_seen
from actions.stages.ask import ask_for_deliverable, start_review
from actions.stages.close_stage import AtTheEnd, close_stage
from actions.stages.open_stage import open_stage
from database.engine import Database
from flows.suspend import suspend
from flows.tell_prefect import tag_run, tell_stage
from models.shared_project import ProjectNotActive, ProjectStatus
from models.stage import IS_OVER
from models.stage_needs import StageSnapshot
from queries.stages.prefect_view import stage_artifact
from queries.stages.snapshot import load_stage
from settings import settings

Question = Callable[[StageSnapshot], bool]

SECONDS_TO_CLOSE_THE_ONE_BEFORE = 3
"""The ANCT may ask for a stage while the run of the one before is closing it: a moment's patience spares a
suspension and its wake-up."""


class StageEnded(Exception):
    """The project was cancelled: there is nothing left to wait for."""


class WrongFlow(Exception):
    """The flow of one stage was started for another."""


class StageRun:
    """One look of a flow run at its stage, from the top to the first thing that is still awaited."""

    def __init__(self, stage_id: int) -> None:
        self.stage_id = stage_id
        self.db = Database(settings().domain_url)

    async def open(self) -> None:
        """Open the stage that the ANCT asked for, once the one before is closed.

        Raises ``NoRecordedRequest``: a run that nobody asked for opens nothing.
        """

        def is_open(_stage: StageSnapshot) -> bool:
            return open_stage(self.db, self.stage_id, now=_now())

        await self.until(is_open, patience=SECONDS_TO_CLOSE_THE_ONE_BEFORE)

    async def collect(self, *keys: str) -> None:
        """Ask for these deliverables and wait until each is in, from every city for its own."""
        for key in keys:
            await self.do(ask_for_deliverable, key)
        await self.until(lambda stage: stage.has_received(*keys))

    async def until_signed_off(self) -> None:
        """Invite the cities to sign off, and wait until each has. A refusal goes back one step by itself:
        the new version of the deliverable opens its review again."""
        await self.do(start_review)
        await self.until(lambda stage: stage.status in IS_OVER)

    async def close(
        self,
        at_the_end: AtTheEnd | None = None,
        reads_first: Callable[[Database, int], AtTheEnd] | None = None,
    ) -> None:
        """Close the stage with the consequences of its end, in one transaction; wait while something is missing.

        ``reads_first`` gives ``at_the_end``, with what it has to read before anything is locked.
        """

        def is_closed(_stage: StageSnapshot) -> bool:
            end = reads_first(self.db, self.stage_id) if reads_first else at_the_end
            return close_stage(self.db, self.stage_id, now=_now(), at_the_end=end)

        await self.until(is_closed)

    async def do(self, step: Callable[..., Any], *arguments: Any) -> None:
        """One step, ``step(db, stage_id, *arguments, now=…)``, which a paused project puts off."""

        def is_done(_stage: StageSnapshot) -> bool:
            step(self.db, self.stage_id, *arguments, now=_now())
            return True

        await self.until(is_done)

    async def until(self, holds: Question, patience: float = 0) -> None:
        """Go on if the answer is yes; else, after ``patience`` seconds, suspend the run until a fact wakes it.

        What has been seen is noted before the question is asked: a fact that comes in between makes its own
        wake-up, which waits for the run to be suspended.
        """
        suspends_at = time.monotonic() + patience
        while not self._answer(holds):
            if self.snapshot.project_status is ProjectStatus.active and time.monotonic() < suspends_at:
                await asyncio.sleep(0.1)
            else:
                await self._suspend()

    def _answer(self, holds: Question) -> bool:
        self.snapshot = load_stage(self.db, self.stage_id, _now())
        if self.snapshot.project_status is ProjectStatus.cancelled:
            raise StageEnded
        try:
            return holds(self.snapshot)
        except ProjectNotActive as refusal:
            get_run_logger().info(str(refusal))
            return False

    async def _suspend(self) -> None:
        """End this process until somebody resumes the run, which then starts from the top."""
        mark_seen(self.db, self.stage_id, self.snapshot.fact_seq)
        await self.publish_status()
        await suspend(self.shown.waits_for)

    async def publish_status(self) -> None:
        """Show in Prefect's own pages what is done, and what is awaited of whom."""
        self.shown = stage_artifact(self.db, self.stage_id, at=_now())
        await tell_stage(self.db, self.stage_id, self.shown, settings().public_url)


Body = Callable[[StageRun], Awaitable[None]]


def stage_flow(body: Body) -> Flow[[int], Any]:
    """Make a Prefect flow, with one parameter ``stage_id``, of a body that says what the stage is for."""

    async def run(stage_id: int) -> State[None] | None:
        stage = StageRun(stage_id)
        try:
            _check_stage(stage, body.__name__)
            await tag_run(stage.db, stage_id)
            await body(stage)
            await stage.publish_status()
        except StageEnded:
            return Cancelled(message="Le projet a été annulé.")
        finally:
            stage.db.close()
        return None

    run.__name__, run.__doc__, run.__module__ = body.__name__, body.__doc__, body.__module__
    return flow(name=body.__name__, persist_result=False, validate_parameters=True)(run)


def _check_stage(stage: StageRun, key: str) -> None:
    try:
        snapshot = load_stage(stage.db, stage.stage_id, _now())
    except KeyError:
        raise WrongFlow(f"L’étape {stage.stage_id} n’existe pas : rien n’est ouvert.") from None
    if snapshot.key != key:
        raise WrongFlow(
            f"L’étape {stage.stage_id} est « {snapshot.key} » : son flux est « {snapshot.key} », pas « {key} »."
        )


def _now() -> datetime:
    return datetime.now(UTC)

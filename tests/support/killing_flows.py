"""The product's stage flows, made to die, fail or dawdle at a given step of theirs: a tag on the run says which.

A step is one question the flow asks of the database (`StageRun.until`), counted from 1. The places are
« before-N » and « after-N » a step, « untold-N » and « told-N »: just before and after the word that a run
leaves in Prefect when it is about to suspend, or ends. ``mortal:after-3`` kills the process (SIGKILL),
``failing:…`` raises, ``slow:…`` sleeps. Without such a tag, it is the product.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import prefect.runtime.flow_run
from prefect import Flow, flow
from trial_flows import open_websockets

import flows.constitution
import flows.stage
import flows.territorial_diagnosis
from settings import settings

SECONDS_TO_DAWDLE = 3
StageRun = flows.stage.StageRun


def mark(folder: Path, stage_id: int) -> Path:
    """The file that appears when the run of this stage gets where its tag says."""
    return folder / f"doomed-{stage_id}"


async def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _fail() -> None:
    raise RuntimeError("panne d’essai")


async def _dawdle() -> None:
    await asyncio.sleep(SECONDS_TO_DAWDLE)


ACTS: dict[str, Callable[[], Awaitable[None]]] = {"mortal": _die, "failing": _fail, "slow": _dawdle}


class DoomedRun(StageRun):
    """A run that comes to grief where its tag says, the first time it gets there."""

    def __init__(self, stage_id: int) -> None:
        super().__init__(stage_id)
        self.stage_id, self.step = stage_id, 0
        tags = (tag.partition(":") for tag in prefect.runtime.flow_run.tags)
        self.doom = {place: ACTS[name] for name, _, place in tags if name in ACTS}

    async def until(self, holds: flows.stage.Question, patience: float = 0) -> None:
        self.step += 1
        await self._pass("before")
        await super().until(holds, patience)
        await self._pass("after")

    async def publish_status(self) -> None:
        await self._pass("untold")
        await super().publish_status()
        assert open_websockets() == 0
        await self._pass("told")

    async def _pass(self, where: str) -> None:
        act = self.doom.pop(f"{where}-{self.step}", None)
        if act is not None:
            mark(settings().data_dir, self.stage_id).touch()
            await act()


def _doomed(product: Flow[[int], Any]) -> Flow[[int], Any]:
    @flow(name=product.name, persist_result=False)
    async def run(stage_id: int) -> object:
        flows.stage.StageRun = DoomedRun  # type: ignore[misc] # in this run's own process only
        return await product.fn(stage_id)

    return run


constitution = _doomed(flows.constitution.constitution)
territorial_diagnosis = _doomed(flows.territorial_diagnosis.territorial_diagnosis)

"""Tiny flows for the tests of the worker; each writes a line in the file ``TRIAL_OUT`` when its code
runs: the time, its process, what it is, the parent of its process.
"""

import asyncio
import gc
import os
import signal
import time
from pathlib import Path

from prefect import flow
from prefect.flow_runs import suspend_flow_run
from websockets.asyncio.client import ClientConnection

DEPLOYMENTS = ("waiting", "killed", "failing", "leaving", "long", "held")


def declare(file: Path) -> Path:
    """Write the deployments of these flows, in the form of ``prefect.yaml``."""
    pool = "work_pool: {name: projet-partage}"
    lines = [f"  - {{name: {name}, entrypoint: trial_flows.{name}, {pool}}}" for name in DEPLOYMENTS]
    upkeep = "work_pool: {name: projet-partage, work_queue_name: entretien}"
    lines.append(f"  - {{name: upkeep, entrypoint: trial_flows.upkeep, {upkeep}}}")
    file.write_text("\n".join(["name: trial", "pull: []", "deployments:", *lines, ""]), encoding="utf-8")
    return file


def open_websockets() -> int:
    """How many websockets this process holds."""
    return sum(isinstance(each, ClientConnection) and each.close_code is None for each in gc.get_objects())


def _say(what: str) -> None:
    if "TRIAL_OUT" not in os.environ:  # a system of `up`, whose processes get no variable but ours
        return
    with Path(os.environ["TRIAL_OUT"]).open("a", encoding="utf-8") as out:
        out.write(f"{time.time()} {os.getpid()} {what} {os.getppid()}\n")


@flow
async def waiting(stage_id: int) -> None:
    _say(f"waiting {stage_id}")
    await suspend_flow_run(timeout=None, key=str(time.time_ns()))


@flow
async def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@flow
async def failing() -> None:
    raise ValueError("non")


@flow
async def leaving() -> None:
    os._exit(3)


@flow
async def long() -> None:
    _say("long")
    await asyncio.sleep(120)


@flow
async def held(gate: str) -> None:
    """At work until the file ``gate`` is gone."""
    while Path(gate).exists():
        await asyncio.sleep(0.1)
    _say(f"held {open_websockets()}")


@flow
async def upkeep() -> None:
    _say("upkeep")

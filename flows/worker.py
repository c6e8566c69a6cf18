"""The worker that starts flow runs at once: each in a new process, forked from one that is fully loaded.

Prefect's own process worker starts one Python per run, and pays 3 s of imports before the first line of a flow.
Ours keeps a `multiprocessing` *fork server* where prefect, flows and models are loaded (`flows.preload`).

Start it with ``prefect worker start --type projet-partage --pool projet-partage``, never with ``--limit``: a
run resumed within a second or two comes back while its first process is ending, and a worker with a limit
dies of it (Prefect 3.8). Limits belong to the deployment or the work pool.
"""

import multiprocessing
from functools import partial
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import anyio
import anyio.abc
import anyio.to_thread
from prefect.client.schemas.objects import Flow as ServerFlow
from prefect.client.schemas.objects import FlowRun, WorkPool
from prefect.client.schemas.responses import DeploymentResponse
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult
from pydantic import PrivateAttr

import settings
from flows.declared import Declared
from flows.run_process import execute

WORK_POOL = "projet-partage"
PRODUCT = Path(settings.__file__).with_name("prefect.yaml")
SECONDS_TO_STOP = 5

_forked = multiprocessing.get_context("forkserver")


def load_fork_server() -> None:
    """Start, without waiting for it, the process that loads everything; nothing when it runs already."""
    _forked.set_forkserver_preload(["flows.preload"])
    forkserver.ensure_running()


class OwnJob(BaseJobConfiguration):
    """What one run is started with: nothing of what the work pool or the job's variables ask for."""

    _deployment: DeploymentResponse | None = PrivateAttr(default=None)
    _flow: ServerFlow | None = PrivateAttr(default=None)

    @classmethod
    async def from_template_and_values(cls, *_: Any, **__: Any) -> Self:
        """An empty configuration, whatever the server's template says."""
        return cls()

    def prepare_for_flow_run(
        self,
        flow_run: FlowRun,
        deployment: DeploymentResponse | None = None,
        flow: ServerFlow | None = None,
        work_pool: WorkPool | None = None,
        worker_name: str | None = None,
        worker_id: UUID | None = None,
    ) -> None:
        """As the base class; keeps what the server says of the deployment, to be checked."""
        super().prepare_for_flow_run(flow_run, deployment, flow, work_pool, worker_name, worker_id)
        self._deployment, self._flow = deployment, flow

    def entrypoint(self, declared: Declared, flow_run: FlowRun) -> str:
        """What our file says that this run executes. Raises `UndeclaredRun`."""
        return declared.entrypoint(flow_run, self._flow, self._deployment)


class PreloadedWorkerResult(BaseWorkerResult):
    """How the process of a flow run ended."""


class PreloadedWorker(BaseWorker[OwnJob, BaseVariables, PreloadedWorkerResult]):
    """Runs each flow run in a process forked from a preloaded one.

    A process that ends by itself with a code other than 0, or is killed, makes its run *Crashed* (the base
    class sees to it); so is a run of anything but the deployments of ``declared``, our ``prefect.yaml`` by default,
    of which nothing is executed. When the worker is asked to stop, the runs at work get SIGTERM, which Prefect's
    engine turns into *Crashed*; when it is killed, they notice it and do the same. ``reconcile`` starts them again.
    """

    type = WORK_POOL
    job_configuration = OwnJob
    job_configuration_variables = BaseVariables
    _display_name = "Projet partagé"
    _description = "Chaque exécution démarre à partir d’un processus déjà chargé, en une fraction de seconde."

    def __init__(self, *arguments: Any, declared: Path = PRODUCT, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.declared = Declared(declared)

    async def setup(self) -> None:
        """Start loading the fork server while the worker meets the Prefect server."""
        load_fork_server()
        # `start` and `join` share the table of children of `multiprocessing`, made for one thread.
        self._one_at_a_time = anyio.CapacityLimiter(1)
        await super().setup()

    async def run(
        self,
        flow_run: FlowRun,
        configuration: OwnJob,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> PreloadedWorkerResult:
        """Run the flow run to the end of its process (a suspension ends it too, with code 0).

        Raises `UndeclaredRun` before anything is started, which makes the run *Crashed*, with the sentence.
        """
        entrypoint = configuration.entrypoint(self.declared, flow_run)
        process = _forked.Process(
            target=execute,
            args=(str(flow_run.id), entrypoint, configuration.env),
            name=flow_run.name,
            daemon=True,
        )
        with anyio.CancelScope(shield=True):
            await self._in_thread(process.start)
        pid = process.pid or 0
        if task_status is not None:
            task_status.started(pid)
        try:
            await anyio.wait_readable(process.sentinel)
        finally:
            with anyio.CancelScope(shield=True):
                await self._stop(process)
        return PreloadedWorkerResult(status_code=process.exitcode or 0, identifier=str(pid))

    async def _stop(self, process: ForkServerProcess) -> None:
        """End what is left of a process, gently then not, and read how it ended."""
        for kill in (process.terminate, process.kill):
            if await self._is_over(process):
                return
            kill()
            with anyio.move_on_after(SECONDS_TO_STOP):
                await anyio.wait_readable(process.sentinel)
        await self._in_thread(process.join)

    async def _is_over(self, process: ForkServerProcess) -> bool:
        await self._in_thread(partial(process.join, 0))
        return process.exitcode is not None

    async def _in_thread(self, call: Any) -> None:
        await anyio.to_thread.run_sync(call, limiter=self._one_at_a_time)

"""Tell the Prefect server which deployments exist, as ``prefect.yaml`` says; nothing when it knows already.

`prefect deploy --all` does the same more slowly, and leaves on the server what the file no longer has. The
version of a deployment is a fingerprint of the file and of the flows: the server remembers it for us.
"""

import hashlib
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import prefect
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import WorkPoolFilter, WorkPoolFilterName
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyOptions
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.client.schemas.sorting import DeploymentSort
from prefect.utilities.callables import parameter_schema

from flows.declared import declared_rows, load_flow
from flows.work_pool import limit_runs
from flows.worker import WORK_POOL
from settings import settings


async def deploy(client: PrefectClient, file: Path) -> list[str]:
    """Make the server's deployments those of ``file``; return the names declared, none when all was there.

    Deployments of our work pool that the file no longer has are deleted, with their schedules. The limits of the
    work pool are put each time, whoever changed them.
    """
    await limit_runs(client, settings().runs_at_once)
    declared = declared_rows(file)
    version = _fingerprint(file, declared)
    deployments = await _deployments(client)
    if _what_each_runs(deployments) == sorted((row["name"], version, row["entrypoint"]) for row in declared):
        return []
    ours = {await _declare(client, row, version) for row in declared}
    for deployment in deployments:
        if deployment.id not in ours:
            await client.delete_deployment(deployment.id)
    return sorted(row["name"] for row in declared)


def _what_each_runs(deployments: list[DeploymentResponse]) -> list[tuple[str, ...]]:
    """Name, version and entrypoint of each deployment, then what ours never have, whoever gave it to them."""
    return sorted(
        (each.name, each.version or "", each.entrypoint or "")
        + (("pull_steps",) if each.pull_steps else ())
        + (("job_variables",) if each.job_variables else ())
        for each in deployments
    )


def _fingerprint(file: Path, declared: list[dict[str, Any]]) -> str:
    digest = hashlib.sha256(prefect.__version__.encode())
    digest.update(file.read_bytes())
    for module in sorted({row["entrypoint"].rpartition(".")[0] for row in declared}):
        digest.update(Path(str(import_module(module).__file__)).read_bytes())
    return digest.hexdigest()[:16]


async def _deployments(client: PrefectClient) -> list[DeploymentResponse]:
    ours = WorkPoolFilter(name=WorkPoolFilterName(any_=[WORK_POOL]))
    return await client.read_deployments(work_pool_filter=ours, limit=200, sort=DeploymentSort.NAME_ASC)


async def _declare(client: PrefectClient, row: dict[str, Any], version: str) -> UUID:
    flow = load_flow(row["entrypoint"])
    limit = (
        ConcurrencyLimitConfig.model_validate(row["concurrency_limit"])
        if "concurrency_limit" in row
        else None
    )
    return await client.create_deployment(
        flow_id=await client.create_flow(flow),
        name=row["name"],
        version=version,
        entrypoint=row["entrypoint"],
        description=flow.description,
        tags=row.get("tags", []),
        work_pool_name=row["work_pool"]["name"],
        work_queue_name=row["work_pool"].get("work_queue_name"),
        schedules=[_schedule(schedule) for schedule in row.get("schedules", [])],
        parameter_openapi_schema=parameter_schema(flow).model_dump_for_openapi(),
        enforce_parameter_schema=row.get("enforce_parameter_schema", True),
        concurrency_limit=limit.limit if limit else None,
        concurrency_options=ConcurrencyOptions(collision_strategy=limit.collision_strategy)
        if limit
        else None,
        pull_steps=[],
        job_variables={},
    )


def _schedule(row: dict[str, Any]) -> DeploymentScheduleCreate:
    schedule = CronSchedule(cron=row["cron"], timezone=row["timezone"])
    return DeploymentScheduleCreate(schedule=schedule, active=row["active"])

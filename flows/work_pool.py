"""How many flow runs work at once: limits that the Prefect server keeps, on our work pool and on its queues.

Prefect counts the runs that are *Pending* or *Running* in its database each time a worker asks for work: a slot is
no lease, and what a killed process held is free as soon as its run is told dead. A resumed run counts as any other.

Stages wait in the pool's first queue, whatever they were started by. The periodic flows have queues that are served
before it, and three places that no stage ever takes: five hundred wake-ups, or stages whose processes are all dead,
leave room for the mails and for what repairs.
"""

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectNotFound

from flows.worker import WORK_POOL, PreloadedWorker

STAGES, MAILS, UPKEEP = "default", "courrier", "entretien"
MAILS_AT_ONCE = 2
KEPT_FREE = MAILS_AT_ONCE + 1
"""The places that stages never take: the mails', and one for upkeep."""


async def limit_runs(client: PrefectClient, at_once: int) -> None:
    """Create our work pool and its queues where they are missing, and put their limits; nothing when all is so.

    ``at_once`` is how many runs may work together in the whole pool; at least ``KEPT_FREE`` + 1.
    """
    await _limit_pool(client, at_once)
    queues = {queue.name: queue for queue in await client.read_work_queues(WORK_POOL)}
    limits = {MAILS: MAILS_AT_ONCE, UPKEEP: None, STAGES: at_once - KEPT_FREE}
    for name, limit in limits.items():
        queue = queues.get(name)
        if queue is None:  # created at the head of the queues: upkeep, the last, is served first
            await client.create_work_queue(
                name, concurrency_limit=limit, priority=1, work_pool_name=WORK_POOL
            )
        elif queue.concurrency_limit != limit:
            await client.update_work_queue(queue.id, concurrency_limit=limit)


async def _limit_pool(client: PrefectClient, at_once: int) -> None:
    try:
        pool = await client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        template = PreloadedWorker.get_default_base_job_template()
        await client.create_work_pool(
            WorkPoolCreate(
                name=WORK_POOL,
                type=PreloadedWorker.type,
                base_job_template=template,
                concurrency_limit=at_once,
            )
        )
        return
    if pool.concurrency_limit != at_once:
        await client.update_work_pool(WORK_POOL, WorkPoolUpdate(concurrency_limit=at_once))

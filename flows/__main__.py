"""``python -m flows [PREFECT.YAML] [READY_FILE]``: what carries the flows along, in one process.

Waits for the Prefect server (`settings`), declares the deployments that changed, then works. The
ready file appears when runs can start; its text says how many deployments were declared.
"""

import asyncio
import logging
import signal
import sys
from contextlib import closing
from pathlib import Path

import httpx
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException

import settings
from actions.system.join_system import join_when_possible
from database.engine import Database
from flows.deploy import deploy
from flows.prefect_settings import use_settings
from flows.worker import PRODUCT, WORK_POOL, PreloadedWorker, load_fork_server
from flows.worker_name import worker_name
from models.refusal import Refusal

SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_BETWEEN_DECLARATIONS = 15
logger = logging.getLogger("prefect.flows")


def join(chosen: settings.Settings) -> None:
    """End here, in one sentence, when this process does not share what the system's others do."""
    try:
        with closing(Database(chosen.domain_url)) as db:
            join_when_possible(db, chosen.secret(), chosen.files_dir)
    except Refusal as refusal:
        sys.exit(str(refusal))


async def main(file: Path, ready: Path | None) -> None:
    """Work until SIGTERM or SIGINT."""
    load_fork_server()
    working = asyncio.current_task()
    assert working is not None  # noqa: S101 - for the type checker
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    async with get_client() as client:
        while await client.api_healthcheck() is not None:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        declared = await deploy(client, file)

    def say_ready(_: object) -> None:
        if ready is not None:
            ready.write_text(f"{len(declared)}\n")

    with worker_name(settings.settings()) as name:
        worker = PreloadedWorker(work_pool_name=WORK_POOL, name=name, declared=file)
        keeping = asyncio.create_task(keep_declared(file))
        try:
            await worker.start(printer=say_ready)
        finally:
            keeping.cancel()


async def keep_declared(file: Path) -> None:
    """Declare them again to a server that has lost its database: the relay and the schedules ask for them by name."""
    async with get_client() as client:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_DECLARATIONS)
            try:
                declared = await deploy(client, file)
            except (httpx.HTTPError, PrefectException) as error:
                logger.info("les déploiements ne peuvent pas être vérifiés (%s)", type(error).__name__)
                continue
            if declared:
                logger.warning(
                    "déclarés à nouveau au serveur, qui ne les avait plus : %s", ", ".join(declared)
                )


if __name__ == "__main__":
    chosen = settings.settings()
    use_settings(chosen)
    join(chosen)
    arguments = [Path(argument) for argument in sys.argv[1:]]
    try:
        asyncio.run(
            main(
                arguments[0] if arguments else PRODUCT,
                arguments[1] if len(arguments) > 1 else None,
            )
        )
    except asyncio.CancelledError:
        sys.exit(0)

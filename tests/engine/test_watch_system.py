"""The whole system, killed and left without its engine: the watch says so, and the rounds go on by themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from prefect_system import PrefectSystem, free_port, wait_until

from commands.child import Child
from commands.processes import children
from database.engine import Database
from database.upgrade import upgrade_database
from models.periodic_round import RECONCILE, REMIND, RoundRunner
from models.tables import PERIODIC_ROUND
from queries.system.rounds import read_rounds
from settings import Settings

pytestmark = [pytest.mark.prefect, pytest.mark.trials, pytest.mark.timeout(900)]
MINUTES = 300


@contextmanager
def whole(folder: Path) -> Iterator[tuple[PrefectSystem, dict[str, Child], Database]]:
    """Every process of `up`, each its own."""
    names = ("prefect_port", "web_port", "mail_port", "mail_page_port")
    ports = {name: free_port() for name in names}
    settings = Settings(_env_file=None, data_dir=folder, **ports)
    db = Database(settings.domain_url)
    upgrade_database(db)
    running = children(settings, web=True)
    system = PrefectSystem(folder, settings, running["prefect"], running["flows"], folder / "flows.ready")
    others = [running[name] for name in ("mail", "relay", "web")]
    try:
        system.start_server()
        system.start_worker()
        for child in others:
            child.start()
        yield system, running, db
    finally:
        for child in [*others, system.worker, system.server]:
            child.ask_to_stop()
        for child in [*others, system.worker, system.server]:
            child.stop(15)
        system.api.close()
        db.close()


def test_the_rounds_go_on_after_both_were_killed_and_who_looks_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    with whole(folder) as (system, _, db):
        address = f"http://127.0.0.1:{system.settings.web_port}"

        def is_told(status: int, *not_well: str) -> bool:
            try:
                answer = httpx.get(f"{address}/readyz", timeout=30, trust_env=False)
            except httpx.TransportError:
                return False
            return answer.status_code == status and set(not_well) <= set(answer.json()["not_well"])

        wait_until(lambda: is_told(200), MINUTES)
        system.stop_worker()
        dead = {
            name: system.api.create_run(f"{name}/{name}", {}, idempotency_key=name)
            for name in (RECONCILE, REMIND)
        }
        for run in dead.values():
            assert system.api.set_state(run.id, "PENDING")
        system.kill_everything()
        long_ago = datetime.now(UTC) - timedelta(hours=3)
        with db.write_statements() as connection:
            row = sa.update(PERIODIC_ROUND).where(PERIODIC_ROUND.c.name == RECONCILE)
            connection.execute(row.values(completed_at=long_ago))
        wait_until(lambda: is_told(503, "engine"), MINUTES)

        system.start_server()
        wait_until(lambda: (read_rounds(db)[RECONCILE].completed_at or long_ago) > long_ago, MINUTES)
        assert read_rounds(db)[RECONCILE].completed_by is RoundRunner.relay  # no worker yet

        system.start_worker()
        for name in dead:
            run = system.api.create_run(f"{name}/{name}", {}, idempotency_key=f"{name} again")
            assert (
                system.wait_for_state(run.id, "COMPLETED", "CANCELLED", "CRASHED", "FAILED").state_type
                == "COMPLETED"
            )
        wait_until(lambda: is_told(200), MINUTES)

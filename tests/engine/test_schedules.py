"""The periodic flows run by themselves: Prefect's scheduler really writes their next runs."""

import asyncio
from pathlib import Path

import pytest
import yaml
from prefect.server.schemas.schedules import CronSchedule
from prefect_system import PrefectSystem, prefect_system, wait_until

PRODUCT = Path(__file__).parents[2] / "prefect.yaml"
SCHEDULES = [
    schedule
    for row in yaml.safe_load(PRODUCT.read_text(encoding="utf-8"))["deployments"]
    for schedule in row.get("schedules", ())
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: str(schedule["cron"]))
def test_prefect_finds_the_next_dates_of_each_schedule(schedule: dict[str, str]) -> None:
    """With a library of dates that does not suit it, its scheduler logs an error, and nothing periodic ever runs."""
    cron = CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
    assert len(asyncio.run(cron.get_dates(3))) == 3


@pytest.mark.prefect
@pytest.mark.trials
@pytest.mark.timeout(900)
def test_the_periodic_flows_are_scheduled_even_by_a_server_that_lost_its_database(tmp_path: Path) -> None:
    with prefect_system(tmp_path) as system:
        declared = system.api.deployments()
        periodic = {declared["deliver_notices/deliver_notices"], declared["reconcile/reconcile"]}

        def are_scheduled() -> bool:
            return periodic <= {run.deployment_id for run in system.api.runs(states=["SCHEDULED"])}

        wait_until(are_scheduled)

        system.server.stop(0)
        for file in (tmp_path / "prefect").glob("prefect.db*"):
            file.unlink()
        system.start_server()
        wait_until(lambda: _is_known(system))
        declared = system.api.deployments()
        periodic = {declared["deliver_notices/deliver_notices"], declared["reconcile/reconcile"]}
        wait_until(are_scheduled)
        run = system.api.create_run("deliver_notices/deliver_notices", {}, idempotency_key="once more")
        assert system.wait_for_state(run.id, "COMPLETED").state_type == "COMPLETED"


def _is_known(system: PrefectSystem) -> bool:
    """The worker, which has gone on meanwhile, has declared to the new database what the old one knew."""
    return {"deliver_notices/deliver_notices", "reconcile/reconcile"} <= system.api.deployments().keys()

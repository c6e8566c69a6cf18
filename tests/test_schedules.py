"""The periodic flows run by themselves: Prefect's scheduler really writes their next runs."""

from pathlib import Path

import pytest
from prefect_system import prefect_system, wait_until


@pytest.mark.prefect
@pytest.mark.trials
def test_the_next_rounds_of_the_periodic_flows_are_on_the_server(tmp_path: Path) -> None:
    with prefect_system(tmp_path) as system:
        known = system.api.deployments()
        periodic = {known["deliver_notices/deliver_notices"], known["reconcile/reconcile"]}

        def are_scheduled() -> bool:
            return periodic <= {run.deployment_id for run in system.api.runs(states=["SCHEDULED"])}

        wait_until(are_scheduled, seconds=60)

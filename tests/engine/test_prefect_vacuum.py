"""Prefect forgets the runs that have been over for a month, and never one that waits."""

import sqlite3
from pathlib import Path

import pytest
import trial_flows
from prefect_system import prefect_system, wait_until

pytestmark = [pytest.mark.prefect, pytest.mark.trials]


def test_old_runs_are_forgotten_with_their_logs_and_a_run_that_waits_is_kept(tmp_path: Path) -> None:
    env = {"PYTHONPATH": str(Path(__file__).parents[1] / "support"), "TRIAL_OUT": str(tmp_path / "out")}
    deployments = trial_flows.declare(tmp_path / "trial.yaml")
    with prefect_system(tmp_path / "var", env=env, deployments=deployments) as system:
        over, new = (
            system.api.create_run("upkeep/upkeep", {}, idempotency_key=key) for key in ("old", "new")
        )
        waiting = system.api.create_run("waiting/waiting", {"stage_id": 1}, idempotency_key="waiting")
        for run, state in ((over, "COMPLETED"), (new, "COMPLETED"), (waiting, "PAUSED")):
            system.wait_for_state(run.id, state)
        system.stop_worker()
        system.server.ask_to_stop()
        system.server.stop(15)
        _age(tmp_path / "var" / "prefect" / "prefect.db", over.id, waiting.id)
        quick = {"PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "1"}
        system.server.environment = {**system.server.environment, **quick}
        system.start_server()
        wait_until(lambda: system.api.run(over.id) is None)
        assert system.api.run(new.id) is not None
        kept = system.api.run(waiting.id)
        assert kept is not None
        assert kept.is_suspended
        system.start_worker()
        assert system.api.resume(waiting.id)
        wait_until(lambda: (tmp_path / "out").read_text().count("waiting") == 2)


def _age(database: Path, *run_ids: str) -> None:
    """Have these runs be two months old."""
    with sqlite3.connect(database) as connection:
        for run_id in run_ids:
            for column in ("created", "start_time", "end_time", "expected_start_time"):
                connection.execute(
                    f"UPDATE flow_run SET {column} = datetime({column}, '-60 days') WHERE id = ?",  # noqa: S608
                    (run_id,),
                )
        assert connection.total_changes == 4 * len(run_ids)
    connection.close()

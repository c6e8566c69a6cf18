"""The worker runs only what the product declares, even for somebody with Prefect's login or its database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest
from prefect_system import PrefectSystem

pytest_plugins = ["trial_fixtures"]
pytestmark = pytest.mark.prefect
_numbers = count()


class Attacker:
    """Somebody who has Prefect's login; ``stolen`` is what they try to write."""

    def __init__(self, system: PrefectSystem) -> None:
        self.system, self.stolen = system, system.folder / "stolen"
        self._client = httpx.Client(base_url=system.api_url, auth=system.login, timeout=60, trust_env=False)

    def post(self, path: str, body: dict[str, Any], method: str = "POST") -> Any:
        answer = self._client.request(method, path, json=body).raise_for_status()
        return answer.json() if answer.content else None

    def steal(self) -> list[dict[str, Any]]:
        """Pull steps that copy the system's secret."""
        script = f"cp {self.system.folder}/prefect_auth {self.stolen}"
        return [{"prefect.deployments.steps.run_shell_script": {"script": f'bash -c "{script}"'}}]

    def deploy(self, flow: str, name: str, entrypoint: str, **more: Any) -> str:
        flow_id = self.post("/flows/", {"name": flow})["id"]
        body = {
            "flow_id": flow_id,
            "name": name,
            "entrypoint": entrypoint,
            "work_pool_name": "projet-partage",
        }
        return str(self.post("/deployments/", body | more)["id"])

    def start(self, deployment_id: str, **more: Any) -> str:
        body = {"parameters": {}, "idempotency_key": f"attack-{next(_numbers)}"} | more
        return str(self.post(f"/deployments/{deployment_id}/create_flow_run", body)["id"])

    def change(self, deployment: str, **changes: Any) -> str:
        """Change a deployment of the product; return its id."""
        deployment_id = self.system.api.deployments()[deployment]
        self.post(f"/deployments/{deployment_id}", changes, "PATCH")
        return deployment_id

    def message(self, run_id: str) -> str:
        """What Prefect says of the run's state."""
        return str(self.post(f"/flow_runs/{run_id}", {}, "GET")["state"]["message"])

    def close(self) -> None:
        self._client.close()


@pytest.fixture(scope="module")
def attacker(trial_system: PrefectSystem) -> Iterator[Attacker]:
    found = Attacker(trial_system)
    yield found
    found.close()


def is_refused(attacker: Attacker, run_id: str, reason: str) -> None:
    """Wait for the end of the run; it must say why nothing was executed, and so must the worker's log."""
    system = attacker.system
    run = system.wait_for_state(run_id, "CRASHED", "COMPLETED", "FAILED")
    message = attacker.message(run_id)
    assert run.state_type == "CRASHED", message
    assert "rien n’en a été exécuté" in message
    assert reason in message
    assert f"« {run.name} »" in system.log("flows").replace("\u00a0", " ")


def refuses_once_changed(
    attacker: Attacker, deployment: str, changes: dict[str, Any], reason: str, tries: int = 5
) -> None:
    """Change the deployment and start it: the run is refused.

    The worker at work puts deployments back every 15 seconds; when it does so just then, the run is ours, as it
    was declared, and the attack is tried again.
    """
    for _ in range(tries):
        run_id = attacker.start(attacker.change(deployment, **changes))
        attacker.system.wait_for_state(run_id, "CRASHED", "COMPLETED", "FAILED")
        if "rien n’en a été exécuté" in attacker.message(run_id):
            break
        assert not attacker.stolen.exists()
    is_refused(attacker, run_id, reason)


def test_deployments_of_others_are_refused_before_a_process_is_forked(attacker: Attacker) -> None:
    ours = attacker.system.api.deployments()["waiting/waiting"]
    theirs = {
        "a shell command": attacker.deploy("evil", "evil", "evil_flows.evil", pull_steps=attacker.steal()),
        "the name of ours": attacker.deploy("evil", "waiting", "evil_flows.evil"),
        "the entrypoint of ours": attacker.deploy("evil", "charter", "trial_flows.waiting"),
        "another of our flows": attacker.deploy("waiting", "charter", "trial_flows.waiting"),
    }
    refused = [attacker.start(each) for each in theirs.values()]
    alone = attacker.post("/flows/", {"name": "waiting"})["id"]
    body = {"flow_id": alone, "work_pool_name": "projet-partage", "state": {"type": "SCHEDULED"}}
    refused.append(str(attacker.post("/flow_runs/", body)["id"]))
    for run_id in refused:
        is_refused(attacker, run_id, "le produit ne déclare pas")
    environment = {
        "env": {
            "TRIAL_OUT": str(attacker.stolen),
            "PYTHONPATH": str(attacker.system.folder),
            "PREFECT_API_URL": "http://x",
        }
    }
    run_id = attacker.start(ours, parameters={"stage_id": 77}, job_variables=environment)
    is_refused(attacker, run_id, "job_variables")
    assert not attacker.stolen.exists()


def test_the_template_of_the_work_pool_gives_a_run_no_environment(attacker: Attacker) -> None:
    system = attacker.system
    template = attacker.post("/work_pools/projet-partage", {}, "GET")["base_job_template"]
    changed = template | {
        "job_configuration": template["job_configuration"]
        | {"env": {"TRIAL_OUT": str(attacker.stolen)}, "command": f"touch {attacker.stolen}"}
    }
    attacker.post("/work_pools/projet-partage", {"base_job_template": changed}, "PATCH")
    try:
        run = system.api.create_run("waiting/waiting", {"stage_id": 78}, idempotency_key="attack-template")
        system.wait_for_state(run.id, "PAUSED")
    finally:
        attacker.post("/work_pools/projet-partage", {"base_job_template": template}, "PATCH")
    assert "waiting 78" in (system.folder / "out").read_text()
    assert not attacker.stolen.exists()


EXECUTE = """
import sys
from flows.prefect_settings import use_settings
from flows.run_process import execute
from settings import settings
use_settings(settings())
execute(sys.argv[1], "trial_flows.waiting", {})
"""


@pytest.mark.trials
def test_what_was_changed_in_ours_never_runs_and_is_put_back_at_the_next_start(
    attacker: Attacker,
) -> None:
    system = attacker.system
    job_variables = {"env": {"TRIAL_OUT": str(attacker.stolen)}}
    changed: dict[str, tuple[str, dict[str, Any]]] = {
        "failing/failing": ("n’exécute plus", {"entrypoint": "evil_flows.evil"}),
        "killed/killed": ("autre chose", {"pull_steps": attacker.steal()}),
        "leaving/leaving": ("environnement", {"job_variables": job_variables}),
    }
    for deployment, (reason, changes) in changed.items():
        refuses_once_changed(attacker, deployment, changes, reason)

    # Changed after the worker has looked: the run's own process does not ask the server what to execute.
    system.stop_worker()
    run = system.api.create_run("waiting/waiting", {"stage_id": 79}, idempotency_key="attack-between")
    attacker.change("waiting/waiting", entrypoint="evil_flows.evil", pull_steps=attacker.steal())
    environment = {"PATH": os.environ["PATH"], **system.worker.environment}
    subprocess.run([sys.executable, "-c", EXECUTE, run.id], env=environment, check=True, timeout=240)
    assert system.wait_for_state(run.id, "PAUSED", "COMPLETED", "CRASHED").is_suspended
    assert "waiting 79" in (system.folder / "out").read_text()
    assert not attacker.stolen.exists()

    system.start_worker()
    assert "evil/evil" not in system.api.deployments()
    deployments = system.api.deployments()
    for run_id in [attacker.start(deployments[each]) for each in changed]:
        system.wait_for_state(run_id, "CRASHED", "FAILED")  # as these flows end
        assert "rien n’en a été exécuté" not in attacker.message(run_id)


STORED = """
import pickle, sys
from pathlib import Path
from prefect.client.schemas.objects import State, StateType
from prefect.results import LocalFileSystem, ResultRecordMetadata, ResultStore
from prefect.serializers import PickleSerializer
from flows.run_process import refuse_stored_results

class Evil:
    def __reduce__(self):
        return Path.touch, (Path(sys.argv[1]),)

folder = Path(sys.argv[1]).parent
store = ResultStore(result_storage=LocalFileSystem(basepath=str(folder)), serializer=PickleSerializer())
store.write(Evil(), key=str(folder / "result"))
metadata = ResultRecordMetadata(storage_key=str(folder / "result"), serializer=PickleSerializer())
if sys.argv[2:]:
    refuse_stored_results()
State(type=StateType.COMPLETED, data=metadata).result(retry_result_failure=False)
"""


@pytest.mark.trials
def test_a_result_that_the_server_names_is_not_read(tmp_path: Any) -> None:
    stolen = tmp_path / "stolen"

    def read(*refuse: str) -> str:
        command = [sys.executable, "-c", STORED, str(stolen), *refuse]
        return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False).stderr

    assert "StoredResultRefused" in read("refuse")
    assert not stolen.exists()
    read()
    assert stolen.exists()  # as it would be without

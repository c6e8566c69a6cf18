"""The deployments that the product declares (``prefect.yaml``): the worker starts nothing else.

Who holds Prefect's login, or writes in its database, can have the server say anything of a deployment: another
entrypoint, steps that run a command before it, an environment. What runs is decided here, by the file.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from prefect.client.schemas.objects import Flow as ServerFlow
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.flows import Flow

from models.refusal import Refusal


class UndeclaredRun(Refusal):
    """A run of something else than a deployment of the product, as the product declares it."""

    def __init__(self, run: FlowRun, reason: str) -> None:
        super().__init__(
            f"L’exécution « {run.name} » n’a pas été lancée, et rien n’en a été exécuté : {reason}. Si ce n’est pas "
            "vous, changez l’identification de Prefect, puis redémarrez : les déploiements seront rétablis."
        )
        self.run_id = run.id


def declared_rows(file: Path) -> list[dict[str, Any]]:
    """The rows of ``deployments:`` in a file such as ``prefect.yaml``."""
    return list(yaml.safe_load(file.read_text(encoding="utf-8"))["deployments"])


def load_flow(entrypoint: str) -> Flow[..., Any]:
    """The flow of an entrypoint, ``module.function``."""
    module, _, name = entrypoint.rpartition(".")
    flow: Flow[..., Any] = getattr(import_module(module), name)
    return flow


class Declared:
    """What each deployment of ``file`` runs, as it was when this was made."""

    def __init__(self, file: Path) -> None:
        entrypoints = [(row["name"], row["entrypoint"]) for row in declared_rows(file)]
        self._entrypoints: Mapping[tuple[str, str], str] = {
            (load_flow(entrypoint).name, name): entrypoint for name, entrypoint in entrypoints
        }

    def entrypoint(self, run: FlowRun, flow: ServerFlow | None, deployment: DeploymentResponse | None) -> str:
        """What this run is to execute, from our file and nothing of the server's. Raises `UndeclaredRun`."""
        name = (flow.name if flow else "", deployment.name if deployment else "")
        entrypoint = self._entrypoints.get(name)
        if deployment is None or entrypoint is None:
            raise UndeclaredRun(run, f"le produit ne déclare pas le déploiement « {'/'.join(name)} »")
        for reason in _differences(run, deployment, entrypoint):
            raise UndeclaredRun(run, reason)
        return entrypoint


def _differences(run: FlowRun, deployment: DeploymentResponse, entrypoint: str) -> Iterator[str]:
    if deployment.entrypoint != entrypoint:
        yield f"le déploiement « {deployment.name} » a été changé, il n’exécute plus « {entrypoint} »"
    if deployment.pull_steps:
        yield f"le déploiement « {deployment.name} » a été changé, il exécute d’abord autre chose"
    if deployment.job_variables or run.job_variables:
        yield "elle demande un autre environnement (« job_variables »), ce que le produit ne fait jamais"

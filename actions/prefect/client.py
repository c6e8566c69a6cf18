"""Synchronous client for Prefect's HTTP API, which does not import prefect (2 s).

A request may be lost: decisions live in our own database, and the outbox and ``reconcile`` try again. Only a 503 is
retried here, for a few seconds: Prefect answers it while its SQLite is locked by others (`flows.prefect_server`
makes that rare on the server that we start).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self

import httpx
from tenacity import RetryCallState, Retrying, stop_after_attempt, stop_after_delay, wait_random_exponential

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0  # seconds at most, before a request answered 503 is sent again

#: State types of a run that may still do something.
ALIVE = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING")


class PrefectUnreachable(Exception):
    """Prefect did not answer, or answered that it cannot (5xx: « database is locked »…). Try later."""


class _Busy(PrefectUnreachable):
    """503: the same request may be sent again."""


class LoginRefused(PrefectUnreachable):
    """Prefect does not take our login (401). It will once the setting is right: nothing is given up meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            "Prefect refuse notre identification : celle de PROJET_PARTAGE_PREFECT_AUTH, ou du fichier "
            "« prefect_auth », n’est pas celle du serveur"
        )


class PrefectRefused(Exception):
    """Prefect answered no (4xx); the same request will not pass later by itself."""

    def __init__(self, status_code: int, detail: str) -> None:
        super().__init__(f"Prefect refuse ({status_code}) : {detail}")
        self.status_code = status_code


class NotThere(PrefectRefused):
    """Prefect does not know the run or the deployment that was named (404)."""


class UnknownDeployment(PrefectRefused):
    """No such deployment: ``prefect deploy`` has not been run on this server."""

    def __init__(self, deployment: str) -> None:
        super().__init__(404, f"le déploiement « {deployment} » n’existe pas ; lancez « projet-partage up »")
        self.deployment = deployment


class PrefectAddress(Protocol):
    """Where a Prefect server is, and how to sign in there: the settings."""

    @property
    def prefect_api_url(self) -> str: ...

    def prefect_login(self) -> str: ...


@dataclass(frozen=True, slots=True)
class FlowRun:
    """One flow run. ``state_type`` is Prefect's (SCHEDULED, PENDING, RUNNING, PAUSED, COMPLETED, FAILED,
    CRASHED, CANCELLED, CANCELLING); ``state_name`` is finer (« Suspended », « Resuming », « Late »…);
    ``next_start_time`` is when a scheduled run may begin. Times are aware, in UTC."""

    id: str
    name: str
    deployment_id: str | None
    state_type: str
    state_name: str
    state_timestamp: datetime | None
    tags: frozenset[str]
    parameters: dict[str, Any]
    run_count: int
    start_time: datetime | None
    expected_start_time: datetime | None
    next_start_time: datetime | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the run may still do something (it waits, or works)."""
        return self.state_type in ALIVE

    @property
    def is_suspended(self) -> bool:
        """Whether the run waits to be resumed, without a process."""
        return self.state_type == "PAUSED"


class PrefectApi:
    """Client of one Prefect server; ``url`` ends with ``/api``. Usable by threads.

    `PrefectApi.of(settings)` makes the one of this system. ``login`` is the ``user:secret`` of the server (HTTP
    Basic); over https the server is checked against the authorities of ``SSL_CERT_FILE``, or the usual ones.
    ``timeout`` is how long one answer is waited for, ``patience`` how long a server that is there but busy (503)
    is asked again, both in seconds; ``page`` is how many rows are asked for at once, 200 at most for Prefect.
    Every method raises `PrefectUnreachable` when there is no useful answer, `PrefectRefused` when Prefect says no
    in a way the method does not foresee.
    """

    def __init__(
        self, url: str, login: str, timeout: float = 5, *, patience: float = 5, page: int = 200
    ) -> None:
        user, _, secret = login.partition(":")
        self._client = httpx.Client(
            base_url=url.rstrip("/") + "/",
            auth=(user, secret),
            timeout=timeout,
            # Prefect closes an idle connection after 5 s; a POST on one just then would fail for nothing.
            limits=httpx.Limits(keepalive_expiry=2),
            verify=url.startswith("https:")
            and httpx.create_ssl_context(),  # reading the authorities takes 40 ms
            trust_env=False,  # neither a proxy nor .netrc
        )
        self._asking, self._page = _patiently(patience), page

    @classmethod
    def of(
        cls, settings: PrefectAddress, timeout: float = 5, *, patience: float = 5, page: int = 200
    ) -> Self:
        """The client of this system's Prefect server; draws its login when there is none yet."""
        login = settings.prefect_login()
        return cls(settings.prefect_api_url, login, timeout, patience=patience, page=page)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def is_healthy(self) -> bool:
        """Whether the server answers that it is ready; never raises."""
        try:
            return self._request("GET", "health").json() is True
        except (PrefectUnreachable, PrefectRefused):
            return False

    def create_run(
        self,
        deployment: str,
        parameters: dict[str, Any],
        *,
        idempotency_key: str,
        tags: Iterable[str] = (),
        name: str | None = None,
    ) -> FlowRun:
        """Start now a run of ``deployment`` (« flow/deployment »), or return the run that this key already
        made for that flow, whatever its state. The deployment's own tags are added. Raises
        `UnknownDeployment`."""
        body = {"parameters": parameters, "idempotency_key": idempotency_key, "tags": sorted(tags)}
        if name is not None:
            body["name"] = name
        deployment_id = self._deployment_id(deployment)
        return _flow_run(self._request("POST", f"deployments/{deployment_id}/create_flow_run", body).json())

    def run(self, run_id: str) -> FlowRun | None:
        """The run, or ``None`` when Prefect does not know it (any more)."""
        try:
            return _flow_run(self._request("GET", f"flow_runs/{run_id}").json())
        except NotThere:
            return None

    def runs(self, *, tags: Sequence[str] = (), states: Sequence[str] | None = None) -> list[FlowRun]:
        """The runs that carry all the tags and are in one of the state types (any, when ``None``)."""
        chosen: dict[str, Any] = {}
        if tags:
            chosen["tags"] = {"all_": list(tags)}
        if states is not None:
            chosen["state"] = {"type": {"any_": list(states)}}
        runs = (_flow_run(row) for row in self._pages("flow_runs/filter", {"flow_runs": chosen}))
        return list({run.id: run for run in runs}.values())

    def deployments(self) -> dict[str, str]:
        """The deployments of the server: « flow/deployment » → id."""
        flows = {row["id"]: row["name"] for row in self._pages("flows/filter", {})}
        rows = self._pages("deployments/filter", {})
        return {f"{flows.get(row['flow_id'], '?')}/{row['name']}": str(row["id"]) for row in rows}

    def resume(self, run_id: str) -> bool:
        """Wake a suspended run. ``False`` when it is not suspended (yet), or no longer exists."""
        # Asked to resume a run it does not know, Prefect answers 500, which would read as « try later ».
        if self.run(run_id) is None:
            return False
        return bool(self._request("POST", f"flow_runs/{run_id}/resume").json()["status"] == "ACCEPT")

    def set_state(
        self, run_id: str, state_type: str, *, name: str | None = None, message: str = "", force: bool = False
    ) -> bool:
        """Ask for a state, or impose it (``force``). ``False`` when Prefect declines, or has no such run."""
        state = {"type": state_type, "message": message} | ({"name": name} if name else {})
        try:
            answer = self._request("POST", f"flow_runs/{run_id}/set_state", {"state": state, "force": force})
        except NotThere:
            return False
        return bool(answer.json()["status"] == "ACCEPT")

    def restart(self, run_id: str) -> bool:
        """Schedule the run again from its top, now, whatever state it is in (crashed, stuck in pending…)."""
        return self.set_state(run_id, "SCHEDULED", name="AwaitingRetry", force=True)

    def cancel(self, run_id: str, *, message: str = "") -> bool:
        """Put the run in state Cancelled at once; a process still at work for it is not killed, but its next
        change of state is declined. ``False`` when there is no such run."""
        return self.set_state(run_id, "CANCELLED", message=message, force=True)

    def delete(self, run_id: str) -> bool:
        """Delete the run and its history; ``False`` when there was none."""
        try:
            self._request("DELETE", f"flow_runs/{run_id}")
        except NotThere:
            return False
        return True

    def _deployment_id(self, deployment: str) -> str:
        try:
            return str(self._request("GET", f"deployments/name/{deployment}").json()["id"])
        except NotThere as refusal:
            raise UnknownDeployment(deployment) from refusal

    def _pages(self, path: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = self._request("POST", path, body | {"limit": self._page, "offset": offset}).json()
            yield from page
            if len(page) < self._page:
                return
            offset += self._page

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        answer = self._asking(self._send, method, path, body)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise LoginRefused
        if answer.is_server_error:
            raise PrefectUnreachable(f"Prefect répond {answer.status_code} : {answer.text[:200]}")
        if not answer.is_success:
            refusal = NotThere if answer.status_code == httpx.codes.NOT_FOUND else PrefectRefused
            raise refusal(answer.status_code, answer.text[:200])
        return answer

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.TransportError as error:
            raise PrefectUnreachable(f"Prefect ne répond pas ({type(error).__name__})") from error
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise _Busy(f"Prefect répond 503 : {answer.text[:200]}")
        return answer


def _patiently(patience: float) -> Retrying:
    """Retries a 503 at least once, for ``patience`` seconds; random pauses keep clients that met apart."""
    return Retrying(
        retry=_is_busy,
        wait=wait_random_exponential(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE),
        stop=stop_after_attempt(2) & stop_after_delay(patience),
        reraise=True,
    )


def _is_busy(state: RetryCallState) -> bool:
    """A 503 has written nothing; after one, the server may also drop the connection on which it answered it."""
    error = state.outcome and state.outcome.exception()
    return isinstance(error, _Busy if state.attempt_number == 1 else PrefectUnreachable)


def _flow_run(row: dict[str, Any]) -> FlowRun:
    state = row["state"] or {}
    return FlowRun(
        id=row["id"],
        name=row["name"],
        deployment_id=row["deployment_id"],
        state_type=row["state_type"] or "",
        state_name=row["state_name"] or "",
        state_timestamp=_time(state.get("timestamp")),
        tags=frozenset(row["tags"]),
        parameters=row["parameters"],
        run_count=row["run_count"],
        start_time=_time(row["start_time"]),
        expected_start_time=_time(row["expected_start_time"]),
        next_start_time=_time(row.get("next_scheduled_start_time")),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

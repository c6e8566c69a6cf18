"""The client for Prefect's HTTP API: its requests, and what it does on a refusal, a time-out or a 503."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import trial_flows
from prefect_system import PrefectSystem, free_port

from actions.prefect.client import PrefectApi, PrefectRefused, PrefectUnreachable, UnknownDeployment

pytest_plugins = ["trial_fixtures"]
pytestmark = pytest.mark.prefect
LOGIN = "projet-partage:essai"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def system(trial_system: PrefectSystem) -> Iterator[PrefectSystem]:
    """Without its worker: runs stay as the tests put them."""
    trial_system.stop_worker()
    yield trial_system
    for run in trial_system.api.runs():
        trial_system.api.delete(run.id)
    trial_system.start_worker()


@pytest.fixture
def api(system: PrefectSystem) -> PrefectApi:
    return system.api


def suspend(api: PrefectApi, run_id: str) -> None:
    for state, name in (("PENDING", None), ("RUNNING", None), ("PAUSED", "Suspended")):
        assert api.set_state(run_id, state, name=name, force=True)


def test_a_run_is_created_once_for_a_key_and_carries_its_tags_and_parameters(api: PrefectApi) -> None:
    first = api.create_run(
        "waiting/waiting",
        {"stage_id": 7},
        idempotency_key="outbox-1",
        tags=["projet:x", "etape:7"],
        name="Charte",
    )
    again = api.create_run("waiting/waiting", {"stage_id": 7}, idempotency_key="outbox-1")
    assert again.id == first.id
    assert (first.name, first.parameters, first.state_type) == ("Charte", {"stage_id": 7}, "SCHEDULED")
    assert first.tags >= {"projet:x", "etape:7"}
    assert first.state_timestamp is not None
    assert first.state_timestamp.tzinfo is not None


def test_runs_are_found_by_all_their_tags_and_by_state(api: PrefectApi) -> None:
    one = api.create_run(
        "waiting/waiting", {"stage_id": 1}, idempotency_key="r1", tags=["projet:y", "etape:1"]
    )
    two = api.create_run(
        "waiting/waiting", {"stage_id": 2}, idempotency_key="r2", tags=["projet:y", "etape:2"]
    )
    suspend(api, two.id)
    assert {run.id for run in api.runs(tags=["projet:y"])} == {one.id, two.id}
    assert [run.id for run in api.runs(tags=["projet:y", "etape:1"])] == [one.id]
    assert [run.id for run in api.runs(tags=["projet:y"], states=["PAUSED"])] == [two.id]
    assert api.runs(tags=["projet:y", "etape:3"]) == []


def test_runs_are_found_though_they_are_more_than_a_page(system: PrefectSystem) -> None:
    with PrefectApi.of(system.settings, timeout=10, page=2) as api:
        for number in range(5):
            api.create_run(
                "waiting/waiting", {"stage_id": number}, idempotency_key=f"p{number}", tags=["some"]
            )
        assert len(api.runs(tags=["some"])) == 5


@pytest.mark.trials
def test_more_runs_are_found_than_prefect_gives_at_once(api: PrefectApi) -> None:
    for number in range(201):
        api.create_run("waiting/waiting", {"stage_id": number}, idempotency_key=f"m{number}", tags=["many"])
    assert len(api.runs(tags=["many"])) == 201


def test_only_a_suspended_run_can_be_resumed(api: PrefectApi) -> None:
    run = api.create_run("waiting/waiting", {"stage_id": 3}, idempotency_key="s1")
    assert not api.resume(run.id)
    suspend(api, run.id)
    assert api.resume(run.id)
    assert not api.resume(run.id)


def test_a_run_that_prefect_does_not_know_is_neither_resumed_nor_changed(api: PrefectApi) -> None:
    assert api.run(UNKNOWN) is None
    assert not api.resume(UNKNOWN)
    assert not api.restart(UNKNOWN)
    assert not api.cancel(UNKNOWN)
    assert not api.delete(UNKNOWN)


def test_a_run_can_be_cancelled_started_again_and_deleted(api: PrefectApi) -> None:
    run = api.create_run("waiting/waiting", {"stage_id": 4}, idempotency_key="c1")
    assert api.cancel(run.id, message="projet annulé")
    cancelled = api.run(run.id)
    assert cancelled is not None
    assert not cancelled.is_alive
    assert api.restart(run.id)
    restarted = api.run(run.id)
    assert restarted is not None
    assert restarted.is_alive
    assert api.delete(run.id)
    assert api.run(run.id) is None


def test_deployments_are_named_by_flow_and_deployment(api: PrefectApi) -> None:
    assert set(api.deployments()) == {f"{name}/{name}" for name in (*trial_flows.DEPLOYMENTS, "upkeep")}


def test_an_unknown_deployment_is_refused_by_name(api: PrefectApi) -> None:
    with pytest.raises(UnknownDeployment, match="charter/none"):
        api.create_run("charter/none", {}, idempotency_key="u1")


def test_parameters_that_do_not_fit_the_flow_are_refused(api: PrefectApi) -> None:
    with pytest.raises(PrefectRefused, match="stage_id"):
        api.create_run("waiting/waiting", {"stage_id": "sept"}, idempotency_key="p1")


def test_a_server_that_is_away_is_unreachable_and_not_healthy() -> None:
    with PrefectApi(f"http://127.0.0.1:{free_port()}/api", LOGIN) as away:
        assert not away.is_healthy()
        with pytest.raises(PrefectUnreachable):
            away.runs()


@contextmanager
def busy_server(times: int, drops: int = 0) -> Iterator[tuple[str, list[str]]]:
    """A server that answers 503 this many times, hangs up as many as ``drops``, then answers an empty list; with
    the list of what it was asked."""
    asked: list[str] = []

    class Busy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            if times < len(asked) <= times + drops:
                return
            self.send_response(503 if len(asked) <= times else 200)
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Busy) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api", asked
        server.shutdown()
        thread.join()


def test_a_database_locked_for_an_instant_is_not_noticed() -> None:
    with busy_server(times=2) as (url, asked), PrefectApi(url, LOGIN) as api:
        assert api.runs() == []
        assert len(asked) == 3


def test_a_busy_server_that_also_drops_its_connections_is_asked_again() -> None:
    with busy_server(times=1, drops=2) as (url, asked), PrefectApi(url, LOGIN) as api:
        assert api.runs() == []
        assert len(asked) == 4


def test_a_server_that_keeps_answering_503_is_unreachable() -> None:
    with busy_server(times=100) as (url, asked), PrefectApi(url, LOGIN, patience=0.3) as api:
        with pytest.raises(PrefectUnreachable, match="503"):
            api.runs()
        assert 3 < len(asked) < 20


def test_many_clients_that_write_at_once_are_all_served(system: PrefectSystem) -> None:
    """A 503 would mean that Prefect's transactions do not wait for each other: see `flows.prefect_server`."""

    def create(place: int) -> str:
        with PrefectApi.of(system.settings, timeout=60, patience=0) as api:
            made = [
                api.create_run("waiting/waiting", {"stage_id": place}, idempotency_key=f"w{place}-{number}")
                for number in range(5)
            ]
        return made[-1].id

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(create, range(6)))) == 6

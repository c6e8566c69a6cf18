"""What Prefect does badly over Redis, made to happen: stages close all the same, and what comes back, comes back.

The short forms; ``REDIS_AWAY_SECONDS=600 make trials TESTS=tests/engine/test_prefect_wounds.py`` is the long one. What
each means for an operator: docs/production.md.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from closing_stages import FirstStage
from prefect_system import wait_until
from redis import Redis
from scaled_setup import Scaled

pytest_plugins = ["scaled_fixtures"]
SECONDS_AWAY = int(os.environ.get("REDIS_AWAY_SECONDS", "40"))
pytestmark = [pytest.mark.trials, pytest.mark.prefect, pytest.mark.timeout(1200 + SECONDS_AWAY)]


@pytest.fixture
def stage(scaled: Scaled, tmp_path: Path) -> FirstStage:
    return FirstStage(scaled.db, scaled.settings.files_dir, tmp_path / "documents")


@pytest.fixture
def redis(scaled: Scaled) -> Iterator[Redis]:
    with Redis.from_url(scaled.settings.redis_url.get_secret_value(), decode_responses=True) as found:
        yield found


@contextmanager
def redis_away(redis: Redis, port: int) -> Iterator[None]:
    """Nobody reaches Redis during the block, but this one connection that brings it back."""
    with redis.client() as line:
        line.config_set("port", 0)
        try:
            for kind in ("normal", "pubsub"):
                line.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
            yield
        finally:
            line.config_set("port", port)


def groups(redis: Redis) -> dict[str, set[str]]:
    """The consumer groups of each stream of Prefect's."""
    kept = [name for name in redis.scan_iter(_type="stream") if not str(name).startswith("prefect")]
    return {name: {group["name"] for group in redis.xinfo_groups(name)} for name in kept}


def schedules_again(scaled: Scaled) -> None:
    """Prefect's scheduler is at work: the runs to come, thrown away, are there again."""
    coming = [
        run
        for run in scaled.api.runs(states=["SCHEDULED"])
        if run.name and _is_to_come(run.expected_start_time)
    ]
    for run in coming:
        scaled.api.delete(run.id)
    gone = {run.id for run in coming}

    def is_there_again() -> bool:
        found = scaled.api.runs(states=["SCHEDULED"])
        return any(run.id not in gone and _is_to_come(run.expected_start_time) for run in found)

    wait_until(is_there_again, 300)


def _is_to_come(at: datetime | None) -> bool:
    return at is not None and at > datetime.now(UTC)


def test_redis_goes_away_under_kills_and_comes_back(scaled: Scaled, stage: FirstStage, redis: Redis) -> None:
    """PrefectHQ/prefect#22478: connections that died with Redis were never given back, and the pool ran dry."""
    stage.wait_until_open()
    with redis_away(redis, scaled.status["ports"]["redis"]):
        scaled.kill("relay.2")
        for victim in ("prefect.2", "prefect_services.1"):
            scaled.signal(victim, signal.SIGKILL)
        threading.Event().wait(SECONDS_AWAY)
    stage.close()
    wait_until(scaled.is_well)
    schedules_again(scaled)


def test_a_frozen_redis_is_given_up_and_found_again(scaled: Scaled, stage: FirstStage) -> None:
    """#22478 again, as a network does it: the connections are there, and nobody answers on them."""
    scaled.signal("redis", signal.SIGSTOP)
    try:
        threading.Event().wait(SECONDS_AWAY)
    finally:
        scaled.signal("redis", signal.SIGCONT)
    stage.close()
    schedules_again(scaled)


def test_stages_close_while_the_scheduler_is_silent_and_health_is_fine(
    scaled: Scaled, stage: FirstStage
) -> None:
    """#22436: Prefect answers that it is healthy, and schedules nothing. A wake-up asks nothing of the scheduler."""
    for name in ("prefect_services.1", "prefect_services.2"):
        scaled.signal(name, signal.SIGSTOP)
    try:
        assert scaled.api.is_healthy()
        stage.close()
    finally:
        for name in ("prefect_services.1", "prefect_services.2"):
            scaled.signal(name, signal.SIGCONT)
    schedules_again(scaled)


def test_kills_leave_no_consumer_group_behind(scaled: Scaled, stage: FirstStage, redis: Redis) -> None:
    """#22136: each killed subscriber left a group, and its stream was never shortened again."""
    before = groups(redis)
    assert before["events"]
    for victim in ("prefect.1", "prefect_services.2", "prefect.2"):
        scaled.kill(victim)
        wait_until(scaled.is_well)
    stage.close()
    assert groups(redis) == before


def test_an_event_that_is_parked_holds_nothing_of_ours(
    scaled: Scaled, stage: FirstStage, redis: Redis
) -> None:
    """#20954: an event whose predecessor never comes is parked for fifteen minutes, and those after it."""
    user, _, secret = scaled.settings.prefect_login().partition(":")
    event = {
        "id": str(uuid4()),
        "follows": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "prefect.flow-run.Completed",
        "resource": {"prefect.resource.id": f"prefect.flow-run.{uuid4()}"},
    }
    answer = httpx.post(
        f"{scaled.settings.prefect_api_url}/events",
        json=[event],
        auth=(user, secret),
        trust_env=False,
        timeout=30,
    )
    assert answer.is_success, answer.text

    def parked() -> list[str]:
        return [key for key in redis.scan_iter("*waitlist*") if redis.zscore(key, event["id"]) is not None]

    wait_until(lambda: bool(parked()))
    stage.close()
    assert parked()

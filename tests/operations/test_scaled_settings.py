"""What a set-up of several machines is made of: Procfile, settings, HAProxy's and Redis's files agree with the code."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from prefect.settings import get_current_settings

from commands.prefect_over_redis import over_redis
from commands.processes import environment
from commands.run import NothingToShare, ProcessName, arguments_of, listening_on
from flows.worker_name import worker_name
from scripts.procfile import read_procfile
from scripts.scaled_settings import DEPLOY, HOSTS, Place, certify, haproxy_settings, host_settings
from scripts.scaled_system import FORMATION
from settings import Settings
from web.__main__ import listening

REDIS = "redis://127.0.0.1:6379/0"


def settings_of(folder: Path, **fields: object) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **fields)  # type: ignore[arg-type]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, "postgresql+psycopg://u:p@127.0.0.1:5432/postgres")


def test_each_line_of_the_procfile_runs_a_process_that_exists() -> None:
    lines = read_procfile()
    assert lines.pop("release").endswith("run prefect-database")
    for name, line in lines.items():
        program, command, process, *_ = line.split()
        assert (program, command) == (".venv/bin/projet-partage", "run")
        assert process == name.replace("_", "-")
        assert process in set(ProcessName)


def test_make_scale_starts_every_process_of_the_procfile() -> None:
    assert set(FORMATION) == set(read_procfile()) - {"release"}
    assert {kind for kind, count in FORMATION.items() if count < 2} == {"mail", "mail_page"}


def test_prefect_has_its_services_itself_unless_there_is_a_redis_to_share(tmp_path: Path) -> None:
    alone, shared = settings_of(tmp_path), settings_of(tmp_path, redis_url=REDIS)
    assert "--no-services" not in arguments_of(ProcessName.prefect, alone)
    assert "--no-services" in arguments_of(ProcessName.prefect, shared)
    assert arguments_of(ProcessName.prefect_services, shared)[-2:] == ["services", "start"]
    with pytest.raises(NothingToShare, match="PROJET_PARTAGE_REDIS_URL"):
        arguments_of(ProcessName.prefect_services, alone)


def test_one_more_process_on_another_port_is_still_reached_where_people_were_told(tmp_path: Path) -> None:
    one = settings_of(tmp_path)
    web, prefect = listening_on(one, ProcessName.web, 8002), listening_on(one, ProcessName.prefect, 4202)
    assert (web.web_port, web.public_url) == (8002, one.public_url)
    assert (prefect.prefect_port, prefect.prefect_api_url) == (4202, one.prefect_api_url)


def test_prefect_knows_every_setting_that_we_give_it_over_redis(tmp_path: Path) -> None:
    from prefect_redis.cleanup_queue import RedisWorkerCleanupQueueSettings
    from prefect_redis.client import RedisMessagingSettings

    variables = over_redis(REDIS)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        messaging, queue = RedisMessagingSettings(), RedisWorkerCleanupQueueSettings()
        server = type(get_current_settings().server)()
    assert (messaging.url, queue.url, server.docket.url) == (REDIS, REDIS, REDIS)
    assert (messaging.socket_timeout, queue.socket_connect_timeout) == (20, 5)
    assert server.events.messaging_broker == server.events.messaging_cache == "prefect_redis.messaging"
    assert server.events.causal_ordering == "prefect_redis.ordering"
    assert server.concurrency.lease_storage == "prefect_redis.lease_storage"
    assert server.worker_channel.cleanup_queue_storage == "prefect_redis.cleanup_queue"
    assert server.register_blocks_on_start is False


def test_prefect_alone_stays_on_sqlite_and_without_redis(tmp_path: Path) -> None:
    alone = environment(settings_of(tmp_path))
    assert alone["PREFECT_SERVER_DATABASE_CONNECTION_URL"].startswith("sqlite+aiosqlite:///")
    assert not any(
        "redis" in f"{name}{value}" for name, value in alone.items() if name.startswith("PREFECT_")
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prefect_database_url", "postgresql+psycopg://u@h/prefect"),
        ("prefect_database_url", "sqlite+aiosqlite:///prefect.db"),
        ("redis_url", "127.0.0.1:6379"),
        ("web_processes", "0"),
        ("worker_name", "a b"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_and_not_shown(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name) as refused:
        settings_of(tmp_path, **{name: value})
    assert value not in str(refused.value) or value in ("0", "a b")


def test_two_workers_of_one_machine_have_two_names_and_keep_them(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with worker_name(settings) as first:
        with worker_name(settings) as second:
            assert (first[-2:], second[-2:]) == ("-1", "-2")
        with worker_name(settings) as again:
            assert again == second
    with worker_name(settings) as first_again:
        assert first_again == first
    with worker_name(settings_of(tmp_path, worker_name="host-a")) as chosen:
        assert chosen == "host-a"


def test_proxies_are_believed_only_once_the_pages_are_published(tmp_path: Path) -> None:
    proxies = {"trusted_proxies": "10.0.0.0/24", "web_host": "10.0.0.2"}
    published = listening(settings_of(tmp_path, base_url="https://projets.example", **proxies))
    assert (published.host, published.trusted_proxies) == ("10.0.0.2", "10.0.0.0/24")
    assert listening(settings_of(tmp_path, **proxies)).trusted_proxies == ""


def test_the_operators_file_sets_only_settings_and_the_two_hosts_share_all_but_their_folder(
    place: Place,
) -> None:
    first, second = (host_settings(place, host) for host in HOSTS)
    fields = {f"PROJET_PARTAGE_{name.upper()}" for name in Settings.model_fields}
    assert set(first) <= fields
    differing = {name for name in first if first[name] != second[name]}
    assert differing == {"PROJET_PARTAGE_DATA_DIR", "PROJET_PARTAGE_WORKER_NAME"}


def test_haproxy_takes_its_file(place: Place, have: Callable[[str], str]) -> None:
    certify(place.certificate)
    done = subprocess.run(
        [have("haproxy"), "-c", "-f", DEPLOY / "haproxy.cfg"],
        env=haproxy_settings(place),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

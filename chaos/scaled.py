"""The scaled set-up under trial, as `make scale` starts it: two of everything behind HAProxy, over one Redis."""

import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg
import redis

from chaos.prefect_look import PrefectLook
from chaos.processes import Process, descendants_of, environment_of, processes_of
from chaos.system import System

ROOT = Path(__file__).parent.parent
DATABASE = "chaos"
HOSTS = ("host-1", "host-2")
TWICE = ("prefect", "prefect_services", "flows", "relay", "web")


@dataclass
class Scaled(System):
    """``data_dir`` is the folder of the set-up, in which each host has its own; ``server`` a PostgreSQL of ours."""

    server: str = ""

    def __post_init__(self) -> None:
        self.database = f"{self.server.rpartition('/')[0]}/{DATABASE}"

    @property
    def command(self) -> list[str]:
        options = ["--folder", str(self.data_dir), "--database", DATABASE, "--free-ports"]
        return [sys.executable, "-m", "scripts.scale", *options]

    @property
    def started_in(self) -> Path:
        return ROOT  # the lines of the Procfile begin with `.venv/bin`

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PROJET_", "PREFECT_"))
        }
        chosen = {
            "PROJET_PARTAGE_TEST_POSTGRES": self.server,
            "PROJET_PARTAGE_DATA_DIR": str(self.data_dir / HOSTS[0]),
            "PROJET_PARTAGE_DATABASE_URL": self.database,
        }
        return kept | chosen

    def make_ready(self) -> None:
        """The database and the shared folder of files, in which the projects are written before the start."""
        (self.data_dir / "files").mkdir(parents=True)
        for host in HOSTS:
            (self.data_dir / host).mkdir()
            (self.data_dir / host / "files").symlink_to(self.data_dir / "files")
        with psycopg.connect(self.server.replace("+psycopg", ""), autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{DATABASE}"')

    def is_ready(self) -> bool:
        said = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
        return "Tout est prêt" in said and super().is_ready()

    @property
    def is_declared(self) -> bool:
        return True  # `make scale` says itself when a run can be asked for

    @cached_property
    def _told(self) -> dict[str, str]:
        """What the processes of the first host were told: ports, addresses and secrets that `make scale` drew."""
        process = next(each for each in processes_of(self.data_dir / HOSTS[0]) if each.name == "web")
        return environment_of(process)

    @property
    def web(self) -> str:
        return self._told["PROJET_PARTAGE_BASE_URL"]

    @property
    def prefect(self) -> PrefectLook:
        port = int(self._told["PROJET_PARTAGE_PREFECT_URL"].rpartition(":")[2].partition("/")[0])
        return PrefectLook(self.data_dir, port, self._told["PROJET_PARTAGE_PREFECT_AUTH"])

    @property
    def prefect_database(self) -> str:
        return self._told["PROJET_PARTAGE_PREFECT_DATABASE_URL"].replace("+asyncpg", "+psycopg")

    @property
    def maildirs(self) -> list[Path]:
        return [self.data_dir / host / "mail" for host in HOSTS if (self.data_dir / host / "mail").exists()]

    def processes(self) -> list[Process]:
        """Those of each host, HAProxy and Redis, but not what starts them again."""
        running = {each.pid: each for each in processes_of(*(self.data_dir / host for host in HOSTS))}
        if self._process is not None:
            running |= {each.pid: each for each in descendants_of(self._process.pid)}
            running.pop(self._process.pid, None)
        return list(running.values())

    def flush_redis(self) -> None:
        """Everything that the Prefect servers share there is gone."""
        with redis.Redis.from_url(self._told["PROJET_PARTAGE_REDIS_URL"]) as server:
            server.flushall()

"""The scaled set-up, running: each process of the `Procfile` twice, HAProxy before them, what dies started again."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import httpx

from actions.prefect.client import PrefectApi, PrefectUnreachable
from commands.child import Child
from commands.supervision import listens, stop_in_order
from models.refusal import Refusal
from scripts.procfile import read_procfile
from scripts.scaled_settings import DEPLOY, HOSTS, ROOT, Place, haproxy_settings, host_settings
from settings import Settings

FORMATION = {"prefect": 2, "prefect_services": 2, "web": 2, "mail": 1, "mail_page": 1, "flows": 2, "relay": 2}
"""How many of each process; in this order of start."""
SECONDS_TO_START, SECONDS_TO_STOP = 240, 15
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
_PATH = "/usr/local/sbin:/usr/sbin:/sbin"


class ProgramMissing(Refusal):
    """A program that is no part of the product is not installed."""

    def __init__(self, program: str) -> None:
        super().__init__(
            f"Démarrage impossible : « {program} » n’est pas installé ; apt-get install {program}."
        )


class DidNotStart(Refusal):
    """The set-up did not become usable in time, or a first step of it failed."""

    def __init__(self, what: str, logs: Path) -> None:
        super().__init__(f"{what} ne démarre pas ; la raison est sans doute dans « {logs} ».")


class ScaledSystem:
    """The processes of one `Place`, by name (« web.1 »…). To be used in one thread, which must outlive them."""

    def __init__(self, place: Place, more: Mapping[str, str] | None = None) -> None:
        """``more`` completes the settings of every process."""
        self.place, self.logs = place, place.folder / "log"
        self._more = dict(more or {})
        self._lines = read_procfile()
        self.children: dict[str, Child] = {}

    @property
    def settings(self) -> Settings:
        """Those of the first host."""
        values = host_settings(self.place, HOSTS[0]) | self._more
        prefix = "PROJET_PARTAGE_"
        return Settings(_env_file=None, **{n.removeprefix(prefix).lower(): v for n, v in values.items()})

    def start(self, say: Callable[[str], None] = print) -> None:
        """Prepare, migrate, start everything; return when a page, a run and a mail can be asked for."""
        self.place.prepare()
        began = time.monotonic()
        if not self.place.redis_url:
            self._add("redis", self._redis(), {}, is_server=True).start()
        self._add("haproxy", [_program("haproxy"), "-db", "-f", str(DEPLOY / "haproxy.cfg")],
                  haproxy_settings(self.place), is_server=True)  # fmt: skip
        self._release()
        for kind, count in FORMATION.items():
            for number in range(1, count + 1):
                self._add_instance(kind, number)
        for name, child in self.children.items():
            if name != "redis" and not name.startswith("relay"):
                child.start()
        self.wait_until_ready()
        for name, child in self.children.items():
            if name.startswith(
                "relay"
            ):  # asked before the deployments are there, a request waits for minutes
                child.start()
        self.write_status()
        say(f"Tout est prêt en {time.monotonic() - began:.0f} s.")

    def supervise(self, is_asked_to_stop: Callable[[], bool], say: Callable[[str], None] = print) -> None:
        """Start again whatever dies, until asked to stop; ``system.json`` tells who is who meanwhile."""
        while not is_asked_to_stop():
            for line in self.watch():
                say(line)
            time.sleep(0.1)

    def watch(self) -> list[str]:
        """One look: what died is started again after a pause; what there is to say of it."""
        news = [line for child in self.children.values() if (line := child.watch())]
        if news:
            self.write_status()
        return news

    def stop(self) -> None:
        """End everything."""
        stop_in_order(self.children.values(), SECONDS_TO_STOP)

    def write_status(self) -> None:
        """Write where all is and the process numbers, whole or not at all, for those who look on from outside."""
        status = {
            "ports": asdict(self.place.ports),
            "settings": host_settings(self.place, HOSTS[0]),
            "pids": {name: child.pid for name, child in self.children.items() if child.is_running},
        }
        draft = self.place.folder / ".system.json"
        draft.touch(0o600)
        draft.write_text(json.dumps(status))
        draft.replace(self.place.folder / "system.json")

    def wait_until_ready(self) -> None:
        """Raises ``DidNotStart`` after four minutes."""
        until = time.monotonic() + SECONDS_TO_START
        with PrefectApi.of(self.settings, timeout=5) as prefect:
            for what, is_ready in (
                ("Redis", lambda: listens(self.place.ports.redis) or bool(self.place.redis_url)),
                ("Prefect", prefect.is_healthy),
                ("L’exécution des étapes", lambda: _has_deployments(prefect)),
                ("Les pages", lambda: self.answers("/publics")),
            ):
                while not is_ready():
                    if time.monotonic() > until:
                        raise DidNotStart(what, self.logs)
                    self.watch()
                    time.sleep(0.2)

    def answers(self, path: str) -> bool:
        """Whether the pages, through HAProxy, answer 200."""
        try:
            return httpx.get(f"{self.settings.public_url}{path}", verify=False, timeout=5).is_success  # noqa: S501
        except httpx.HTTPError:
            return False

    def _release(self) -> None:
        if not self.place.redis_url:
            _wait_for_port(self.place.ports.redis, SECONDS_TO_START)
        done = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", self._lines["release"]],
            env=self._environment(HOSTS[0]), cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        (self.logs / "release.log").write_text(done.stdout + done.stderr)
        if done.returncode:
            raise DidNotStart("La mise à niveau des bases", self.logs / "release.log")

    def _add_instance(self, kind: str, number: int) -> None:
        ports = self.place.ports
        port = getattr(ports, f"{kind}_{number}", None) or getattr(ports, kind, None)
        environment = self._environment(HOSTS[(number - 1) % len(HOSTS)])
        if port is not None:
            environment["PORT"] = str(port)
        command = ["/bin/sh", "-c", f"exec {self._lines[kind]}"]
        self._add(
            f"{kind}.{number}",
            command,
            environment,
            is_server=kind in ("prefect", "prefect_services", "mail"),
        )

    def _add(
        self, name: str, command: list[str], environment: Mapping[str, str], *, is_server: bool = False
    ) -> Child:
        kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
        child = Child(name, command, kept | environment, self.logs / f"{name}.log", is_server=is_server)
        self.children[name] = child
        return child

    def _environment(self, host: str) -> dict[str, str]:
        kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
        return kept | host_settings(self.place, host) | self._more

    def _redis(self) -> list[str]:
        port, folder = str(self.place.ports.redis), str(self.place.folder)
        return [_program("redis-server"), str(DEPLOY / "redis.conf"), "--port", port, "--dir", folder]


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}{os.pathsep}{_PATH}")
    if found is None:
        raise ProgramMissing(name)
    return found


def _has_deployments(prefect: PrefectApi) -> bool:
    try:
        return bool(prefect.deployments())
    except PrefectUnreachable:
        return False


def _wait_for_port(port: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not listens(port) and time.monotonic() < until:
        time.sleep(0.1)

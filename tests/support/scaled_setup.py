"""`make scale` as its operator sees it, for the tests of the scaled set-up: its processes, its pages, its mails."""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from postgres_copies import POSTGRES
from prefect_system import wait_until
from site_of_tests import Visitor
from sqlalchemy import make_url

from actions.prefect.client import PrefectApi, PrefectUnreachable
from database.engine import Database
from scripts.scaled_settings import ROOT
from settings import Settings

PROGRAMS = ("redis-server", "haproxy", "openssl")
PATH = "/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin"
_LINK = re.compile(r"https://localhost:\d+(/connexion/[\w-]+)")


@dataclass
class Scaled:
    """The set-up as its operator sees it: the supervisor's process, and what ``system.json`` tells."""

    folder: Path
    supervisor: subprocess.Popen[str]
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def status(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "system.json").read_text()))

    def pid(self, name: str) -> int:
        return int(self.status["pids"][name])

    @cached_property
    def settings(self) -> Settings:
        prefix = "PROJET_PARTAGE_"
        values = {n.removeprefix(prefix).lower(): v for n, v in self.status["settings"].items()}
        return Settings(_env_file=None, **values)

    @cached_property
    def db(self) -> Database:
        return Database(self.settings.domain_url)

    @cached_property
    def api(self) -> PrefectApi:
        return PrefectApi.of(self.settings, timeout=30)

    def kill(self, name: str) -> None:
        """SIGKILL, and its like is back under another number before this returns."""
        before = self.signal(name, signal.SIGKILL)
        wait_until(lambda: self.status["pids"].get(name, before) != before)

    def signal(self, name: str, number: signal.Signals) -> int:
        pid = self.pid(name)
        os.kill(pid, number)
        return pid

    def visitor(self) -> Visitor:
        """Somebody in front of HAProxy, nobody in particular yet."""
        trusted = ssl.create_default_context(cafile=str(self.folder / "site.pem"))
        client = httpx.Client(base_url=self.settings.public_url, verify=trusted, trust_env=False, timeout=60)
        self.clients.append(client)
        return Visitor(client)

    def sign_in(self, email: str) -> Visitor:
        """By the link of a mail that has really gone through the catcher."""
        visitor, seen = self.visitor(), set(self._mails())
        assert visitor.http.post("/connexion", data={"adresse": email}).status_code == 200
        links: list[str] = []

        def has_come() -> bool:
            links[:] = [link for mail in set(self._mails()) - seen if (link := _link_in(mail, email))]
            return bool(links)

        wait_until(has_come)
        assert visitor.http.post(links[0]).status_code == 303
        return visitor

    def served_by(self) -> dict[str, int]:
        """How many requests HAProxy has given to each server since it started."""
        command = f"UNIX-CONNECT:{self.folder / 'haproxy.sock'}"
        rows = _ask_haproxy(command.partition(":")[2], "show stat").splitlines()
        names = rows[0].removeprefix("# ").split(",")
        table = [dict(zip(names, row.split(","), strict=False)) for row in rows[1:] if row]
        return {
            row["svname"]: int(row["stot"]) for row in table if row["svname"].startswith(("web-", "prefect-"))
        }

    def is_well(self) -> bool:
        """Prefect and the pages answer through HAProxy, on both hosts."""
        try:
            self.api.deployments()
            return self.visitor().get("/publics").is_success
        except (PrefectUnreachable, httpx.HTTPError):
            return False

    def _mails(self) -> list[Path]:
        return list((self.folder / "host-1" / "mail" / "new").iterdir())


def _link_in(mail: Path, email: str) -> str | None:
    content = mail.read_bytes()
    if f"Delivered-To: {email}".encode() not in content:
        return None
    body = message_from_bytes(content, policy=default).get_body(("plain",))  # type: ignore[attr-defined]
    found = _LINK.search(body.get_content() if body else "")
    return found[1] if found else None


def _ask_haproxy(path: str, words: str) -> str:
    import socket

    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)
        line.sendall(f"{words}\n".encode())
        parts = iter(lambda: line.recv(65536), b"")
        return b"".join(parts).decode()


def skip_without_its_programs() -> None:
    """Say plainly what is missing, and skip; in CI `.ci/run` has said so too."""
    missing = [program for program in PROGRAMS if shutil.which(program, path=PATH) is None]
    if missing:
        pytest.skip(f"il manque {', '.join(missing)} pour essayer plusieurs machines")
    try:
        psycopg.connect(_plain(POSTGRES), connect_timeout=10).close()
    except psycopg.OperationalError as error:
        pytest.skip(f"pas de serveur PostgreSQL pour ce test ({POSTGRES}) : {error}")


def _stop(scaled: Scaled) -> None:
    for client in scaled.clients:
        client.close()
    if scaled.supervisor.poll() is None:
        scaled.supervisor.send_signal(signal.SIGTERM)
        scaled.supervisor.communicate(timeout=120)
    for name in ("db", "api"):
        if name in scaled.__dict__:
            scaled.__dict__[name].close()


def _drop(*databases: str) -> None:
    with psycopg.connect(_plain(POSTGRES), autocommit=True, connect_timeout=10) as server:
        for database in databases:
            server.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def patiently(ask: Callable[[], httpx.Response], seconds: float = 240) -> httpx.Response:
    """Ask as a person does whose page did not come: again, until something answers that is no outage."""
    until = time.monotonic() + seconds
    while True:
        try:
            answer = ask()
        except httpx.TransportError:
            assert time.monotonic() < until
        else:
            if answer.status_code not in (502, 503, 504) or time.monotonic() > until:
                return answer
        time.sleep(0.2)


@contextmanager
def scaled_system(folder: Path) -> Iterator[Scaled]:
    """`make scale` on free ports, ready; stopped, and its databases dropped, at the end."""
    database = f"pp_scaled_{os.getpid()}"
    command = [sys.executable, "-m", "scripts.scale", "--free-ports"]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with subprocess.Popen(
        [*command, "--folder", str(folder), "--database", database],
        cwd=ROOT, env=environment | {"PROJET_PARTAGE_TEST_POSTGRES": POSTGRES}, stdout=subprocess.PIPE, text=True,
    ) as supervisor:  # fmt: skip
        found = Scaled(folder, supervisor)
        try:
            ready = any(line.startswith("Tuez") for line in supervisor.stdout or ())
            assert ready, "the set-up did not start"
            yield found
        finally:
            _stop(found)
            _drop(database, f"{database}_prefect")

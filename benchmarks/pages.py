"""``python -m benchmarks.pages``: how long people wait for a page, and for their sign-off to be on disk.

A thousand projects, 125,000 sign-offs, a million commitments; the pages served by one process, as ``up`` serves
them, and asked over loopback by one client, then by eight at once. Each visitor has a session of their own; every
project page, list and sign-off is another one's.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from actions.access.sign_in import open_session
from actions.files.store_file import FileStore
from benchmarks.databases import POSTGRESQL, SQLITE, temporary_database, why_absent
from benchmarks.nation import HASH, Nation, Wanted, seed
from database.engine import Database
from models.paris_time import paris_day
from models.person import AuthMethod
from settings import Settings
from web.access.signed_in import COOKIE

AIMS = {"Valider (POST)": 50}
AIM = 100
"""Milliseconds at most for nineteen in twenty."""
CLIENTS = (1, 8)
_TOKEN = re.compile(r'name="jeton" value="(\w+)"')

console = Console(width=None if sys.stdout.isatty() else 110)


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds that callers waited for one sort of page."""

    page: str
    clients: int
    all: list[float]

    @property
    def p95(self) -> float:
        return quantiles(self.all, n=20)[-1]


def main(
    requests: Annotated[int, typer.Option(min=20, help="Requêtes de chaque sorte, par mesure.")] = 200,
    quick: Annotated[bool, typer.Option(help="Vingt projets, quarante requêtes : un essai.")] = False,
) -> None:
    """Mesure les pages et la validation, sur une base pleine."""
    day = paris_day(datetime.now(UTC))
    nation = Nation(20, 20_000, day) if quick else Nation(1000, 1_000_000, day)
    for kind in (SQLITE, POSTGRESQL):
        if reason := why_absent(kind):
            console.print(f"[yellow]{reason}[/]")
            continue
        console.print(as_table(kind, list(_measured(kind, nation, 20 if quick else requests))))


def as_table(kind: str, waits: list[Waits]) -> Table:
    """The waits of each page, one client then several."""
    table = Table(title=f"Les pages, servies par un seul processus ({kind})")
    for heading in ("Page", "Clients", "Médiane (ms)", "p95 (ms)", "Visée (ms)", "Pages/s"):
        table.add_column(heading, justify="left" if heading == "Page" else "right")
    for one in waits:
        rate = one.clients * 1000 / (sum(one.all) / len(one.all))
        table.add_row(one.page, str(one.clients), f"{median(one.all):.1f}", f"{one.p95:.1f}",
                      str(AIMS.get(one.page, AIM)), f"{rate:.0f}")  # fmt: skip
    return table


def _measured(kind: str, nation: Nation, requests: int) -> Iterator[Waits]:
    with temporary_database(kind) as url, tempfile.TemporaryDirectory() as folder:
        wanted = seed(url, nation)
        settings = Settings(_env_file=None, database_url=url, data_dir=Path(folder), secret_key="k" * 40)
        path = FileStore(settings.files_dir).path(HASH)
        path.parent.mkdir(parents=True)
        path.write_text("# Feuille de route\n\nNos cinq actions.\n" * 25, encoding="utf-8")
        with _served(settings) as address:
            people = Visitors(url, nation, address)
            for clients in CLIENTS:
                for page, ask in people.pages().items():
                    yield _timed(page, clients, ask, requests)
                yield _timed("Valider (POST)", clients, people.signing(wanted, requests), requests)


def _timed(page: str, clients: int, ask: Callable[[int], float], requests: int) -> Waits:
    for number in range(3):
        if not page.startswith("Valider"):
            ask(number)  # what is compiled once is
    with ThreadPoolExecutor(clients) as pool:
        return Waits(page, clients, list(pool.map(ask, range(requests))))


class Visitors:
    """People in front of the pages, each with a session."""

    def __init__(self, url: str, nation: Nation, address: str) -> None:
        self._db, self._nation = Database(url), nation
        self._http = httpx.Client(base_url=address, trust_env=False, timeout=60)
        self._sessions: dict[int, str] = {}

    def pages(self) -> dict[str, Callable[[int], float]]:
        """Each sort of page, and what asks for the n-th of it."""
        projects, agents = self._nation.projects, self._nation.country.agents
        cities = self._nation.country.contacts
        return {
            "Tableau de bord (ANCT)": lambda n: self._get("/projets", agents[n % len(agents)]),
            "Page du projet": lambda n: self._get(
                f"/projets/projet-{n * 7 % projects + 1}", agents[n % len(agents)]
            ),
            "Attendu de nous (ville)": lambda n: self._get("/a-faire", n * 11 % cities + 1),
            "Ce qui m’attend (ANCT)": lambda n: self._get("/a-faire", agents[n % len(agents)]),
            "Engagements": lambda n: self._get(
                f"/projets/projet-{n * 7 % projects + 1}/engagements", agents[n % len(agents)]
            ),
        }

    def signing(self, wanted: list[Wanted], requests: int) -> Callable[[int], float]:
        """Sign-offs that are awaited, their pages read beforehand; each is given once."""
        todo = [wanted.pop() for _ in range(min(requests, len(wanted)))]
        forms = [(each, self._form(each)) for each in todo]

        def sign(number: int) -> float:
            each, jeton = forms[number % len(forms)]
            fields = {
                "jeton": jeton,
                "partie": f"{each.city:05}",
                "empreinte": HASH,
                "decision": "approved",
            }
            started = time.perf_counter()
            answer = self._http.post(_page(each), data=fields, cookies=self._cookies(each.mayor_id))
            waited = (time.perf_counter() - started) * 1000
            assert answer.headers.get("location", "").startswith("/recus/"), answer.text
            return waited

        return sign

    def _form(self, each: Wanted) -> str:
        shown = self._http.get(_page(each), cookies=self._cookies(each.mayor_id))
        match = _TOKEN.search(shown.text)
        assert match, shown.text
        return match[1]

    def _get(self, path: str, person_id: int) -> float:
        cookies = self._cookies(person_id)
        started = time.perf_counter()
        answer = self._http.get(path, cookies=cookies)
        waited = (time.perf_counter() - started) * 1000
        assert answer.status_code == 200, answer.text
        return waited

    def _cookies(self, person_id: int) -> dict[str, str]:
        if person_id not in self._sessions:
            with self._db.write() as session:
                self._sessions[person_id] = open_session(
                    session, person_id, AuthMethod.email_link, datetime.now(UTC)
                )
        return {COOKIE: self._sessions[person_id]}


def _page(each: Wanted) -> str:
    return f"/projets/projet-{each.project}/livrables/{each.deliverable_id}"


@contextmanager
def _served(settings: Settings) -> Iterator[str]:
    """The pages in a process of their own, on a free port, ended at the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    ours = {
        "PROJET_PARTAGE_DATABASE_URL": settings.database_url,
        "PROJET_PARTAGE_DATA_DIR": str(settings.data_dir),
        "PROJET_PARTAGE_SECRET_KEY": settings.secret(),
        "PROJET_PARTAGE_WEB_PORT": str(port),
    }
    with subprocess.Popen([sys.executable, "-m", "web"], env=os.environ | ours) as process:
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("Les pages ne démarrent pas.")


if __name__ == "__main__":
    typer.run(main)

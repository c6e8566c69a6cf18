"""PostgreSQL restarted under requests: no answer is « 500 », what was accepted stands, what is unknown repeats well."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from api import PROJECT, Api
from cast import CITIES, Cast
from prefect_system import wait_until
from served import served

from database.engine import Database
from database.upgrade import upgrade_database
from web.access.rate import Rate

pytestmark = pytest.mark.trials
NOTE = "note_de_cadrage"
PLACE = f"{PROJECT}/stages/constitution/deliverables/{NOTE}/sign-offs"
TOOLS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
RESTARTS = 6


class OwnPostgres:
    """A server of the test's own, which may be restarted; run by « postgres » when the test is root."""

    def __init__(self, folder: Path) -> None:
        if not TOOLS:
            pytest.skip("pas de PostgreSQL à démarrer sur cette machine (/usr/lib/postgresql)")
        self._data = folder / "data"
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        self._run(
            "initdb", "-D", self._data, "-U", "postgres", "--auth", "trust", "-E", "UTF8", "--locale", "C"
        )
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        log = self._data.parent / "server.log"
        self._run("pg_ctl", "-D", self._data, "-l", log, "-w", "-t", "300", "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "300", "-m", how, "stop")

    def _run(self, tool: str, *words: object) -> None:
        command = [str(TOOLS[-1] / tool), *map(str, words)]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        done = subprocess.run(command, capture_output=True, cwd="/", timeout=600, check=False)
        log = self._data.parent / "server.log"
        assert done.returncode == 0, (done, log.read_text("utf-8")[-3000:] if log.exists() else "")


@pytest.fixture
def postgres() -> Iterator[OwnPostgres]:
    """In a folder of its own: « postgres » may not enter root's temporary folders."""
    with tempfile.TemporaryDirectory(prefix="pp-postgres-") as folder:
        own = OwnPostgres(Path(folder))
        own.start()
        yield own
        own.stop("immediate")


@pytest.fixture
def here(postgres: OwnPostgres, tmp_path: Path) -> Iterator[Api]:
    """The pages and the API of a project on that server."""
    db = Database(postgres.url)
    upgrade_database(db)
    cast = Cast.meet(db, tmp_path, now=datetime.now(UTC) - timedelta(days=4))
    cast.open("constitution")
    cast.review("constitution")
    cast.set_clock(datetime.now(UTC))
    api = Api(cast)
    api.state.rate = Rate(burst=10**6, by_second=10**6)
    yield api
    db.close()


@dataclass
class Decider:
    """A mayor's program that signs, reads and withdraws, again and again, and keeps what it was answered."""

    address: str
    token: str
    body: dict[str, str]
    said: Counter[str] = field(default_factory=Counter)
    numbers: set[int] = field(default_factory=set)

    def run(self, over: threading.Event) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(base_url=self.address, headers=headers, trust_env=False, timeout=120) as client:
            while not over.is_set():
                self.decide(client)

    def decide(self, client: httpx.Client) -> None:
        given = client.post(PLACE, json=self.body)
        self.said[f"sign {given.status_code}"] += 1
        if given.status_code != 201:
            self.said[given.json()["code"]] += 1
            return
        self.numbers.add(given.json()["id"])
        for path in (PROJECT, "/", "/publics"):
            self.said[f"read {client.get(path).status_code}"] += 1
        taken = client.post(f"{PLACE}/withdraw", json={"party": self.body["party"], "reason": "À relire"})
        self.said[f"withdraw {taken.status_code}"] += 1


def test_restarts_under_requests_lose_no_fact_and_give_no_500(
    here: Api, postgres: OwnPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    cast, over = here.cast, threading.Event()
    sha256 = cast.deliverable(NOTE).sha256 or ""
    with served(here.app) as address:
        deciders = [
            Decider(
                address,
                here.token(cast.mayor(code)),
                {"party": code, "decision": "approved", "sha256": sha256},
            )
            for code in CITIES
        ]
        with ThreadPoolExecutor(len(deciders)) as pool:
            running = [pool.submit(each.run, over) for each in deciders]
            try:
                for _ in range(RESTARTS):
                    signed = sum(each.said["sign 201"] for each in deciders)
                    wait_until(lambda: sum(each.said["sign 201"] for each in deciders) > signed + 8)  # noqa: B023
                    postgres.stop()
                    postgres.start()
            finally:
                over.set()
            for each in running:
                each.result()
    said = sum((each.said for each in deciders), Counter[str]())
    print(dict(said))
    statuses = {int(words.rpartition(" ")[2]) for words in said if " " in words}
    assert statuses <= {200, 201, 409, 503}
    assert 503 in statuses
    assert [each.message for each in caplog.records if each.exc_info] == []
    assert_facts(cast, deciders, said["outcome-unknown"])


def assert_facts(cast: Cast, deciders: Sequence[Decider], unknown: int) -> None:
    """Every accepted number is a fact of its city; what is there besides was said to be unknown; the journal holds."""
    facts = {each.id: each for each in cast.sign_offs(NOTE)}
    for each in deciders:
        party = cast.party(each.body["party"]).id
        assert {facts[number].party_id for number in each.numbers} == {party}
    told = set().union(*(each.numbers for each in deciders))
    assert len(set(facts) - told) <= unknown
    recorded = [event for event, _ in cast.journal() if event == "sign_off.recorded"]
    assert len(recorded) == len(facts)

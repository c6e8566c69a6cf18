"""One whole system for the tests of the flows: Prefect server, our worker, mail catcher, relay, SQLite.

The processes are those of `projet-partage up`, on free ports and in a folder of their own; the relay is a
thread, so that a test may hold it back.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

import httpx
import yaml
from prefect_system import PrefectSystem, free_port, wait_until

import commands.relay
from actions.prefect.client import PrefectUnreachable
from actions.prefect.reconcile import Repair, reconcile
from commands.child import Child
from commands.processes import children
from database.engine import Database
from database.upgrade import upgrade_database
from settings import Settings

PRODUCT = Path(commands.relay.__file__).parent.parent / "prefect.yaml"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class FlowsSystem(PrefectSystem):
    """The system, its domain database, and what a test does to them."""

    mail: Child
    db: Database = field(init=False)
    _relay: threading.Thread | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.db = Database(self.settings.domain_url)
        upgrade_database(self.db)

    def start_relay(self) -> None:
        self._stop = threading.Event()
        self._relay = threading.Thread(target=commands.relay.run, args=(self._stop, self.settings))
        self._relay.start()

    def stop_relay(self) -> None:
        if self._relay is not None:
            self._stop.set()
            self._relay.join()
            self._relay = None

    @contextmanager
    def without_relay(self) -> Iterator[None]:
        """Nothing of the outbox is delivered during the block."""
        self.stop_relay()
        try:
            yield
        finally:
            self.start_relay()

    @contextmanager
    def without_prefect(self) -> Iterator[None]:
        """The server is away during the block, while the worker and the relay keep calling it."""
        self.server.ask_to_stop()
        self.server.stop(15)
        try:
            yield
        finally:
            self.start_server()
            if not self.worker.is_running:  # `up` starts it again, as it does any process that ends
                self.start_worker()

    @contextmanager
    def on_database(self, url: str) -> Iterator["FlowsSystem"]:
        """The same server with a worker and a relay on another domain database, during the block."""
        before, environment = self.settings, self.worker.environment
        self.stop_relay()
        self.stop_worker()
        self.worker.environment = {**environment, "PROJET_PARTAGE_DATABASE_URL": url}
        other = replace(self, settings=before.model_copy(update={"database_url": url}))
        other.start_worker()
        other.start_relay()
        try:
            yield other
        finally:
            other.stop_relay()
            other.stop_worker()
            other.db.close()
            other.api.close()
            self.worker.environment = environment
            self.start_worker()
            self.start_relay()

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """What Prefect's API answers; ``body`` makes it a POST."""
        method = "GET" if body is None else "POST"
        answer = httpx.request(
            method, f"{self.api_url}/{path}", json=body, auth=self.login, timeout=30, trust_env=False
        )
        return answer.raise_for_status().json()

    def reconcile(self, stuck_after: timedelta = timedelta(minutes=2)) -> list[Repair]:
        """What one round repairs, of any test's; tried again while Prefect's SQLite is locked, as the next would."""
        repairs: list[Repair] = []

        def is_done() -> bool:
            try:
                repairs.extend(reconcile(self.db, self.api, now=now(), stuck_after=stuck_after))
            except PrefectUnreachable:
                return False
            return True

        wait_until(is_done)
        return repairs

    def mails(self) -> Counter[str]:
        """How many times each Message-ID has reached the mail catcher."""
        parser = BytesHeaderParser()
        files = (self.folder / "mail" / "new").iterdir()
        return Counter(parser.parsebytes(file.read_bytes())["Message-ID"] for file in files)


@contextmanager
def flows_system(folder: Path, env: Mapping[str, str]) -> Iterator[FlowsSystem]:
    """Everything but the pages, started; all stopped at the end."""
    settings = Settings(_env_file=None, data_dir=folder, prefect_port=free_port(), mail_port=free_port())
    programs = children(settings, web=False, deployments=_declare(folder / "trial.yaml"))
    for child in programs.values():
        child.environment = {**child.environment, "PREFECT_WORKER_QUERY_SECONDS": "0.2", **env}
    ready = folder / "flows.ready"
    system = FlowsSystem(folder, settings, programs["prefect"], programs["flows"], ready, programs["mail"])
    try:
        system.mail.start()
        system.start_server()
        system.start_worker()
        system.start_relay()
        yield system
    finally:
        system.stop_relay()
        system.stop_worker()
        system.server.ask_to_stop()
        system.server.stop(15)
        system.mail.ask_to_stop()
        system.mail.stop(5)
        system.db.close()
        system.api.close()


def _declare(file: Path) -> Path:
    """The product's deployments, with no schedule to disturb the tests, and two whose runs may die."""
    declared = yaml.safe_load(PRODUCT.read_text(encoding="utf-8"))
    for row in declared["deployments"]:
        row.pop("schedules", None)
    for key in ("constitution", "territorial_diagnosis"):
        doomed = {"name": "doomed", "entrypoint": f"killing_flows.{key}"}
        declared["deployments"].append(doomed | {"work_pool": {"name": "projet-partage"}})
    file.write_text(yaml.safe_dump(declared), encoding="utf-8")
    return file

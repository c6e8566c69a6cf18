"""What Prefect is doing now, read from its own database; and the one request that a schedule would make itself."""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx

SECONDS_BETWEEN_LOOKS = 0.005


@dataclass(frozen=True, slots=True)
class PrefectLook:
    """The embedded Prefect of one data directory."""

    data_dir: Path
    port: int
    login: str = ""  # « user:secret », unless it stands in the data directory

    @property
    def database(self) -> Path:
        return self.data_dir / "prefect" / "prefect.db"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.database}"

    def count(self, *states: str, deployment: str = "") -> int:
        """The runs in one of these states (of that deployment only, if named); 0 while there is no database."""
        places = ", ".join("?" for _ in states)
        query = f"SELECT COUNT(*) FROM flow_run WHERE state_type IN ({places})"
        values: tuple[str, ...] = states
        if deployment:
            query += " AND deployment_id IN (SELECT id FROM deployment WHERE name = ?)"
            values = (*states, deployment)
        try:
            with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)) as file:
                return int(file.execute(query, values).fetchone()[0])
        except sqlite3.Error:
            return 0

    def wait_for(self, *states: str, deployment: str = "", seconds: float = 60) -> bool:
        """Whether such a run was seen in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.count(*states, deployment=deployment):
                return True
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return False

    def ask_for_run(self, name: str) -> bool:
        """Have a periodic flow run now, as its schedule would a little later; whether Prefect took it."""
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{self.port}/api", auth=self._login(), timeout=30, trust_env=False
            ) as http:
                found = http.get(f"/deployments/name/{name}/{name}").raise_for_status().json()
                http.post(f"/deployments/{found['id']}/create_flow_run", json={}).raise_for_status()
        except httpx.HTTPError:
            return False
        return True

    def _login(self) -> tuple[str, str] | None:
        file = self.data_dir / "prefect_auth"
        login = self.login or (file.read_text(encoding="utf-8").strip() if file.exists() else "")
        if not login:
            return None
        user, _, secret = login.partition(":")
        return user, secret

"""Where the scaled set-up of `make scale` lives, and the settings its operator would write for it.

Ours rather than a compose file: it also starts where nothing runs containers.
"""

import secrets
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy import make_url

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
HOSTS = ("host-1", "host-2")
HERE = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """Every port of the set-up: first the five that people and workers use, then the internal ones."""

    https: int = 8443
    http: int = 8080
    prefect: int = 4200
    mail: int = 1025
    mail_page: int = 8025
    web_1: int = 8001
    web_2: int = 8002
    prefect_1: int = 4201
    prefect_2: int = 4202
    redis: int = 6390

    @classmethod
    def free(cls) -> "Ports":
        """Ports that nobody listens on now."""
        probes = [socket.create_server((HERE, 0)) for _ in cls.__dataclass_fields__]
        free_ports = [probe.getsockname()[1] for probe in probes]
        for probe in probes:
            probe.close()
        return cls(*free_ports)


@dataclass(frozen=True)
class Place:
    """The folder, the ports, the PostgreSQL server (an SQLAlchemy address) and the two databases' name on it.

    Each « host » is a folder of its own with its own ``DATA_DIR``; only ``files`` is one for both, as an NFS mount
    would be.
    """

    folder: Path
    postgres: str
    database: str = "projet_partage_scale"
    ports: Ports = field(default_factory=Ports)
    redis_url: str = ""

    @property
    def certificate(self) -> Path:
        """What the pages show as theirs: a certificate of our own making, and its key."""
        return self.folder / "site.pem"

    @property
    def redis(self) -> str:
        return self.redis_url or f"redis://{HERE}:{self.ports.redis}/0"

    def data_dir(self, host: str) -> Path:
        return self.folder / host

    def prepare(self) -> None:
        """Make the folders, the certificate and the databases that are missing."""
        (self.folder / "files").mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / "log").mkdir(exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        for host in HOSTS:
            self.data_dir(host).mkdir(exist_ok=True, mode=0o700)
            if not (self.data_dir(host) / "files").exists():
                (self.data_dir(host) / "files").symlink_to(self.folder / "files")
        certify(self.certificate)
        for name in self.databases():
            _create_database(self.postgres, name)

    def databases(self) -> tuple[str, str]:
        """The domain's, and Prefect's."""
        return self.database, f"{self.database}_prefect"

    def url(self, database: str, driver: str) -> str:
        return make_url(self.postgres).set(drivername=driver, database=database).render_as_string(False)


def host_settings(place: Place, host: str) -> dict[str, str]:
    """The settings of ``deploy/projet-partage.env``, with the values they have here."""
    domain, prefect = place.databases()
    ports = place.ports
    values = _example() | {
        "PROJET_PARTAGE_BASE_URL": f"https://localhost:{ports.https}",
        "PROJET_PARTAGE_DATABASE_URL": place.url(domain, "postgresql+psycopg"),
        "PROJET_PARTAGE_PREFECT_DATABASE_URL": place.url(prefect, "postgresql+asyncpg"),
        "PROJET_PARTAGE_REDIS_URL": place.redis,
        "PROJET_PARTAGE_APPRISE_URLS": "",
        "PROJET_PARTAGE_SECRET_KEY": _kept(place.folder / "secret_key"),
        "PROJET_PARTAGE_PREFECT_AUTH": "projet-partage:" + _kept(place.folder / "prefect_auth"),
        "PROJET_PARTAGE_PREFECT_URL": f"http://{HERE}:{ports.prefect}/api",
        "PROJET_PARTAGE_DATA_DIR": str(place.data_dir(host)),
        "PROJET_PARTAGE_WORKER_NAME": host,
        "PROJET_PARTAGE_MAIL_PORT": str(ports.mail),
        "PROJET_PARTAGE_MAIL_PAGE_PORT": str(ports.mail_page),
    }
    left = [name for name, value in values.items() if "CHANGE_ME" in value]
    assert not left, f"the example sets {left}, and nothing here gives them a value"  # noqa: S101
    return values


def haproxy_settings(place: Place) -> dict[str, str]:
    """What ``deploy/haproxy.cfg`` asks of its environment."""
    ports = place.ports
    return {
        "PROJET_PARTAGE_HAPROXY_SOCKET": str(place.folder / "haproxy.sock"),
        "PROJET_PARTAGE_HTTP": f"{HERE}:{ports.http}",
        "PROJET_PARTAGE_HTTPS": f"{HERE}:{ports.https}",
        "PROJET_PARTAGE_CERTIFICATE": str(place.certificate),
        "PROJET_PARTAGE_PREFECT_FRONT": f"{HERE}:{ports.prefect}",
        "PROJET_PARTAGE_WEB_1": f"{HERE}:{ports.web_1}",
        "PROJET_PARTAGE_WEB_2": f"{HERE}:{ports.web_2}",
        "PROJET_PARTAGE_PREFECT_1": f"{HERE}:{ports.prefect_1}",
        "PROJET_PARTAGE_PREFECT_2": f"{HERE}:{ports.prefect_2}",
    }


def _example() -> dict[str, str]:
    lines = (DEPLOY / "projet-partage.env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _kept(file: Path) -> str:
    if not file.exists():
        file.touch(0o600)
        file.write_text(secrets.token_urlsafe(48), "ascii")
    return file.read_text("ascii")


def certify(file: Path) -> None:
    """A certificate for localhost and its key in one file, as HAProxy wants them; made by openssl."""
    if file.exists():
        return
    key, certificate = file.with_suffix(".key"), file.with_suffix(".crt")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", *names]
    subprocess.run(  # noqa: S603
        [*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    file.touch(0o600)
    file.write_bytes(certificate.read_bytes() + key.read_bytes())
    key.unlink()


def _create_database(server: str, name: str) -> None:
    url = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, [name]).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{name}" ENCODING UTF8 TEMPLATE template0')

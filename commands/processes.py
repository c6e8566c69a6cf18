"""What the system is made of: each process's command, environment and log; all listen on loopback."""

import os
import sys
from pathlib import Path

from pydantic import SecretStr

import settings as settings_module
from commands.child import Child
from commands.prefect_over_redis import over_redis
from settings import Settings

HOST = "127.0.0.1"
_ROOT = Path(settings_module.__file__).parent

# What we do not use of Prefect's server, and how often it does the rest. Measured: see docs/decisions.
_PREFECT_SERVER = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "30",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "30",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "15",
    # Two rounds ahead are enough, and a short write: its SQLite has one writer at a time.
    "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "1",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS": "3",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "PT10M",
    # In memory (the default), the slot of a run that dies with the server stays taken for ever.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    # Its own history is for looking back, and nobody reads it: a month of the runs that are over, with their logs and
    # artifacts, a week of events. A run that waits is not over, however long it has waited.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 24 * 60 * 60),
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P7D",
}
_PREFECT_WORKER = {
    "PREFECT_WORKER_QUERY_SECONDS": "0.5",
    "PREFECT_WORKER_PREFETCH_SECONDS": "0",  # a run fetched ahead of its time would hold a process to wait
}
_PREFECT_EVERYWHERE = {
    "DO_NOT_TRACK": "1",
    "PREFECT_CLI_PROMPT": "false",
    # Two requests fewer for each run: the server asks for no CSRF token, and is of the version that was installed here.
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PYTHONUNBUFFERED": "1",
}

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "SSL_CERT_FILE", "SSL_CERT_DIR")


def ports(settings: Settings, *, web: bool) -> dict[str, int]:
    """The ports that must be free, by the variable that sets each."""
    needed = {}
    if settings.has_own_prefect:
        needed["PROJET_PARTAGE_PREFECT_PORT"] = settings.prefect_port
    if web:
        needed["PROJET_PARTAGE_WEB_PORT"] = settings.web_port
    if not settings.apprise_urls:
        needed["PROJET_PARTAGE_MAIL_PORT"] = settings.mail_port
    if has_mail_page(settings, web=web):
        needed["PROJET_PARTAGE_MAIL_PAGE_PORT"] = settings.mail_page_port
    return needed


def has_mail_page(settings: Settings, *, web: bool) -> bool:
    """Whether the caught mails can be read in a browser: with the pages, and only where mails are caught."""
    return web and not settings.apprise_urls


def children(settings: Settings, *, web: bool, deployments: Path | None = None) -> dict[str, Child]:
    """The processes to run, by name, in order of start; ``deployments`` instead of ``prefect.yaml``."""
    data = settings.data_dir.absolute()
    log = data / "log"
    for folder in (log, data / "prefect"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    python, shared = sys.executable, environment(settings)
    children: dict[str, Child] = {}

    def add(name: str, label: str, *arguments: str, is_server: bool = False) -> None:
        command = [python, "-m", *arguments]
        children[name] = Child(label, command, shared, log / f"{name}.log", is_server=is_server)

    if settings.has_own_prefect:
        port = str(settings.prefect_port)
        add("prefect", f"Serveur Prefect (port {port})",
            "flows.prefect_server", "server", "start", "--host", HOST, "--port", port, is_server=True)  # fmt: skip
    add(
        "flows",
        "Exécution des étapes",
        "flows",
        str(deployments or _ROOT / "prefect.yaml"),
        str(data / "flows.ready"),
    )
    if not settings.apprise_urls:
        mail_port, mails = str(settings.mail_port), str(data / "mail")
        add("mail", f"Courrier local (port {mail_port})",
            "notifications.mail_catcher", "--port", mail_port, "--folder", mails)  # fmt: skip
    add("relay", "Relais des demandes", "commands.relay")
    if web:
        add("web", f"Pages (port {settings.web_port})", "web")
    if has_mail_page(settings, web=web):
        add("mail_page", f"Page du courrier local (port {settings.mail_page_port})", "web.mail_catcher.page")
    return children


def environment(settings: Settings) -> dict[str, str]:
    """The same for all: what the system needs, nothing of the caller's Prefect profile or Python."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    ours = {f"PROJET_PARTAGE_{name.upper()}": _text(value) for name, value in settings}
    ours["PROJET_PARTAGE_DATA_DIR"] = str(settings.data_dir.absolute())
    home = settings.data_dir.absolute() / "prefect"
    prefect = {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": settings.prefect_database_url.get_secret_value()
        or f"sqlite+aiosqlite:///{home / 'prefect.db'}",
    }
    if settings.log_format == "json":
        prefect["PREFECT_LOGGING_SETTINGS_PATH"] = str(_ROOT / "flows" / "logging-json.yml")
    redis = settings.redis_url.get_secret_value()
    shared = over_redis(redis) if redis else {}
    return kept | ours | prefect | _PREFECT_SERVER | _PREFECT_WORKER | _PREFECT_EVERYWHERE | shared


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)

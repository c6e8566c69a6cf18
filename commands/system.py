"""The whole system in the foreground: started side by side, waited for, supervised, stopped in order."""

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from actions.prefect.client import PrefectApi
from commands.child import Child
from commands.machinery_news import MachineryNews, machinery_news
from commands.mail_at_start import MailAtStart
from commands.probe import Probe
from commands.processes import HOST, children, has_mail_page, ports
from commands.supervision import listens, stop_in_order, stop_signals
from models.refusal import Refusal
from queries.system.state_assets import state_assets
from settings import Settings

_SECONDS_TO_START = 120
_SECONDS_TO_STOP = 10
_SECONDS_BETWEEN_LOOKS = 0.1
_LAST = "relay"
"""Started once the deployments are declared: before, each of its requests to Prefect would wait for minutes."""


class PortTaken(Refusal):
    """A port that the system needs is used by another program."""

    def __init__(self, port: int, variable: str) -> None:
        super().__init__(
            f"Démarrage impossible : le port {port} est déjà utilisé par un autre programme ; arrêtez-le, "
            f"ou choisissez un autre port avec la variable {variable}."
        )


class AlreadyRunning(Refusal):
    """Another supervisor holds this data directory."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            f"Démarrage impossible : un système fonctionne déjà avec les données de « {data_dir} » ; "
            "arrêtez-le, ou choisissez un autre dossier avec la variable PROJET_PARTAGE_DATA_DIR."
        )


class DidNotStart(Refusal):
    """Something did not become ready in time."""

    def __init__(self, label: str, log: Path) -> None:
        super().__init__(f"{label} ne démarre pas ; la raison est sans doute à la fin de « {log} ».")


class PrefectIsSilent(Refusal):
    """The external Prefect server did not answer in time."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"Démarrage impossible : Prefect ne répond pas à l’adresse « {url} » ; vérifiez qu’il est démarré, et la "
            "variable PROJET_PARTAGE_PREFECT_URL."
        )


def _print(line: str) -> None:
    print(line, flush=True)


def is_running(settings: Settings) -> bool:
    """Whether a supervisor runs now on this ``data_dir`` (ready or not)."""
    try:
        with _lock(settings):
            return False
    except AlreadyRunning:
        return True


def run_system(
    settings: Settings,
    *,
    web: bool,
    say: Callable[[str], None] = _print,
    deployments: Path | None = None,
) -> None:
    """Start everything, supervise until SIGINT or SIGTERM, then stop everything.

    Must be called in the main thread. ``deployments`` stands for ``prefect.yaml``, ``say`` gets each
    line of news. Raises a `Refusal` when something cannot start; all is stopped then.
    """
    if web and settings.theme == "dsfr":
        state_assets(settings.dsfr_dir)
    with _lock(settings), stop_signals() as is_asked_to_stop:
        mail = MailAtStart(settings.apprise_urls)
        _check_ports(settings, web=web)
        started_at = time.monotonic()
        running = children(settings, web=web, deployments=deployments)
        ready_file = _fresh_ready_file(settings)
        try:
            for name, child in running.items():
                if name != _LAST:
                    child.start()
            _wait_until_ready(settings, running, ready_file, is_asked_to_stop, say)
            if not is_asked_to_stop():
                running[_LAST].start()
                for line in addresses(settings, web=web):
                    say(line)
                say_ready(mail.lines(), time.monotonic() - started_at, say)
            watching: list[Probe | MachineryNews] = [*probes(settings, running), machinery_news(settings)]
            _supervise(running.values(), watching, is_asked_to_stop, say)
        finally:
            say("Arrêt en cours…")
            stop_in_order(running.values(), _SECONDS_TO_STOP)
            say("Tout est arrêté.")


def say_ready(warnings: list[str], seconds: float, say: Callable[[str], None]) -> None:
    """Say what is wrong with the mail, a line each, and that the rest is ready; or that all is."""
    for line in warnings:
        say(line)
    what = "Tout est prêt, sauf le courrier," if warnings else "Tout est prêt"
    say(f"{what} en {seconds:.0f} s. Ctrl-C arrête tout.")


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    """Hold ``data_dir`` (made if needed, its owner's only); the kernel lets go when the process ends."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.data_dir.chmod(0o700)
    path = settings.data_dir / "system.pid"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(settings.data_dir) from error
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
        file.truncate(0)


def _check_ports(settings: Settings, *, web: bool) -> None:
    for variable, port in ports(settings, web=web).items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise PortTaken(port, variable) from error


def addresses(settings: Settings, *, web: bool) -> list[str]:
    """Where a person on this machine goes once all is ready, a line each."""
    lines = [f"Pages : {settings.public_url}"] if web else []
    if web and settings.is_demo:
        lines.append(f"Démonstration, pour être l’une de ses personnes : {settings.public_url}/demo")
    if has_mail_page(settings, web=web):
        lines.append(f"Courrier local : http://localhost:{settings.mail_page_port}")
    login = "PROJET_PARTAGE_PREFECT_AUTH" if len(settings.prefect_auth) else settings.login_file
    lines.append(
        f"Prefect, pour l’exploitant : {settings.prefect_api_url.removesuffix('/api')} ; l’identification "
        f"à y coller est celle de {login}"
    )
    return lines


def _fresh_ready_file(settings: Settings) -> Path:
    ready = settings.data_dir.absolute() / "flows.ready"
    ready.unlink(missing_ok=True)
    return ready


def _wait_until_ready(
    settings: Settings,
    running: dict[str, Child],
    ready_file: Path,
    is_asked_to_stop: Callable[[], bool],
    say: Callable[[str], None],
) -> None:
    started_at = time.monotonic()
    with PrefectApi.of(settings, timeout=1) as prefect:
        steps: dict[str, Callable[[], bool]] = {"prefect": prefect.is_healthy, "flows": ready_file.exists}
        if "prefect" not in running:  # `flows` waits for it
            del steps["prefect"]
        for name, port in (("web", settings.web_port), ("mail_page", settings.mail_page_port)):
            if name in running:
                steps[name] = partial(listens, port)
        for name, is_ready in steps.items():
            while not is_ready():
                if is_asked_to_stop():
                    return
                if time.monotonic() - started_at > _SECONDS_TO_START:
                    if "prefect" not in running and not prefect.is_healthy():
                        raise PrefectIsSilent(settings.prefect_api_url)
                    raise DidNotStart(running[name].label, running[name].log)
                _watch(running.values(), say)
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            say(f"{running[name].label} : prêt en {time.monotonic() - started_at:.0f} s")


def probes(settings: Settings, running: dict[str, Child]) -> list[Probe]:
    """What asks the servers among ``running`` whether they still answer."""
    urls = {
        "prefect": f"{settings.prefect_api_url}/health",
        "web": f"http://{HOST}:{settings.web_port}/healthz",
    }
    return [Probe(running[name], url) for name, url in urls.items() if name in running]


def _supervise(
    running: Iterable[Child],
    watching: Sequence[Probe | MachineryNews],
    is_asked_to_stop: Callable[[], bool],
    say: Callable[[str], None],
) -> None:
    for each in watching:
        each.start()
    try:
        while not is_asked_to_stop():
            for each in watching:
                if news := each.news():
                    say(news)
            _watch(running, say)
            time.sleep(_SECONDS_BETWEEN_LOOKS)
    finally:
        for each in watching:
            each.stop()


def _watch(running: Iterable[Child], say: Callable[[str], None]) -> None:
    for child in running:
        if news := child.watch():
            say(f"{news} ; voir {child.log}" if "code" in news else news)

"""`projet-partage up`: one system per data directory, nothing left behind whatever ends it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import trial_flows
from prefect_system import free_port, wait_until
from system_processes import processes_of

from actions.prefect.client import PrefectApi
from commands.child import Child
from commands.mail_at_start import MailAtStart
from commands.processes import children, ports
from commands.run import ProcessName, check_mail
from commands.system import AlreadyRunning, PortTaken, addresses, is_running, run_system, say_ready
from database.engine import Database
from database.upgrade import upgrade_database
from notifications.way_out import BadWayOut
from settings import Settings

PROGRAM = """
import sys
from pathlib import Path
from commands.system import run_system
from settings import Settings
run_system(Settings(), web=True, deployments=Path(sys.argv[1]))
"""


def settings_in(folder: Path) -> Settings:
    names = ("prefect_port", "web_port", "mail_port", "mail_page_port")
    return Settings(_env_file=None, data_dir=folder, **{name: free_port() for name in names})


@contextmanager
def supervisor(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{Path(__file__).parents[1] / 'support'}{os.pathsep}{Path(__file__).parents[2]}",
        "PROJET_PARTAGE_DATA_DIR": str(settings.data_dir),
        "PROJET_PARTAGE_PREFECT_PORT": str(settings.prefect_port),
        "PROJET_PARTAGE_WEB_PORT": str(settings.web_port),
        "PROJET_PARTAGE_MAIL_PORT": str(settings.mail_port),
        "PROJET_PARTAGE_MAIL_PAGE_PORT": str(settings.mail_page_port),
    }
    settings.data_dir.mkdir(mode=0o700, exist_ok=True)
    db = Database(settings.domain_url)
    upgrade_database(db)
    db.close()
    deployments = trial_flows.declare(settings.data_dir.parent / "trial.yaml")
    command = [sys.executable, "-c", PROGRAM, str(deployments)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"« {words} » was never said")


@pytest.mark.parametrize("name", ["prefect_port", "web_port", "mail_port", "mail_page_port"])
def test_a_port_in_use_is_refused_by_its_number_and_variable(tmp_path: Path, name: str) -> None:
    settings = settings_in(tmp_path / "var")
    port = getattr(settings, name)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken) as refused:
        run_system(settings, web=True)
    assert str(port) in str(refused.value)
    assert f"PROJET_PARTAGE_{name.upper()}" in str(refused.value)
    assert not is_running(settings)


def test_a_mail_address_that_is_cut_starts_nothing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "var").model_copy(
        update={"apprise_urls": "mailtos://moi:s3cr#et@smtp.ville.example?from=projets@ville.example"}
    )
    for start in (lambda: run_system(settings, web=False), lambda: check_mail(ProcessName.flows, settings)):
        with pytest.raises(BadWayOut, match="PROJET_PARTAGE_APPRISE_URLS"):
            start()
    check_mail(ProcessName.prefect, settings)  # which sends nothing
    assert not is_running(settings)


def test_a_mail_server_that_is_away_is_said_in_place_of_all_is_ready(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    away = f"mailto://127.0.0.1:{free_port()}?from=projets@ville.example"
    settings = settings_in(tmp_path / "var").model_copy(update={"apprise_urls": away})
    said: list[str] = []
    say_ready(MailAtStart(away).lines(), 3.2, said.append)
    check_mail(ProcessName.web, settings)
    assert "refuse la connexion" in said[0]
    assert said[1:] == ["Tout est prêt, sauf le courrier, en 3 s. Ctrl-C arrête tout."]
    assert capsys.readouterr().err.splitlines() == said[:1]
    say_ready([], 3.2, said.append)
    assert said[-1] == "Tout est prêt en 3 s. Ctrl-C arrête tout."


def test_the_page_of_the_caught_mails_is_there_only_where_mails_are_caught(tmp_path: Path) -> None:
    caught = settings_in(tmp_path)
    sent = caught.model_copy(update={"apprise_urls": "mailto://smtp.example"})
    assert "mail_page" in children(caught, web=True)
    assert "mail_page" not in children(caught, web=False)
    assert {"mail", "mail_page"} & set(children(sent, web=True)) == set()
    assert "PROJET_PARTAGE_MAIL_PAGE_PORT" not in ports(sent, web=True)
    assert addresses(sent, web=True)[:-1] == [f"Pages : http://localhost:{sent.web_port}"]
    assert any(line.endswith("/demo") for line in addresses(settings_in(tmp_path / "here"), web=True))


def test_the_operator_is_told_where_prefect_is_and_where_its_login_is_and_not_the_login(
    tmp_path: Path,
) -> None:
    drawn = settings_in(tmp_path)
    line = addresses(drawn, web=False)[-1]
    assert f"http://127.0.0.1:{drawn.prefect_port} " in line
    assert line.endswith(str(tmp_path / "prefect_auth"))
    assert drawn.prefect_login() not in line
    elsewhere = Settings(_env_file=None, prefect_url="https://prefect.example/api", prefect_auth="a:secret")
    line = addresses(elsewhere, web=False)[-1]
    assert "https://prefect.example ;" in line
    assert line.endswith("PROJET_PARTAGE_PREFECT_AUTH")


def test_a_prefect_that_is_elsewhere_is_not_started_here(tmp_path: Path) -> None:
    here = settings_in(tmp_path)
    elsewhere = here.model_copy(update={"prefect_url": "https://prefect.example/api"})
    assert set(children(here, web=True)) - set(children(elsewhere, web=True)) == {"prefect"}
    assert "PROJET_PARTAGE_PREFECT_PORT" not in ports(elsewhere, web=True)


def test_a_process_that_dies_is_started_again_later_and_later(tmp_path: Path) -> None:
    child = Child("Essai", [sys.executable, "-c", "raise SystemExit(3)"], {}, tmp_path / "log")
    said: list[str] = []

    def has_died_twice() -> bool:
        said.extend(news for news in [child.watch()] if news)
        return len(said) >= 3

    child.start()
    wait_until(has_died_twice)
    assert said == [
        "Essai s’est arrêté (code 3), relance dans 1 s",
        "Essai relancé",
        "Essai s’est arrêté (code 3), relance dans 2 s",
    ]
    child.stop(0)


@pytest.mark.prefect
@pytest.mark.trials
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_behind_whatever_ends_the_system(tmp_path: Path, end: signal.Signals) -> None:
    settings = settings_in(tmp_path / "var")
    with supervisor(settings) as process:
        assert f"http://localhost:{settings.mail_page_port}" in read_until(process, "Courrier local : ")
        read_until(process, "Tout est prêt")
        for port in (settings.web_port, settings.mail_page_port):
            assert httpx.get(f"http://localhost:{port}/", timeout=60).status_code == 200
        assert is_running(settings)
        assert settings.data_dir.stat().st_mode & 0o777 == 0o700
        assert [path for path in settings.data_dir.rglob("*") if path.stat().st_mode & 0o077] == []
        with pytest.raises(AlreadyRunning):
            run_system(settings, web=False)
        assert len(processes_of(settings)) >= 6
        process.send_signal(end)
        process.wait(60)
        wait_until(lambda: not processes_of(settings))
        assert not is_running(settings)


def pid_of(settings: Settings, module: str) -> int:
    """The process that was started as ``python -m module``."""
    matching = [
        pid
        for pid in processes_of(settings)
        if f"-m\0{module}\0" in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    ]
    assert len(matching) == 1, matching
    return matching[0]


@pytest.mark.prefect
@pytest.mark.trials
def test_servers_that_are_frozen_are_started_again_and_all_is_well_after(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "var")
    modules = ("flows.prefect_server", "web")
    pages = f"http://localhost:{settings.web_port}/"
    with supervisor(settings) as process, PrefectApi.of(settings, timeout=30) as api:
        read_until(process, "Tout est prêt")
        wait_until(lambda: is_answered(pages))
        frozen = {module: pid_of(settings, module) for module in modules}
        for pid in frozen.values():
            os.kill(pid, signal.SIGSTOP)
        read_until(process, "relancé")
        read_until(process, "relancé")
        wait_until(lambda: api.is_healthy() and is_answered(pages))
        assert all(pid_of(settings, module) != frozen[module] for module in modules)
        run = api.create_run("held/held", {"gate": str(tmp_path / "none")}, idempotency_key="after")
        wait_until(lambda: getattr(api.run(run.id), "state_type", "") == "COMPLETED")
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def is_answered(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False

"""Prefect on another machine: reached over TLS, checked against an authority of one's own, with the login."""

import asyncio
import shutil
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trial_flows
from prefect_system import PrefectSystem, free_port, running, wait_until

from actions.prefect.client import PrefectApi, PrefectUnreachable
from commands.processes import children
from database.engine import Database
from database.upgrade import upgrade_database
from scripts.scaled_settings import certify
from settings import Settings

pytestmark = [pytest.mark.prefect, pytest.mark.trials]


@contextmanager
def over_tls(port: int, certificate: Path) -> Iterator[int]:
    """A proxy on loopback that speaks TLS before the plain port; the port of its own."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    loop, own = asyncio.new_event_loop(), free_port()
    is_to_end, began = asyncio.Event(), threading.Event()
    writers: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inward, outward = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        writers.extend((writer, outward))
        await asyncio.gather(carry(reader, outward), carry(inward, writer))

    async def serve() -> None:
        server = await asyncio.start_server(meet, "127.0.0.1", own, ssl=context)
        began.set()
        await is_to_end.wait()
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert began.wait(30)
        yield own
    finally:
        loop.call_soon_threadsafe(is_to_end.set)
        thread.join()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrefectSystem]:
    """A server as on a machine of its own, and a worker that knows it by an address in https only."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl n’est pas là pour faire un certificat")
    certificate = tmp_path / "site.pem"
    certify(certificate)
    port = free_port()
    with over_tls(port, certificate) as secure:
        address = f"https://localhost:{secure}/api"
        login = "plateforme:un-secret-que-les-machines-partagent"
        there = Settings(_env_file=None, data_dir=tmp_path / "there", prefect_port=port, prefect_auth=login)
        here = Settings(
            _env_file=None,
            data_dir=tmp_path / "here",
            prefect_url=address,
            prefect_auth=login,
            apprise_urls="none://",
        )
        server = children(there, web=False)["prefect"]
        here.data_dir.mkdir()
        server.environment = {**server.environment, "PROJET_PARTAGE_PREFECT_URL": address}
        db = Database(here.domain_url)
        upgrade_database(db)
        db.close()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
        worker = children(here, web=False, deployments=trial_flows.declare(tmp_path / "trial.yaml"))["flows"]
        tests = str(Path(__file__).parents[1] / "support")
        worker.environment = {
            **worker.environment,
            "PYTHONPATH": tests,
            "TRIAL_OUT": str(here.data_dir / "out"),
        }
        system = PrefectSystem(here.data_dir, here, server, worker, here.data_dir / "flows.ready")
        with running(system):
            yield system


def test_a_worker_runs_what_a_server_reached_over_tls_holds(
    elsewhere: PrefectSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = elsewhere.api.create_run("waiting/waiting", {"stage_id": 5}, idempotency_key="over-tls")
    elsewhere.wait_for_state(run.id, "PAUSED")
    assert "waiting 5" in (elsewhere.folder / "out").read_text()
    assert elsewhere.settings.prefect_api_url.startswith("https://")
    # Whose authority nobody named is not believed, and is not given the login.
    monkeypatch.delenv("SSL_CERT_FILE")
    with PrefectApi.of(elsewhere.settings, timeout=10) as stranger, pytest.raises(PrefectUnreachable):
        stranger.deployments()
    wait_until(elsewhere.api.is_healthy)

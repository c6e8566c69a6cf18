"""A process that is there and answers nobody is started again; one that is slow, or only starting, is left alone."""

import os
import signal
import sys
from pathlib import Path

import httpx
import pytest
from prefect_system import free_port, wait_until

from commands.child import Child
from commands.probe import Probe

SLOW_TO_START = """
import signal, sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
signal.pause()
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), SimpleHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
def port() -> int:
    return free_port()


def server(folder: Path, *program: str) -> Child:
    return Child("Essai", [sys.executable, *program], {}, folder / "log")


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/none", timeout=1, trust_env=False).status_code == 404
    except httpx.HTTPError:
        return False


def quick_probe(child: Child, port: int) -> Probe:
    return Probe(child, f"http://127.0.0.1:{port}/none", seconds_to_answer=0.5, seconds_between=0.05)


def test_a_frozen_server_is_restarted_once(tmp_path: Path, port: int) -> None:
    child = server(tmp_path, "-m", "http.server", "--bind", "127.0.0.1", str(port))
    probe = quick_probe(child, port)
    said: list[str] = []

    def look() -> None:
        said.extend(news for news in [probe.news(), child.watch()] if news)

    child.start()
    probe.start()
    try:
        wait_until(lambda: answers(port))
        wait_until(lambda: probe.has_answered)
        look()
        assert said == []
        frozen = child.pid or 0
        os.kill(frozen, signal.SIGSTOP)
        wait_until(lambda: look() or len(said) == 3)
        assert said == [
            "Essai ne répond plus",
            "Essai s’est arrêté (code -9), relance dans 1 s",
            "Essai relancé",
        ]
        wait_until(lambda: answers(port))
        wait_until(lambda: look() or probe.has_answered)
        assert child.pid != frozen
        assert len(said) == 3
    finally:
        probe.stop()
        child.stop(0)


def test_a_server_that_is_still_starting_is_left_alone(tmp_path: Path, port: int) -> None:
    child = server(tmp_path, "-c", SLOW_TO_START, str(port))
    probe = quick_probe(child, port)
    child.start()
    probe.start()
    try:
        wait_until(lambda: probe.silences > 10)
        assert probe.news() is None
        assert child.is_running
    finally:
        probe.stop()
        child.stop(0)

"""While its database is away, the relay says so in a line each time, and goes on."""

import logging
import threading
from pathlib import Path

import pytest
from prefect_system import free_port

from commands import relay
from settings import Settings


def test_a_database_that_is_away_is_a_line_in_the_log_and_no_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SECONDS_AFTER_A_FAILURE", 0.1)
    nobody = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nothing"
    chosen = Settings(_env_file=None, data_dir=tmp_path, database_url=nobody, apprise_urls="none://")
    stop = threading.Event()
    running = threading.Thread(target=relay.run, args=(stop, chosen))
    with caplog.at_level(logging.WARNING, "relay"):
        running.start()
        stop.wait(1.5)
        stop.set()
        running.join(30)
    assert not running.is_alive()
    said = [each for each in caplog.records if each.name == "relay"]
    assert len(said) > 1  # it has tried again
    assert all(each.levelno == logging.WARNING and each.exc_info is None for each in said)
    assert said[0].getMessage().startswith("La base de données ne répond pas, le relais recommence dans")

"""Somebody who only looks: pages, API and the two addresses of health, over and over, noting what each answered."""

import itertools
import signal
import threading
import time
from pathlib import Path

import httpx

from chaos.ledger import Ledger
from chaos.load.outcome import People, Place

SECONDS_BETWEEN_LOOKS = 0.25


def look(place: Place, people: People, ledger: Ledger) -> None:
    """Until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    someone = next(person for email, person in people.items() if email.startswith("maire-"))
    paths = ("/", "/publics", "/a-faire", "/projets/essai-1", "/api/v1/projects", "/healthz", "/readyz")
    cookies = {place.cookie: str(someone["session"])}
    headers = {"Authorization": f"Bearer {someone['token']}"}
    for path in itertools.cycle(paths):
        if stop.wait(SECONDS_BETWEEN_LOOKS):
            return
        began = time.monotonic()
        try:
            answer = httpx.get(
                place.web + path,
                cookies=cookies,
                headers=headers if path.startswith("/api") else {},
                **place.http,
            )
            status, text = answer.status_code, answer.text[:500] if path == "/readyz" else ""
        except httpx.TransportError as error:
            status, text = 0, type(error).__name__
        seconds = round(time.monotonic() - began, 3)
        ledger.note("seen", path=path, status=status, seconds=seconds, text=text)


def ledger_of_looks(folder: Path) -> Ledger:
    return Ledger(folder / "looks.ledger")

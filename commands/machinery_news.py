"""What `up` says of the machinery: a line when a part of it is not well any more, a line when all is well again."""

import queue
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from actions.prefect.health import engine_probe
from commands.mail_at_start import mail_trouble
from database.engine import Database
from models.refusal import typeset
from queries.system.machinery import Machinery, check_machinery
from settings import Settings

SECONDS_TO_SETTLE, SECONDS_BETWEEN = 30.0, 5.0
SEEN_TWICE = 2
"""Looks that agree before anything is said: what restarts has its own line."""


def machinery_news(settings: Settings) -> "MachineryNews":
    """That of the system of these settings."""
    db, engine_answers = Database(settings.domain_url), engine_probe(settings)
    trouble = mail_trouble(settings.apprise_urls)
    return MachineryNews(lambda: check_machinery(db, engine_answers, trouble, now=datetime.now(UTC)))


class MachineryNews:
    """Looks now and then from a thread, so that the supervisor never waits; `news` gives each line once."""

    def __init__(self, look: Callable[[], Machinery]) -> None:
        self._look, self._settle, self._between = look, SECONDS_TO_SETTLE, SECONDS_BETWEEN
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_for_ever, daemon=True, name="machinery")
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reported: tuple[str, ...] = ()
        self._seen: list[tuple[str, ...]] = []

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; does not wait for the last look."""
        self._stop.set()

    def news(self) -> str | None:
        """What has changed since it was asked, a line at a time."""
        try:
            return self._lines.get_nowait()
        except queue.Empty:
            return None

    def _look_for_ever(self) -> None:
        self._stop.wait(self._settle)
        while not self._stop.wait(self._between):
            self.note(self._look())

    def note(self, machinery: Machinery) -> None:
        """Say what is not well, once it has been seen ``SEEN_TWICE``; and that all is well again."""
        names = tuple(part.name for part in machinery.not_well)
        self._seen = [*self._seen[1 - SEEN_TWICE :], names]
        if names == self._reported or self._seen != [names] * SEEN_TWICE:
            return
        for part in machinery.not_well:
            if part.name not in self._reported:
                self._lines.put(typeset(f"Attention : {part.text}"))
        if not names:
            self._lines.put("Tout fonctionne de nouveau.")
        self._reported = names

"""Is a process that is there still answering? Asked over HTTP, from a thread, so that the supervisor never waits.

A server can be alive and answer nobody: stopped, waiting for a lock, its places all taken. What does not answer
several times in a row is killed, and the supervisor starts it again as it does any process that died.
"""

import threading
import time

import httpx

from commands.child import Child

SECONDS_TO_ANSWER = 5.0
SECONDS_BETWEEN = 2.0
SILENCES = 6
"""Questions left without an answer, one after the other, before a process is taken for frozen: three quarters of a
minute when it hangs. Counted and not timed, so that a machine or a supervisor that was suspended wakes up to no false
alarm."""
SECONDS_TO_START = 120.0


class Probe:
    """Asks ``url`` now and then whether ``child`` answers: any HTTP status will do.

    A process that has not answered yet since it was started (``has_answered``) has ``SECONDS_TO_START``. ``silences``
    counts the questions left without an answer since the last one.
    """

    def __init__(
        self,
        child: Child,
        url: str,
        *,
        seconds_to_answer: float = SECONDS_TO_ANSWER,
        seconds_between: float = SECONDS_BETWEEN,
    ) -> None:
        self.child, self.url = child, url
        self._to_answer, self._between = seconds_to_answer, seconds_between
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask_for_ever, daemon=True, name=f"probe {url}")
        self._asked_of: float | None = None  # when the process that was asked had been started
        self.silences = 0
        self.has_answered = False

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; does not wait for the last answer."""
        self._stop.set()

    def news(self) -> str | None:
        """Kill the process if it is frozen, and return what to say of it."""
        if not self._is_frozen():
            return None
        self.child.kill()
        return f"{self.child.label} ne répond plus"

    def _is_frozen(self) -> bool:
        if not self.child.is_running or self._asked_of != self.child.started_at:
            return False
        is_starting = not self.has_answered and time.monotonic() - self.child.started_at < SECONDS_TO_START
        return self.silences >= SILENCES and not is_starting

    def _ask_for_ever(self) -> None:
        with httpx.Client(timeout=self._to_answer, trust_env=False) as client:
            while not self._stop.wait(self._between):
                started_at = self.child.started_at
                self._note(started_at, self._ask(client))

    def _ask(self, client: httpx.Client) -> bool:
        try:
            client.get(self.url)
        except httpx.HTTPError:
            return False
        return True

    def _note(self, started_at: float, has_answered: bool) -> None:
        if self._asked_of != started_at:  # another process: what went before says nothing of it
            self._asked_of, self.silences, self.has_answered = started_at, 0, False
        if has_answered:
            self.silences, self.has_answered = 0, True
        else:
            self.silences += 1

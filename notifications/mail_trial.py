"""Would a mail leave now? Each way out is tried as far as a sender goes: nothing is sent, no recipient is named."""

import threading
import time
from collections.abc import Callable, Sequence

from notifications.mail import mailer
from notifications.outgoing_mail import TransportError
from notifications.way_out import MAILS, split_ways_out

SECONDS_PER_WORD, SECONDS_IN_ALL = 4.0, 5.0
SECONDS_WELL, SECONDS_ILL = 600.0, 60.0
NO_ANSWER = "Le serveur de messagerie n’a pas répondu à temps."


def try_ways_out(urls: Sequence[str], seconds: float = SECONDS_IN_ALL) -> list[str]:
    """One French sentence for each address by which no mail leaves now, in their order; all tried side by side.

    Only mail servers can be tried (another service has nothing to ask without sending). Raises nothing.
    """
    found: list[str | None] = [NO_ANSWER if _is_mail(url) else None for url in urls]

    def try_one(number: int) -> None:
        found[number] = try_way_out(urls[number])

    threads = [
        threading.Thread(target=try_one, args=(number,), daemon=True)
        for number, url in enumerate(urls)
        if _is_mail(url)
    ]
    until = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    return [sentence for sentence in found if sentence]


def try_way_out(url: str) -> str | None:
    """Connect, encrypt, sign in, give our sender and take it back; a French sentence when that fails."""
    try:
        plugin = mailer(url, most_seconds=SECONDS_PER_WORD)
    except TransportError as error:
        return str(error)
    try:
        plugin.connection.rehearse(plugin.sender)
    except TransportError as error:
        return str(error)
    finally:
        plugin.connection.close()
    return None


def _is_mail(url: str) -> bool:
    return url.partition("://")[0].strip().lower() in MAILS


class MailProbe:
    """What is wrong with the mail, as last seen: an empty text while nothing is. For threads; never waits.

    A trial is made when the last one is old: ten minutes while all is well, one minute after a failure.
    """

    def __init__(
        self, urls: Sequence[str], tries: Callable[[Sequence[str]], list[str]] = try_ways_out
    ) -> None:
        self._urls, self._tries = [url for url in urls if _is_mail(url)], tries
        self._lock = threading.Lock()
        self._text, self._next_try_at, self._is_trying = "", 0.0, False

    def __call__(self) -> str:
        with self._lock:
            if self._urls and not self._is_trying and time.monotonic() >= self._next_try_at:
                self._is_trying = True
                threading.Thread(target=self._try, daemon=True, name="mail trial").start()
            return self._text

    def _try(self) -> None:
        text = " ".join(self._tries(self._urls))
        with self._lock:
            self._text, self._is_trying = text, False
            self._next_try_at = time.monotonic() + (SECONDS_ILL if text else SECONDS_WELL)


def mail_probe(apprise_urls: str) -> MailProbe:
    """That of the operator's addresses; of none while mails are caught here, by a process that `up` watches."""
    return MailProbe(split_ways_out(apprise_urls))

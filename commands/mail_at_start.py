"""The mail settings as the system starts: refused when they can never work, tried when they can.

Nothing of Apprise is imported while mails are caught here: it costs a second, and twenty megabytes.
"""

import threading
from collections.abc import Callable

from models.refusal import typeset

SECONDS_TO_TRY = 6.0
HELD = "Le courrier attend : il partira de lui-même dès que ce sera réparé."


def check_mail_setting(apprise_urls: str) -> None:
    """Raises ``BadWayOut`` for an address that can never work, as it is written."""
    if apprise_urls:
        from notifications.way_out import check_ways_out

        check_ways_out(apprise_urls)


class MailAtStart:
    """Tries the addresses of the setting, from a thread, while the rest starts. Raises ``BadWayOut``."""

    def __init__(self, apprise_urls: str) -> None:
        self._troubles: list[str] = []
        self._thread: threading.Thread | None = None
        check_mail_setting(apprise_urls)
        if not apprise_urls:
            return
        from notifications.mail_trial import try_ways_out
        from notifications.way_out import split_ways_out

        def try_all() -> None:
            self._troubles = try_ways_out(split_ways_out(apprise_urls))

        self._thread = threading.Thread(target=try_all, daemon=True, name="mail at start")
        self._thread.start()

    def lines(self) -> list[str]:
        """What to say of it: nothing when mail leaves. Waits for the end of the trial, a few seconds at most."""
        if self._thread is not None:
            self._thread.join(SECONDS_TO_TRY)
        return [typeset(f"Attention : {trouble} {HELD}") for trouble in self._troubles]


def mail_trouble(apprise_urls: str) -> Callable[[], str]:
    """What is wrong with the mail, as it is seen from now on; an empty text while nothing is."""
    if not apprise_urls:
        return lambda: ""
    from notifications.mail_trial import mail_probe

    return mail_probe(apprise_urls)

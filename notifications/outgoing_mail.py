"""One mail ready to leave, and what it says when it could not."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One mail to one person. ``key`` is the notice's unique key: the ``Message-ID`` is made from it alone,
    so a mail sent twice is folded into one by its reader. ``sent_at`` is aware; ``reply_to`` an address.
    """

    to_address: str
    to_name: str
    subject: str
    html: str
    text: str
    key: str
    reply_to: str | None
    sent_at: datetime


class TransportError(Exception):
    """The mail did not leave; ``str()`` is a French sentence without any secret, fit for a notice's row.

    ``permanent`` is true when trying again is of no use (an address that does not exist), false when it is
    (a server that is down, an Apprise address to be mended: the mail waits for the operator).
    """

    def __init__(self, message: str, *, permanent: bool) -> None:
        self.message = message
        self.permanent = permanent
        super().__init__(message)

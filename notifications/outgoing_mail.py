"""One mail ready to leave, and what it says when it could not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """An iCalendar file (RFC 5545) that travels with a mail. ``REQUEST`` and ``CANCEL`` are an invitation and
    its end, which mail clients answer; ``PUBLISH`` is a file to keep.
    """

    content: bytes
    method: Literal["REQUEST", "CANCEL", "PUBLISH"]
    file_name: str


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """A PDF that travels with a mail, to be kept."""

    content: bytes
    file_name: str


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One mail to one person. ``key`` is the notice's unique key: the ``Message-ID`` is made from it alone,
    so a mail sent twice is folded into one by its reader. ``sent_at`` is aware; ``reply_to`` an address.

    Mails with the same ``thread`` (a project's slug) are read together (``References``). ``unsubscribe_url``
    is the address of the one-click post (RFC 8058), on what nobody has to receive.
    """

    to_address: str
    to_name: str
    subject: str
    html: str
    text: str
    key: str
    reply_to: str | None
    sent_at: datetime
    thread: str | None = None
    unsubscribe_url: str | None = None
    calendar: CalendarPart | None = None
    document: DocumentPart | None = None


class TransportError(Exception):
    """The mail did not leave; ``str()`` is a French sentence without any secret, fit for a notice's row.

    ``permanent`` is true when trying again is of no use (an address that does not exist), false when it is
    (a server that is down, an Apprise address to correct: the mail waits for the operator).
    ``all_are_held_up`` says that it is not about this mail: nothing can leave this way for now.
    """

    def __init__(self, message: str, *, permanent: bool, all_are_held_up: bool = False) -> None:
        self.message = message
        self.permanent = permanent
        self.all_are_held_up = all_are_held_up
        super().__init__(message)

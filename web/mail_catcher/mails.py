"""The mails caught on this machine (a Maildir), as the local mail page shows them; only read, never changed.

Anybody who can reach the catcher writes them: nothing in a mail is believed, and a header that cannot be read
is said to be so.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from functools import lru_cache
from itertools import islice
from pathlib import Path

from models.folded import folded

LONGEST_HEAD = 64 * 1024
UNREADABLE = "(illisible)"
_BLANKS = re.compile(r"[ \t\r\n]+")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_NAME = re.compile(r"[A-Za-z0-9][\w.:,=+\\-]{0,200}", re.ASCII)


class NoSuchMail(Exception):
    """No mail of the folder has this name."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A line of the list. ``name`` is the mail's in the folder; ``came_at`` is when it was caught."""

    name: str
    came_at: datetime
    subject: str
    recipients: tuple[str, ...]
    sender: str

    def is_found(self, recipient: str, subject: str) -> bool:
        """Whether both words (any case, with or without accents) stand where they are looked for."""
        reached = any(folded(recipient) in folded(each) for each in self.recipients)
        return (reached or not recipient) and folded(subject) in folded(self.subject)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """A mail as its reader gets it, and all its headers in order."""

    summary: Summary
    headers: Sequence[tuple[str, str]]
    html: str | None
    text: str | None
    attachments: Sequence[Attachment]


class CaughtMails:
    """The mails of ``folder``, newest first. Headers are read as they are needed, and once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._summary = lru_cache(maxsize=20_000)(_summary)

    def count(self) -> int:
        """How many there are."""
        return len(self._files())

    def find(self, recipient: str, subject: str, *, start: int, most: int) -> list[Summary]:
        """Those that have these words, newest first: ``most`` of them at most, after the ``start`` first."""
        files = self._files()
        if not recipient and not subject:
            return list(self._summaries(files[start : start + most]))
        matching = (one for one in self._summaries(files) if one.is_found(recipient, subject))
        return list(islice(matching, start, start + most))

    def _summaries(self, files: Sequence[tuple[int, Path]]) -> Iterator[Summary]:
        for came_at, path in files:
            with suppress(FileNotFoundError):
                yield self._summary(path, came_at)

    def read(self, name: str) -> CaughtMail:
        """The mail of this name; raises ``NoSuchMail``."""
        path = self._path(name)
        message = message_from_bytes(path.read_bytes())
        return CaughtMail(
            self._summary(path, path.stat().st_mtime_ns),
            [(key, _header(value)) for key, value in message.items()],
            _words(message, "html"),
            _words(message, "plain"),
            list(_attachments(message)),
        )

    def _files(self) -> list[tuple[int, Path]]:
        """When each came (nanoseconds) and where it is. A name we would not serve is not shown."""
        files = []
        for place in ("new", "cur"):
            try:
                with os.scandir(self._folder / place) as entries:
                    files += [
                        (entry.stat().st_mtime_ns, Path(entry.path))
                        for entry in entries
                        if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
                    ]
            except FileNotFoundError:
                continue
        return sorted(files, reverse=True)

    def _path(self, name: str) -> Path:
        if _NAME.fullmatch(name):
            for place in ("new", "cur"):
                path = self._folder / place / name
                if path.is_file() and not path.is_symlink():
                    return path
        raise NoSuchMail(name)


def _summary(path: Path, came_at: int) -> Summary:
    with path.open("rb") as file:
        head = message_from_bytes(_END_OF_HEAD.split(file.read(LONGEST_HEAD), maxsplit=1)[0] + b"\n\n")

    def all_of(name: str) -> list[str]:
        return [_header(value) for value in head.get_all(name, [])]

    delivered = all_of("delivered-to") or [address for _, address in getaddresses(all_of("to"))]
    return Summary(
        path.name,
        datetime.fromtimestamp(came_at / 1e9, UTC),
        " ".join(all_of("subject")) or "(sans objet)",
        tuple(dict.fromkeys(delivered)),
        " ".join(all_of("from")),
    )


def _header(value: object) -> str:
    """A header in words, on one line."""
    try:
        return _BLANKS.sub(" ", str(make_header(decode_header(str(value))))).strip(" ")
    except (MessageError, LookupError, ValueError):
        return UNREADABLE


def _words(message: Message, kind: str) -> str | None:
    """The first part of this kind that is not a file, decoded however it can be."""
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and part.get_content_disposition() != "attachment":
            return _decoded(part)
    return None


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    try:
        return raw.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _attachments(message: Message) -> Iterator[Attachment]:
    for part in message.walk():
        if part.is_multipart():
            continue
        is_calendar = part.get_content_type() == "text/calendar"
        if part.get_content_disposition() == "attachment" or is_calendar:
            content = part.get_payload(decode=True)
            named = part.get_filename() or ("invitation.ics" if is_calendar else "fichier")
            yield Attachment(named, part.get_content_type(), content if isinstance(content, bytes) else b"")

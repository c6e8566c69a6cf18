"""One round of the post: claim, write, send, mark, as long as something is due. The flow around it is Prefect's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from actions.mail.claim_notices import (
    claim_notices,
    hold_all,
    is_still_owed,
    mark_failed,
    mark_sent,
    put_back,
)
from actions.mail.drop_notices import drop_digest, drop_notice
from database.address_lock import AddressLock, LostKey
from database.engine import Database
from database.outage import outage_of
from models.field_error import field_name
from models.notice import can_wait
from models.refusal import typeset
from notifications.channel import send_words
from notifications.digest_values import digest_values
from notifications.mail import OutgoingMail, TransportError, send
from notifications.message import Message
from notifications.messages import RenderedMail, message_from, render
from notifications.personal_links import PersonalLinks
from queries.mail.claimed import ClaimedNotice, WayOut
from queries.receipts.attestation import receipt_values
from queries.reminders.still_awaited import refresh

NOTHING_LEFT = "tout ce que ce récapitulatif demandait est fait"
NO_CHANNEL = "le canal a été retiré"
LOST_KEY = typeset(
    "L’adresse de ce canal a été chiffrée avec un autre PROJET_PARTAGE_SECRET_KEY ; retirez le canal et "
    "ajoutez-le de nouveau."
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice in words: the message it was made from, and the mail."""

    message: Message
    words: RenderedMail
    mail: OutgoingMail


@dataclass(slots=True)
class PostRound:
    """Sends what is owed in ``db`` by ``ways_out`` (Apprise addresses: the first, and copies to the others).

    ``clock`` gives the time, ``secret`` signs the links and unlocks the channels, ``warn`` gets the copies
    that did not leave. When nothing at all can leave by mail, the round goes on with the channels only: the
    mails wait for the next one, untouched, and none is tried before another for having waited.
    """

    db: Database
    ways_out: Sequence[str]
    public_url: str
    secret: str
    clock: Callable[[], datetime]
    warn: Callable[[str], None]
    sent: int = 0
    kept: int = 0
    dropped: int = 0
    held_up_by: str = ""

    def run(self) -> None:
        """Send until nothing is due; what cannot leave now waits, with the reason. Commits after each mail."""
        while claimed := claim_notices(self.db, now=self.clock(), by_channel_only=bool(self.held_up_by)):
            for notice in claimed:
                self._deliver(notice)

    def _deliver(self, notice: ClaimedNotice) -> None:
        if not notice.is_ours(self.clock()):
            return
        if notice.channel is None and self.held_up_by:
            put_back(self.db, notice, self.held_up_by)
            return
        if notice.channel is not None and notice.channel.is_removed:
            drop_notice(self.db, notice.id, NO_CHANNEL, now=self.clock())
            self.dropped += 1
            return
        try:
            letter = self._write(notice)
        except Exception as error:  # one that cannot be written must never stop those behind it
            if isinstance(error, DBAPIError) or outage_of(error):
                raise
            self._keep(notice, _unwritable(notice, error), None)
            return
        if letter is None:
            drop = drop_digest if notice.is_digest else drop_notice
            drop(self.db, notice.id, NOTHING_LEFT, now=self.clock())
            self.dropped += 1
            return
        self._send(notice, letter)

    def _write(self, notice: ClaimedNotice) -> Letter | None:
        payload = self._up_to_date(notice)
        if payload is None:
            return None
        return write_letter(notice, payload, self.public_url, self.secret, now=self.clock())

    def _up_to_date(self, notice: ClaimedNotice) -> dict[str, Any] | None:
        """A digest without what was done since it was written, None without anything left; a receipt with all that
        it attests; anything else as it is."""
        if notice.is_receipt:
            with self.db.read() as session:
                return receipt_values(session, notice.payload, self.public_url, self.clock())
        if not notice.lists_awaited:
            return notice.payload
        with self.db.read() as session:
            if notice.is_digest and not is_still_owed(session, notice.id):
                return None
            return refresh(session, notice.payload, self.clock())

    def _send(self, notice: ClaimedNotice, letter: Letter) -> None:
        try:
            if notice.channel is not None:
                self._send_by(notice.channel, letter)
            else:
                send(self.ways_out[0], letter.mail)
        except TransportError as error:
            self._keep(notice, error, letter)
            return
        mark_sent(self.db, notice.id, now=self.clock())
        self.sent += 1
        if notice.channel is None:
            self._copy(letter.mail)

    def _send_by(self, channel: WayOut, letter: Letter) -> None:
        try:
            address = AddressLock(self.secret).unlock(channel.locked_address)
        except LostKey:
            raise TransportError(LOST_KEY, permanent=True) from None
        send_words(address, letter.mail.subject, letter.words.preheader, letter.message.link)

    def _keep(self, notice: ClaimedNotice, error: TransportError, letter: Letter | None) -> None:
        self.kept += 1
        if error.all_are_held_up and notice.channel is None:
            self.held_up_by = str(error)
            put_back(self.db, notice, self.held_up_by)
            hold_all(self.db, self.held_up_by, now=self.clock())
            return
        subject = letter.words.subject if letter else None
        mark_failed(self.db, notice, str(error), error.permanent, now=self.clock(), subject=subject)

    def _copy(self, mail: OutgoingMail) -> None:
        """The other ways are copies, best effort: trying them again would send the first one twice."""
        for url in self.ways_out[1:]:
            try:
                send(url, mail)
            except TransportError as error:
                self.warn(f"copie non partie : {error}")


def write_letter(
    notice: ClaimedNotice, payload: dict[str, Any], public_url: str, secret: str, *, now: datetime
) -> Letter:
    """The mail of a notice. Raises ``KeyError``, ``ValueError`` when its values do not make its message."""
    links = _links(secret, public_url)
    message = message_from(notice.message, message_values(notice, payload, public_url, links))
    words = render(message, now=now)
    may_be_stopped = notice.is_digest or can_wait(notice.message, payload)
    mail = OutgoingMail(
        to_address=notice.mailbox,
        to_name=notice.recipient_name,
        subject=words.subject,
        html=words.html,
        text=words.text,
        key=notice.key,
        reply_to=message.answers_to,
        sent_at=now,
        thread=message.project_slug or None,
        unsubscribe_url=links.one_click(*_whose(notice)) if may_be_stopped else None,
        calendar=words.calendar,
        document=message.document() if notice.channel is None else None,
    )
    return Letter(message, words, mail)


_links = cache(PersonalLinks)


def _unwritable(notice: ClaimedNotice, error: Exception) -> TransportError:
    """The values are not those of the message: what is wrong, but not what people wrote in it."""
    wrong = repr(error)
    if isinstance(error, ValidationError):
        wrong = " ; ".join(field_name(each["loc"]) for each in error.errors(include_input=False))
    sentence = "Ce message n’a pas pu être écrit ; c’est un défaut du logiciel, à signaler"
    return TransportError(f"{sentence} ({notice.message} : {wrong})."[:400], permanent=True)


def message_values(
    notice: ClaimedNotice, payload: dict[str, Any], public_url: str, links: PersonalLinks
) -> dict[str, Any]:
    """All the values of the message: those of the notice, of its reader, of its project, with whole addresses."""
    common = {
        "recipient_name": notice.recipient_name,
        "recipient_email": notice.mailbox,
        "project_title": notice.project_title,
        "project_slug": notice.project_slug,
        "agent_name": notice.agent_name,
        "agent_email": notice.agent_email,
        "frequency_link": None if notice.is_for_former_address else links.frequency(*_whose(notice)),
    }
    is_personal = notice.channel is None and not notice.is_for_former_address

    def address_of(path: str) -> str:
        """A page's address; in a mail it says to whom, but not where others may read it."""
        address = public_url + path
        return links.for_reader(address, *_whose(notice)) if is_personal else address

    if notice.lists_awaited:
        return digest_values(payload, address_of, common)
    values = payload | common
    return values | {"link": address_of(values.pop("path", "/"))}


def _whose(notice: ClaimedNotice) -> tuple[int, int]:
    return notice.recipient_id, notice.links_version

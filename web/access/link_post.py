"""What happens once a request for a sign-in link is answered: the link is made and mailed, or as much is done in vain.

At once, and never through the outbox: what signs somebody in is written nowhere, and it leaves while Prefect is down.
The answer does not wait for it, and nothing in it tells a registered address from another, nor does the pace of the
next answers: what follows comes a moment later, two at a time, and does the same work for both. For an address that
nobody is registered under, the same statements write one row, a mail is written, the mail server is spoken to, and no
recipient is named.
"""

import logging
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

import anyio
import anyio.to_thread

from actions.access.sign_in_links import LinkRequest, LinkToSend, drop_link, make_link
from database.engine import Database
from database.outage import outage_of
from models.web_session import new_secret
from notifications.mail import TransportError, hang_up, rehearse, send
from notifications.messages import message_from, render
from notifications.outgoing_mail import OutgoingMail
from web.access.rate import Rate

SOONEST, LATEST = 250, 1000
"""Milliseconds between an answer and what follows it, drawn at random: the next request does not meet it."""
AT_ONCE = 2
REHEARSED_AT_ONCE, REHEARSED_BY_SECOND = 30, 0.1
"""Beyond that pace of requests, nothing is rehearsed any more: a flood of strangers' addresses must not have the mail
server refuse us, nor delay a mail."""
logger = logging.getLogger("web")


@dataclass(frozen=True, slots=True)
class LinkPost:
    """Sends sign-in links from ``public_url`` by one Apprise address, ``way_out``."""

    db: Database
    public_url: str
    way_out: str
    _places: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(AT_ONCE))
    _rehearsals: Rate = field(default_factory=lambda: Rate(REHEARSED_AT_ONCE, REHEARSED_BY_SECOND))

    async def answer(self, request: LinkRequest, is_within: bool) -> None:
        """Do what this request, counted already, asks for; ``is_within`` the limits or not."""
        await anyio.sleep((SOONEST + secrets.randbelow(LATEST - SOONEST)) / 1000)
        is_calm = not self._rehearsals.wait("anybody")
        async with self._places:
            await anyio.to_thread.run_sync(self._answer, request, is_within, is_calm)

    def _answer(self, request: LinkRequest, is_within: bool, is_calm: bool) -> None:
        try:
            link = make_link(self.db, request, is_within=is_within, now=datetime.now(UTC))
            if link:
                self._send(link)
            elif is_calm:
                rehearse(self.way_out, self._mail(_link_of_nobody()))
        except Exception as error:  # the page is answered: a database that went away since is told in the log
            if (outage := outage_of(error)) is None:
                raise
            logger.error("un lien de connexion n’est pas parti : %s", outage.kind.label)
        finally:
            hang_up()

    def _send(self, link: LinkToSend) -> None:
        try:
            send(self.way_out, self._mail(link))
        except TransportError as error:
            logger.error("le lien de connexion n’est pas parti : %s", error)
            drop_link(self.db, link)

    def _mail(self, link: LinkToSend) -> OutgoingMail:
        now = datetime.now(UTC)
        address = f"{self.public_url}/connexion/{link.token}"
        message = message_from("sign_in_link", {"recipient_name": link.name, "link": address})
        words = render(message, now=now)
        return OutgoingMail(
            to_address=link.email,
            to_name=link.name,
            subject=words.subject,
            html=words.html,
            text=words.text,
            key=f"sign_in_link:{link.token}",
            reply_to=None,
            sent_at=now,
        )


def _link_of_nobody() -> LinkToSend:
    return LinkToSend(new_secret(), 0, "Camille Dupont-Martin", "personne@ailleurs.example")

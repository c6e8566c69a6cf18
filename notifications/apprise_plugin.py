"""Our mail plugin for Apprise: Apprise's addresses and settings, our mails on one open connection.

Apprise's own plugin opens a connection and builds a TLS context for each mail, derives the text part from
the HTML and makes up a ``Message-ID``: 38 mails a second, and no way to fold a doubled one.
"""

import weakref
from email.header import decode_header, make_header
from typing import Any, cast

from apprise import NotificationManager, NotifyType
from apprise.plugins.email import NotifyEmail

from notifications.mime import as_bytes, usable_address
from notifications.outgoing_mail import OutgoingMail, TransportError
from notifications.smtp_connection import SmtpConnection, SmtpServer

SENDER_NAME = "Projets partagés"


class NotifyProjetPartage(NotifyEmail):  # type: ignore[no-untyped-call]
    """``projetpartage://`` in clear (the local catcher), ``projetpartages://`` over TLS.

    The rest of the address is that of Apprise's ``mailto://`` (``user:password@host:port``, ``from``,
    ``name``, ``smtp``, ``mode``, ``verify``; ``cto`` and ``rto`` are the seconds we wait for a word of the
    server, and for its answer to a mail). One object belongs to one thread.
    """

    service_name = "Projets partagés"
    protocol = "projetpartage"
    secure_protocol = "projetpartages"
    request_rate_per_sec = 0
    socket_read_timeout = 60.0

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._outgoing: OutgoingMail | None = None
        self._is_rehearsed = False
        self.connection = SmtpConnection(
            SmtpServer(
                host=self.smtp_host,
                port=self.port or 25,
                mode=str(self.secure_mode),
                user=self.user,
                password=self.password,
                verify_certificate=self.verify_certificate,
                timeout=self.socket_connect_timeout,
                answer_timeout=self.socket_read_timeout,
            )
        )
        # An open socket must not outlive its thread, nor be closed by chance.
        weakref.finalize(self, self.connection.close)

    @property
    def sender(self) -> str:
        """The address our mails come from, as SMTP takes it. Raises a `TransportError` if it cannot be one."""
        return usable_address(str(self.from_addr[1]))

    def deliver(self, mail: OutgoingMail) -> None:
        """Send ``mail`` to its own recipient, through Apprise's ``notify``; failures are `TransportError`."""
        self._notify(mail, is_rehearsed=False)

    def rehearse(self, mail: OutgoingMail) -> None:
        """As ``deliver``, but the server is told of no recipient, and given nothing."""
        self._notify(mail, is_rehearsed=True)

    def _notify(self, mail: OutgoingMail, *, is_rehearsed: bool) -> None:
        self._outgoing, self._is_rehearsed = mail, is_rehearsed
        try:
            if not self.notify(body=mail.text, title=mail.subject):
                raise TransportError("Apprise a refusé le message\u00a0: il est vide.", permanent=True)
        finally:
            self._outgoing = None

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = NotifyType.INFO,
        attach: Any = None,
        **kwargs: Any,
    ) -> bool:
        """Called by Apprise. Without a mail set by ``deliver`` (other software sends an alert to this address),
        does what Apprise's own mail plugin does."""
        mail = self._outgoing
        if mail is None:
            return bool(super().send(body, title, notify_type, attach, **kwargs))  # type: ignore[no-untyped-call]
        name, address = cast("tuple[str | bool, str]", self.from_addr)
        content = as_bytes(mail, address, _decoded(name) or SENDER_NAME)
        recipient = usable_address(mail.to_address)
        if self._is_rehearsed:
            self.connection.rehearse(self.sender)
        else:
            self.connection.send(self.sender, recipient, content)
        return True


def _decoded(name: str | bool) -> str:
    return str(make_header(decode_header(name))) if isinstance(name, str) else ""


NotificationManager().add(NotifyProjetPartage)  # type: ignore[no-untyped-call]

"""One SMTP connection, kept open from one mail to the next, opened again when the server dropped it.

On the standard library's smtplib: Apprise, which sends to the other channels, opens a connection per mail, and answers
yes or no where we must know whether to try again.
"""

import contextlib
import smtplib
import socket
import ssl
from dataclasses import dataclass, field

from notifications.outgoing_mail import TransportError
from notifications.typography import one_line, quoted, visible

GOODBYE = 2.0  # seconds a server has to answer « QUIT »: nothing depends on it


@dataclass(frozen=True)
class SmtpServer:
    """Where mails go out. ``mode`` is ``insecure``, ``starttls`` (never falling back to clear) or ``ssl``.

    ``timeout`` is for each word of the conversation, ``answer_timeout`` for the answer to the mail itself: a
    server that examines it may be long, and to leave it too early would double the mail.
    """

    host: str
    port: int
    mode: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    verify_certificate: bool = True
    timeout: float = 15.0
    answer_timeout: float = 60.0


class SmtpConnection:
    """Sends mails one after the other; for one thread. Every failure is a `TransportError`."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self._smtp: smtplib.SMTP | None = None

    def send(self, sender: str, recipient: str, content: bytes) -> None:
        """Returns once the server has answered « 250 » to the mail. The addresses are those of `usable_address`.

        What goes wrong before the recipient is named would go wrong for any mail: they are all held up.
        """
        has_begun = False
        try:
            smtp = self._begin(sender)
            has_begun = True
            self._expect(_name(smtp, "RCPT TO", recipient), permanent_from=500)
            self._expect(self._give(smtp, content), permanent_from=500)
        except smtplib.SMTPAuthenticationError as refused:
            self.close()
            raise self._failure(
                f"refuse notre identification ({refused.smtp_code})", all_are_held_up=True
            ) from None
        except smtplib.SMTPResponseException as answer:
            self.close()
            of_this_mail = isinstance(answer, smtplib.SMTPDataError) and answer.smtp_code >= 500
            words = _answer_in_words(answer.smtp_code, answer.smtp_error)
            raise self._failure(words, permanent=of_this_mail, all_are_held_up=not has_begun) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self.close()
            raise self._failure(_what_happened(error), all_are_held_up=not has_begun) from None

    def rehearse(self, sender: str) -> None:
        """Open a mail from ``sender`` as ``send`` does, and take it back; a server that fails is let go of."""
        try:
            self._begin(sender).rset()
        except (OSError, smtplib.SMTPException, ValueError):
            self.close()

    def _give(self, smtp: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
        sock = smtp.sock
        if sock is not None:
            sock.settimeout(self.server.answer_timeout)
        answer = smtp.data(content)
        if sock is not None:
            sock.settimeout(self.server.timeout)
        return answer

    def close(self) -> None:
        """Hang up; the next mail opens a new connection."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if smtp.sock is not None:
                    smtp.sock.settimeout(GOODBYE)
                smtp.quit()
            smtp.close()

    def _begin(self, sender: str) -> smtplib.SMTP:
        """Open the mail, on a new connection if the server has let go of the one we kept.

        Trying again is safe here and only here: nothing of the mail has been sent yet.
        """
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPServerDisconnected):
                if _name(self._smtp, "MAIL FROM", sender)[0] == 250:
                    return self._smtp
            self.close()
        smtp = self._open()
        self._expect(_name(smtp, "MAIL FROM", sender), permanent_from=1000, all_are_held_up=True)
        return smtp

    def _open(self) -> smtplib.SMTP:
        server = self.server
        context = None if server.mode == "insecure" else _tls(server.verify_certificate)
        if server.mode == "ssl":
            self._smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
        else:
            self._smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        if server.mode == "starttls":
            self._smtp.starttls(context=context)
        self._smtp.ehlo_or_helo_if_needed()
        if server.user and server.password:
            self._smtp.login(server.user, server.password)
        return self._smtp

    def _expect(
        self, answer: tuple[int, bytes], permanent_from: int, *, all_are_held_up: bool = False
    ) -> None:
        code, words = answer
        if code in (250, 251):
            return
        if code == 421 or self._smtp is None or self._smtp.sock is None:
            self.close()
        else:
            with contextlib.suppress(smtplib.SMTPServerDisconnected, OSError):
                self._smtp.rset()
        raise self._failure(
            _answer_in_words(code, words), permanent=code >= permanent_from, all_are_held_up=all_are_held_up
        )

    def _failure(
        self, what: str, *, permanent: bool = False, all_are_held_up: bool = False
    ) -> TransportError:
        return TransportError(
            f"Le serveur de messagerie {self.server.host}:{self.server.port} {what}.",
            permanent=permanent,
            all_are_held_up=all_are_held_up,
        )


def _name(smtp: smtplib.SMTP, verb: str, address: str) -> tuple[int, bytes]:
    # smtplib parses the address again, which costs more than all the rest of the command.
    return smtp.docmd(f"{verb}:<{address}>")


def _what_happened(error: Exception) -> str:
    # smtplib turns a timeout into a disconnection, and keeps the timeout as its context.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "n’a pas répondu à temps"
    if isinstance(error, ConnectionRefusedError):
        return "refuse la connexion (il est sans doute arrêté)"
    if isinstance(error, socket.gaierror):
        return "est introuvable"
    if isinstance(error, (smtplib.SMTPServerDisconnected, ConnectionError)):
        return "a coupé la conversation"
    return f"ne répond pas comme attendu ({type(error).__name__})"


def _answer_in_words(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"répond {quoted(f'{code} {one_line(visible(words))[:200]}')}"


def _tls(verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context

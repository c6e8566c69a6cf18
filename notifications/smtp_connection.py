"""One SMTP connection, kept open from one mail to the next, opened again when the server dropped it.

On the standard library's smtplib: Apprise, which sends to the other channels, opens a connection per mail, and answers
yes or no where we must know whether to try again.
"""

import contextlib
import smtplib
import ssl
from dataclasses import dataclass, field, replace

from notifications.outgoing_mail import TransportError
from notifications.smtp_failures import VARIABLE, what_happened
from notifications.typography import french, one_line, quoted, visible

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

    def hurry(self, seconds: float) -> None:
        """Wait no longer than this for a word of the server."""
        self.server = replace(self.server, timeout=min(self.server.timeout, seconds))

    def send(self, sender: str, recipient: str, content: bytes) -> None:
        """Returns once the server has answered « 250 » to the mail. The addresses are those of `usable_address`.

        What goes wrong before the recipient is named would go wrong for any mail: they are all held up.
        """
        smtp = self._reach(sender)
        try:
            self._expect(_name(smtp, "RCPT TO", recipient), permanent_from=500)
            self._expect(self._give(smtp, content), permanent_from=500)
        except smtplib.SMTPResponseException as answer:
            self.close()
            of_this_mail = isinstance(answer, smtplib.SMTPDataError) and answer.smtp_code >= 500
            words = _answer_in_words(answer.smtp_code, answer.smtp_error)
            raise self._failure(words, permanent=of_this_mail) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self.close()
            raise self._failure(what_happened(error)) from None

    def rehearse(self, sender: str) -> None:
        """Open a mail from ``sender`` as ``send`` does, and take it back. Raises what would hold every mail up."""
        smtp = self._reach(sender)
        try:
            smtp.rset()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise self._failure(what_happened(error), all_are_held_up=True) from None

    def _reach(self, sender: str) -> smtplib.SMTP:
        """The server, with a mail from ``sender`` begun."""
        try:
            return self._begin(sender)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self.close()
            raise self._failure(what_happened(error), all_are_held_up=True) from None

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
        answer = _name(smtp, "MAIL FROM", sender)
        self._expect(answer, permanent_from=1000, all_are_held_up=True, of_sender=sender)
        return smtp

    def _open(self) -> smtplib.SMTP:
        server = self.server
        host = server.host.strip("[]")  # an IPv6 address
        context = None if server.mode == "insecure" else _tls(server.verify_certificate)
        if server.mode == "ssl":
            self._smtp = smtplib.SMTP_SSL(host, server.port, timeout=server.timeout, context=context)
        else:
            self._smtp = smtplib.SMTP(host, server.port, timeout=server.timeout)
        if server.mode == "starttls":
            self._smtp.starttls(context=context)
        self._smtp.ehlo_or_helo_if_needed()
        if server.user and server.password:
            self._smtp.login(server.user, server.password)
        return self._smtp

    def _expect(
        self,
        answer: tuple[int, bytes],
        permanent_from: int,
        *,
        all_are_held_up: bool = False,
        of_sender: str = "",
    ) -> None:
        code, words = answer
        if code in (250, 251):
            return
        if code == 421 or self._smtp is None or self._smtp.sock is None:
            self.close()
        else:
            with contextlib.suppress(smtplib.SMTPServerDisconnected, OSError):
                self._smtp.rset()
        what = _answer_in_words(code, words)
        if of_sender and code >= 500:
            what = f"refuse l’expéditeur {of_sender} : corrigez « from » dans {VARIABLE} ; il {what}"
        raise self._failure(what, permanent=code >= permanent_from, all_are_held_up=all_are_held_up)

    def _failure(
        self, what: str, *, permanent: bool = False, all_are_held_up: bool = False
    ) -> TransportError:
        return TransportError(
            french(f"Le serveur de messagerie {self.server.host}:{self.server.port} {what}."),
            permanent=permanent,
            all_are_held_up=all_are_held_up,
        )


def _name(smtp: smtplib.SMTP, verb: str, address: str) -> tuple[int, bytes]:
    # smtplib parses the address again, which costs more than all the rest of the command.
    return smtp.docmd(f"{verb}:<{address}>")


def _answer_in_words(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"répond {quoted(f'{code} {one_line(visible(words))[:200]}')}"


def _tls(verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context

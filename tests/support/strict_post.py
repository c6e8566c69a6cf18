"""Real mail servers that are particular: they want a login, TLS, a sender of theirs; or are no mail servers at all."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD, SENDER = "projets@ville.example", "s3cr#t, p@ss/%25;", "projets@ville.example"


class Particular:
    """Notes whoever is accepted, and each sender; ``recipients`` and ``mails`` must stay empty."""

    def __init__(self) -> None:
        self.logins: list[tuple[str, str]] = []
        self.senders: list[str] = []
        self.recipients: list[str] = []

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        is_known = self.logins[-1] == (USER, PASSWORD)
        return AuthResult(success=is_known, handled=is_known, message=None if is_known else "535 5.7.8 no")

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        self.senders.append(address)
        if address != SENDER:
            return "553 5.7.1 Sender address rejected: not owned by user"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.recipients.append(address)
        return "250 OK"


@contextmanager
def strict_post(tls: str = "", certificate: Path | None = None) -> Iterator[tuple[Particular, int]]:
    """A server that wants ``USER`` and ``PASSWORD``, in clear or over ``starttls`` or ``ssl``; and its port."""
    handler, options = Particular(), {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        options = (
            {"tls_context": context, "require_starttls": True}
            if tls == "starttls"
            else {"ssl_context": context}
        )
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=_free_port(),
        authenticator=handler.authenticate,
        auth_require_tls=False,
        **options,
    )
    controller.start()
    try:
        yield handler, controller.port
    finally:
        controller.stop()


def make_certificate(folder: Path) -> Path:
    """A certificate for ``localhost`` that nobody vouches for, with its key, in one file."""
    key, chain = folder / "key.pem", folder / "chain.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(chain)),
        ],
        check=True,
        capture_output=True,
    )
    whole = folder / "whole.pem"
    whole.write_text(key.read_text("ascii") + chain.read_text("ascii"), encoding="ascii")
    return whole


@contextmanager
def no_mail_server(first_words: bytes | None) -> Iterator[int]:
    """A port where somebody says ``first_words`` and hears nothing; None is silence, empty words hang up."""
    listener = socket.create_server(("127.0.0.1", 0))
    visitors: list[socket.socket] = []

    def answer() -> None:
        while True:
            try:
                visitor, _ = listener.accept()
            except OSError:
                return
            if first_words:
                visitor.sendall(first_words)
            if first_words == b"":
                visitor.close()
            visitors.append(visitor)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for visitor in visitors:
            visitor.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])

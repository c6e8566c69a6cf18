"""A mail server for one's own machine: takes every mail, delivers none, keeps each in a Maildir.

``python -m notifications.mail_catcher --port 1025 --folder var/mail`` runs until SIGTERM or Ctrl-C. It
listens on loopback only. Any mail reader opens the folder; each file in ``new/`` is the mail as it came,
under a ``Delivered-To`` line for each of its recipients.
"""

import argparse
import asyncio
import email
import errno
import logging
import mailbox
import os
import signal
import socket
import sys
import threading
import weakref
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from logs import set_up_logs

HOST = "127.0.0.1"
NO_ROOM = "452 4.3.1 Insufficient system storage"  # in the words of RFC 5321: a reply is ASCII
NOT_NOW = "451 4.3.0 Local error in processing"
logger = logging.getLogger("mail_catcher")  # « mail » is aiosmtpd’s, which tells every recipient
_STOPS = {signal.SIGTERM, signal.SIGINT}


class MailCatcher:
    """Catches while the ``with`` block runs. ``port=0`` takes a free port, told by ``port`` afterwards."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.port = port
        self._maildir = mailbox.Maildir(folder, create=True)
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._conversations: weakref.WeakSet[SMTP] = weakref.WeakSet()

    def __enter__(self) -> Self:
        """Raises ``OSError`` when the port is taken."""
        listener = socket.create_server((HOST, self.port))
        self.port = listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, args=(listener,), name="mail-catcher")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def mails(self) -> list[EmailMessage]:
        """Every mail caught so far in this folder, in the order they came."""
        files = sorted((self._folder / "new").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Called by aiosmtpd for each mail; answers « 250 » once it is on the disk.

        A disk that cannot take it now is a refusal for now (RFC 5321, 4.2.3), else the mail would be given up.
        """
        received = "".join(f"Delivered-To: {address}\r\n" for address in envelope.rcpt_tos).encode()
        content = envelope.original_content or b""
        try:
            self._keep(received + content)
        except OSError as error:
            logger.error("Un mail n’a pas pu être retenu dans %s : %s", self._folder, error.strerror)
            return NO_ROOM if error.errno in (errno.ENOSPC, errno.EDQUOT) else NOT_NOW
        return "250 OK"

    def _keep(self, content: bytes) -> None:
        self._maildir.add(content)
        # `add` brings the file to the disk; its name is there once the folder is, too.
        descriptor = os.open(self._folder / "new", os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _run(self, listener: socket.socket) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(listener))

    async def _serve(self, listener: socket.socket) -> None:
        server = await self._loop.create_server(self._converse, sock=listener)
        await self._stop.wait()
        server.close()
        for conversation in list(self._conversations):
            if isinstance(conversation.transport, asyncio.Transport):
                conversation.transport.abort()
        await asyncio.sleep(0)

    def _converse(self) -> SMTP:
        conversation = SMTP(self, hostname="localhost", enable_SMTPUTF8=True, loop=self._loop)
        self._conversations.add(conversation)
        return conversation


def main() -> None:
    """Run the catcher until told to stop; a port already taken is one sentence and status 1."""
    options = argparse.ArgumentParser(prog="python -m notifications.mail_catcher", description=__doc__)
    options.add_argument("--port", type=int, default=1025)
    options.add_argument("--folder", type=Path, default=Path("var/mail"))
    arguments = options.parse_args()
    set_up_logs("mail", os.environ.get("PROJET_PARTAGE_LOG_FORMAT", "text"))
    # Blocked before the thread starts, so that it inherits: the signal waits for us and for nobody else.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        with MailCatcher(folder=arguments.folder, port=arguments.port) as catcher:
            logger.info("Les mails sont retenus dans %s (127.0.0.1:%d).", arguments.folder, catcher.port)
            signal.sigwait(_STOPS)
    except OSError as refused:
        sys.exit(f"Le port {arguments.port} n’est pas libre pour retenir les mails ({refused.strerror}).")


if __name__ == "__main__":
    main()

"""The other end of what we send: a real SMTP server and a real web hook, that answer as told; a round of the post."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import cast

import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cast import SLUG

from actions.mail.deliver import PostRound
from database.engine import Database
from models.reminder import ReminderKind, closing_of, digest_key
from models.tables import NOTICE, REMINDER
from notifications.mail import hang_up, local_catcher_url

SECRET = "secret des essais"
PUBLIC_URL = "https://projets.example"


class Post:
    """A real SMTP server that answers as told: ``answers`` are what it says, in turn, in place of 250."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = {"MAIL": [], "RCPT": [], "DATA": []}
        self.refused: set[str] = set()
        self.received: list[Envelope] = []
        self.connections = 0
        self.delay = 0.0
        self.url = ""

    @property
    def mails(self) -> list[EmailMessage]:
        """What has been accepted, in order."""
        return [
            cast(EmailMessage, message_from_bytes(bytes(each.content or b""), policy=default))
            for each in self.received
        ]

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self._answer("MAIL", server)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 boîte inconnue"
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", server)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.delay)
        answer = await self._answer("DATA", server)
        if answer.startswith("250"):
            self.received.append(envelope)
        return answer

    async def _answer(self, verb: str, server: SMTP) -> str:
        answer = self.answers[verb].pop(0) if self.answers[verb] else "250 OK"
        if answer == "drop":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            await asyncio.sleep(5)
        return answer


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def open_post(port: int | None = None) -> Iterator[Post]:
    """A server on a port of its own, or on this one."""
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=port or free_port())
    post.url = local_catcher_url(controller.port)
    controller.start()
    try:
        yield post
    finally:
        hang_up()
        controller.stop()


class Hook(BaseHTTPRequestHandler):
    """A web hook: ``status`` is what it answers, ``bodies`` what it was told."""

    status = 200
    bodies: list[str] = []  # noqa: RUF012 — shared by the server's handlers on purpose

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def open_hook() -> Iterator[int]:
    """Its port."""
    Hook.status, Hook.bodies = 200, []
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def round_of(db: Database, url: str, now: datetime) -> PostRound:
    """One round of the post at that instant, by this way out."""
    post = PostRound(db, [url], PUBLIC_URL, SECRET, clock=lambda: now, warn=print)
    post.run()
    hang_up()
    return post


def notices(db: Database, *conditions: sa.ColumnElement[bool]) -> list[sa.RowMapping]:
    """The rows, oldest first."""
    with db.read() as session:
        query = sa.select(NOTICE).where(*conditions).order_by(NOTICE.c.id)
        return list(session.connection().execute(query).mappings())


def owe_digest(db: Database, person_id: int, day: date, now: datetime, subject: str = "commitment-1") -> int:
    """A digest of that day about some news, and one line it reminded of; gives its number."""
    values = {"stage_title": "Charte", "closed_on": day.isoformat(), "path": "/etape"}
    project = {
        "title": "Démocratie culturelle",
        "slug": SLUG,
        "agent_name": "Camille Roussel",
        "agent_email": "camille.roussel@anct.example",
        "link_path": f"/projets/{SLUG}",
        "items": [],
        "news": [{"message": "stage_closed", "values": values}],
        "state": None,
    }
    digest = {
        "key": digest_key(day, person_id),
        "recipient_id": person_id,
        "message": "daily_digest",
        "payload": {"day": day.isoformat(), "projects": [project], "path": "/a-faire"},
        "is_held": False,
        "attempts": 0,
        "created_at": now,
        "next_try_at": now,
        "expires_at": closing_of(day),
    }
    line = {
        "kind": ReminderKind.commitment,
        "subject": subject,
        "project_id": 1,
        "recipient_id": person_id,
        "due_on": date(2027, 1, 31),
        "rung": f"J-{day.day}",
        "day": day,
        "text": "Un engagement",
        "path": "/x",
        "is_copy": False,
    }
    with db.write_statements() as connection:
        connection.execute(sa.insert(NOTICE), digest)
        connection.execute(sa.insert(REMINDER), line)
        return connection.scalar(sa.select(NOTICE.c.id).where(NOTICE.c.key == digest["key"])) or 0


def empty_the_box(db: Database) -> None:
    """Only what the test owes is owed."""
    with db.write_statements() as connection:
        connection.execute(sa.delete(NOTICE))

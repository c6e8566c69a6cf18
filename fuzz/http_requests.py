"""Requests to the pages and to the API, as raw HTTP/1.1: whatever it says, no answer is a failure of ours."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import h11
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Scope

from actions.access.sign_in import open_session
from actions.access.tokens import TokenRequest, create_token
from commands.seed import SEED_FILE, load_seed
from database.engine import Database
from database.upgrade import upgrade_database
from fuzz.judge import Fault
from models.person import AuthMethod
from models.project_file import ProjectFile
from models.yaml_file import read_yaml
from queries.ledger.find import identify
from settings import Settings
from web.access.signed_in import COOKIE
from web.api.application import PATH as API
from web.api.application import ROUTERS as API_ROUTERS
from web.app import ROUTERS, make_app

SECRET = "un secret d’essai, long et sans hasard"
CLOSED_PORT = 9
"""Of the discard service: nothing listens, so no mail leaves and no engine answers."""
READINESS = b"/readyz"
"""Its 503 says that the engine is away, as it is here."""
_TOKEN_OF_FORMS = re.compile(rb'name="jeton" value="([0-9a-f]{64})"')


@dataclass(slots=True)
class Answer:
    """What the application sent."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


class SmallSystem:
    """The pages and the API over the real project. ``words`` stand in a request for what nobody can guess."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(
            _env_file=None,
            data_dir=folder,
            secret_key=SECRET,
            prefect_port=CLOSED_PORT,
            mail_port=CLOSED_PORT,
        )
        self._db = Database(settings.domain_url)
        upgrade_database(self._db)
        now = datetime.now(UTC)
        project = load_seed(self._db, now=now)
        self._app: ASGIApp = make_app(self._db, settings)
        self._runner = asyncio.Runner()
        self.words = _secrets(self._db, now) | {b"@SLUG@": project.slug.encode()}
        page = self._ask(b"GET /projets HTTP/1.1\r\nHost: x\r\nCookie: @AGENT@\r\n\r\n")
        self.words[b"@FORM@"] = _TOKEN_OF_FORMS.findall(page.body if page else b"")[0]

    def close(self) -> None:
        """End what it began: threads of the pages, connections to the database."""
        self._runner.close()
        self._db.close()

    def read(self, request: bytes) -> None:
        """Answer it. Raises ``Fault`` for an answer 5xx, or a header that holds a line end."""
        answer = self._ask(request)
        if answer is None:
            return
        if answer.status >= 500 and READINESS not in request:
            raise Fault(f"{answer.status}: {answer.body[:500]!r}")
        if any(mark in value for _, value in answer.headers for mark in (b"\r", b"\n", b"\0")):
            raise Fault(f"a header in two lines: {answer.headers}")

    def _ask(self, request: bytes) -> Answer | None:
        """None for what the server itself refuses: it never reaches the application."""
        for word, value in self.words.items():
            request = request.replace(word, value)
        try:
            scope, body = _parsed(request)
        except (h11.RemoteProtocolError, UnicodeDecodeError):
            return None
        return self._runner.run(self._answer(scope, body))

    async def _answer(self, scope: Scope, body: bytes) -> Answer:
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return messages.pop() if messages else {"type": "http.disconnect"}

        answer = Answer()
        await self._app(scope, receive, answer.take)
        return answer


def _parsed(request: bytes) -> tuple[Scope, bytes]:
    """As uvicorn reads it (``h11_impl``). A body that announces more than came is as long as it came."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(request)
    head = connection.next_event()
    if not isinstance(head, h11.Request):
        raise h11.RemoteProtocolError("no whole head")
    path, _, query = head.target.partition(b"?")
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
        "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 40000), "scheme": "http", "root_path": "",
        "method": head.method.decode("ascii"), "path": unquote(path.decode("ascii")), "raw_path": path,
        "query_string": query, "headers": [(name.lower(), value) for name, value in head.headers], "state": {},
    }  # fmt: skip
    return scope, request.partition(b"\r\n\r\n")[2]


def _secrets(db: Database, now: datetime) -> dict[bytes, bytes]:
    """What identifies the agent of the project: the cookie of a session, a token of the API."""
    email = read_yaml(SEED_FILE, ProjectFile).agency_agent.email
    with db.write() as session:
        agent = identify(session, email)
        cookie = open_session(session, agent.person_id, AuthMethod.email_link, now)
    token = create_token(db, agent, TokenRequest("fuzz"), now=now)
    return {b"@AGENT@": f"{COOKIE}={cookie}".encode(), b"@TOKEN@": token.secret.encode()}


def first_requests() -> Iterator[bytes]:
    """One to every address there is, by the agent, with the plainest values."""
    for router, prefix, proof in (
        *((each, "", b"Cookie: @AGENT@") for each in ROUTERS),
        *((each.router, API, b"Authorization: Bearer @TOKEN@") for each in API_ROUTERS),
    ):
        for route in router.routes:
            if isinstance(route, APIRoute):
                path = re.sub(r"{slug}", "@SLUG@", prefix + route.path)
                path = re.sub(r"{\w*key}", "constitution", path)
                path = re.sub(r"{\w+(:\w+)?}", "1", path)
                for method in sorted(route.methods or ()):
                    yield _request(method, path.encode(), proof, is_api=bool(prefix))


def _request(method: str, path: bytes, proof: bytes, *, is_api: bool) -> bytes:
    head = f"{method} ".encode() + path + b" HTTP/1.1\r\nHost: localhost\r\n" + proof
    if method == "GET":
        return head + b"\r\n\r\n"
    body = b"{}" if is_api else b"jeton=@FORM@&reason=raison"
    kind = b"application/json" if is_api else b"application/x-www-form-urlencoded"
    return head + b"\r\nContent-Type: " + kind + b"\r\n\r\n" + body

"""No request, however strange, is answered « 500 »: each route, with words that are none, on both databases."""

import asyncio
import hmac
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from api import Api, problem
from cast import Cast
from every_route import every_route
from site_of_tests import SECRET
from starlette.types import Message

from actions.access.sign_in import open_session
from actions.access.tokens import TokenRequest, create_token
from models.person import Actor, AuthMethod
from settings import Settings
from web.access.signed_in import COOKIE
from web.api.application import PATH
from web.app import make_app

At = Callable[[str], Cast]
Headers = dict[bytes, bytes]
FORM_TYPE = {b"content-type": b"application/x-www-form-urlencoded"}
FIELDS = (
    "adresse", "arrete", "au", "collectivite", "contact", "convoquer", "date", "debut", "decision", "droits", "du",
    "duree", "empreinte", "fin", "frequence", "lieu", "montant", "motif", "motif_mineur", "nom", "ordre", "page_lue",
    "participants", "partie", "partout", "portee", "projet", "qualite", "repond", "resume", "signataire", "suite",
    "suivre", "sujet", "texte", "theme", "titre", "verifier", "version",
)  # fmt: skip
"""The names of what our forms send."""
WORDS = (
    "%00",
    "a%00b",
    "%FF%FE",
    "%ED%A0%80",
    "%F0%9F%92%A9",
    "9" * 400,
    "-1",
    "%0A",
    "é" * 900,
    "..%2F..%2Fetc",
)
"""What stands in addresses and queries: NUL, bytes that are no UTF-8, half a letter, far too long…"""
TYPED = ("\0", "a\0b", "\ud800", "9" * 5000, "\u202e", "x" * 20_000, "{{7*7}}", "1e999")
HEADERS: tuple[dict[bytes, bytes], ...] = (
    {b"referer": b"http://["},
    {b"referer": b"\xff\xfe"},
    {b"cookie": b'session="\\000\\377"; annonce=\xff'},
    {b"cookie": b"session=" + b"x" * 4000},
    {b"host": b"["},
    {b"host": b"a b"},
    {b"accept-language": b"\xff"},
    {b"authorization": b"Bearer \xff\xfe"},
    {b"authorization": b"Bearer pp_\xc3\xa9"},
    {b"if-none-match": b"\xff", b"range": b"bytes=-,9-"},
    {b"origin": b"http://["},
)
BODIES: tuple[tuple[bytes, bytes], ...] = (
    (b"application/x-www-form-urlencoded", b"jeton=%00&partie=%00&motif=a%00b"),
    (b"application/x-www-form-urlencoded", b"jeton=\0"),
    (b"application/x-www-form-urlencoded", b"=&=&%=%&" * 300),
    (b"application/x-www-form-urlencoded; charset=utf-7", b"jeton=+AAA-"),
    (b"multipart/form-data", b""),
    (b"multipart/form-data; boundary=", b"--\r\n"),
    (
        b"multipart/form-data; boundary=x; charset=undefined",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n',
    ),
    (
        b"multipart/form-data; boundary=x; charset=idna",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--\r\n',
    ),
    (
        b"multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a\0"; filename="\0"\r\n\r\n\0\r\n--x--\r\n',
    ),
    (
        b"multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="partie"\r\n\r\na\0b\r\n--x--\r\n',
    ),
    (b"multipart/form-data; boundary=x", b"--x\r\nContent-Disposition\r\n\r\n\r\n--x--"),
    (b"multipart/form-data; boundary=\xff", b"--\xff\r\n"),
    (b"application/json", b"[" * 50_000),
    (b"application/json", b"{}"),
    (b"application/json", b'{"a": "\\ud800", "\\ud800": 1}'),
    (b"application/json", b"9" * 5000),
    (b"application/json; charset=utf-16", '{"reason": "é"}'.encode("utf-16")),
    (b"\xff/\xff; =;charset", b"\0"),
)


class Door:
    """An application as its server calls it: bytes in, a status out, no network between; ``wrong`` is what failed."""

    def __init__(self, cast: Cast, who: Actor) -> None:
        settings = Settings(_env_file=None, data_dir=cast.folder, secret_key=SECRET)
        self.app = make_app(cast.db, settings)
        self.asked, self.wrong = 0, list[str]()
        now = datetime.now(UTC)
        with cast.db.write() as session:
            self.cookie = open_session(session, who.person_id, AuthMethod.email_link, now)
        self.token = create_token(cast.db, who, TokenRequest("essai", is_read_only=False), now=now).secret
        self.jeton = hmac.new(SECRET.encode(), f"form:{self.cookie}".encode(), sha256).hexdigest()

    async def ask(self, method: str, path: str, headers: Headers | None = None, body: bytes = b"") -> int:
        """The status of the answer; one that is no refusal, or no answer, is kept in ``wrong``."""
        raw, _, query = path.partition("?")
        sent = {b"host": b"localhost", b"authorization": f"Bearer {self.token}".encode()}
        sent |= {b"cookie": f"{COOKIE}={self.cookie}".encode(), **(headers or {})}
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": unquote(raw), "raw_path": raw.encode(), "query_string": query.encode(), "root_path": "",
            "headers": list(sent.items()), "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
        }  # fmt: skip
        said = list[int]()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                said.append(message["status"])

        self.asked += 1
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            self.wrong.append(f"{method} {path[:120]} {headers} {body[:120]!r}: {error!r:.300}")
            return 500
        if said[0] >= 500 and raw != "/readyz":  # no engine runs here, as it rightly says
            self.wrong.append(f"{method} {path[:120]} {headers} {body[:120]!r}: {said}")
        return said[0]


@pytest.fixture
def door(at: At) -> Door:
    """The pages and the API of a project at work, opened by the agent of the ANCT."""
    cast = at("consultation open")
    cast.set_clock(datetime.now(UTC))
    return Door(cast, cast.agent)


def words_for(place: int, words: Sequence[str]) -> Sequence[str]:
    """The NUL, and two of the others: each of them comes back every few routes."""
    return [words[0], *(words[1 + (2 * place + each) % (len(words) - 1)] for each in range(2))]


def in_address(path: str, word: str) -> str:
    return re.sub(r"{\w+(:\w+)?}", lambda _: word, path)


def operations(app: Any) -> Iterator[tuple[str, str, list[str]]]:
    """Method, path and names of the values of each operation of the API."""
    (below,) = [each for each in app._app.app.routes if getattr(each, "path", "") == PATH]
    described = below.app.openapi()
    for path, methods in described["paths"].items():
        for method, each in methods.items():
            content = each.get("requestBody", {}).get("content", {})
            schema = next(iter(content.values()), {}).get("schema", {})
            name = schema.get("$ref", "").rpartition("/")[2]
            schema = described["components"]["schemas"].get(name, schema)
            yield method.upper(), PATH + path, list(schema.get("properties", {}))


def test_no_word_of_an_address_or_a_form_breaks_a_page(door: Door) -> None:
    async def walk() -> None:
        for place, route in enumerate(every_route()):
            for word in words_for(place, WORDS):
                path, query = in_address(route.path, word), f"?page=1&q={word}&partie={word}&etape={word}"
                status = await door.ask(route.method, path)
                assert "%00" not in path or status == 404, (route.method, path, status)
                status = await door.ask(route.method, in_address(route.path, "1") + query)
                assert "%00" not in query or status == 400, (route.method, path, status)
            for word in words_for(place, TYPED) if route.method == "POST" else ():
                fields = dict.fromkeys(FIELDS, word) | {"jeton": door.jeton}
                body = urlencode(fields, errors="surrogatepass").encode()
                await door.ask("POST", in_address(route.path, "1"), FORM_TYPE, body)

    asyncio.run(walk())
    assert door.wrong == []
    assert door.asked > 300


def test_no_value_breaks_the_api(door: Door) -> None:
    async def walk() -> None:
        for place, (method, path, names) in enumerate(operations(door.app)):
            for word in words_for(place, WORDS):
                await door.ask(method, in_address(path, word) + f"?page={word}&on={word}&party={word}")
            for word in words_for(place, TYPED) if names else ():
                for value in (word, [word], {word: word}):
                    body = json.dumps(dict.fromkeys(names, value)).encode()
                    await door.ask(
                        method, in_address(path, "1"), {b"content-type": b"application/json"}, body
                    )

    asyncio.run(walk())
    assert door.wrong == []
    assert door.asked > 200


def test_no_header_and_no_body_breaks_anything(door: Door) -> None:
    deliverable = "/projets/democratie-culturelle/livrables/1"
    pages = ("/", deliverable, f"{PATH}/projects", f"{PATH}/nulle-part")
    forms = (
        deliverable,
        f"{deliverable}/acte-papier",
        "/connexion",
        f"{PATH}/projects/democratie-culturelle/pause",
    )

    async def walk() -> None:
        for headers in HEADERS:
            for path in pages:
                await door.ask("GET", path, headers)
            await door.ask("POST", deliverable, headers | FORM_TYPE, b"motif=x")
        for kind, body in BODIES:
            for path in forms:
                await door.ask("POST", path, {b"content-type": kind}, body)

    asyncio.run(walk())
    assert door.wrong == []


def test_what_is_turned_away_is_told_in_a_sentence(api: Callable[[str], Api]) -> None:
    here = api("met")
    for path, status in (("/projects/%00", 404), ("/projects?page=%00", 400)):
        assert problem(here.get(here.cast.agent, path))["status"] == status
    wrong = {"Content-Type": "application/json; charset=utf-7"}
    failure = problem(here.post(here.cast.agent, "./pause", content=b"{}", headers=wrong))
    assert failure["code"] == "wrong-media-type"

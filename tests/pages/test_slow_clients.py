"""Clients that are slow, too many or too long, on real sockets: their time is counted, and others are served."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
from api import Api
from prefect_system import wait_until
from served import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from web.server.patient_protocol import Patience, PatientProtocol
from web.server.protections import MOST_BYTES, SmallRequests
from web.server.serving import HOST

MOST = 1000


async def read(request: Request) -> Response:
    """Reads all that it is allowed to."""
    request.scope[MOST_BYTES] = MOST
    return PlainTextResponse(str(len(await request.body())))


async def big(_request: Request) -> Response:
    return PlainTextResponse("x" * 50_000_000)


@contextmanager
def line(patience: Patience, seconds: float = 30) -> Iterator[Any]:
    """``connect()`` opens a connection to a server of this patience."""
    app = Starlette(routes=[Route("/", read, methods=["GET", "POST"]), Route("/big", big)])
    app.add_middleware(SmallRequests, most=MOST, seconds=seconds, bytes_a_second=10**9)
    protocol = type("Protocol", (PatientProtocol,), {"patience": patience})
    with served(app, http=protocol) as address, ExitStack() as open_:
        port = int(address.rpartition(":")[2])

        def connect() -> socket.socket:
            return open_.enter_context(socket.create_connection((HOST, port), timeout=60))

        yield connect


def answer(connection: socket.socket) -> bytes:
    """All that the server says until it closes; what it sent before a reset counts."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def test_a_head_that_does_not_come_and_a_connection_that_asks_nothing_are_closed() -> None:
    with line(Patience(head=0.3)) as connect:
        silent, slow = connect(), connect()
        slow.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        assert answer(silent) == b""
        assert answer(slow) == b""


def test_the_next_head_on_the_same_connection_is_awaited_no_longer() -> None:
    with line(Patience(head=0.3)) as connect:
        one = connect()
        one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        received = b""
        while not received.endswith(b"\r\n\r\n0"):
            received += one.recv(1000)
        one.sendall(b"GET / HT")
        assert answer(one) == b""


def test_a_body_that_comes_too_slowly_is_answered_408() -> None:
    with line(Patience(rest=0.2), seconds=0.3) as connect:
        slow = connect()
        slow.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nx")
        assert answer(slow).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("head", [b"Content-Length: 1000000000", b"Transfer-Encoding: chunked"])
def test_a_body_without_end_is_answered_before_it_and_read_no_further(head: bytes) -> None:
    with line(Patience(rest=60, rest_bytes=1_000_000)) as connect:
        endless, sent = connect(), 0
        endless.sendall(b"POST / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\n")
        piece = b"x" * 65536
        piece = b"10000\r\n" + piece + b"\r\n" if b"chunked" in head else piece
        with suppress(OSError):  # reset or broken pipe, as it happens
            while sent < 200_000_000:
                endless.sendall(piece)
                sent += len(piece)
        assert sent < 100_000_000


def test_a_body_a_little_too_long_hears_its_answer_and_the_connection_serves_again() -> None:
    with line(Patience()) as connect:
        one = connect()
        one.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)
        assert b"413" in one.recv(65536)
        wait_until(lambda: again(one))


def again(connection: socket.socket) -> bool:
    connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
    return b"200 OK" in connection.recv(65536)


def test_somebody_who_takes_nothing_of_what_they_asked_for_is_let_go() -> None:
    with line(Patience(reader=0.3)) as connect:
        deaf = connect()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_until(lambda: is_gone(deaf))
        assert len(answer(deaf)) < 50_000_000


def is_gone(connection: socket.socket) -> bool:
    """Whether the other side has given the connection up."""
    try:
        connection.sendall(b"\r\n")
    except OSError:
        return True
    return False


def test_a_hundred_silent_connections_make_room_for_who_asks() -> None:
    with line(Patience(head=600, connections=20)) as connect:
        crowd = [connect() for _ in range(100)]
        asking = connect()
        asking.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert answer(asking).startswith(b"HTTP/1.1 200")
        assert answer(crowd[0]) == b""


def test_the_pages_say_it_in_french(api: Any) -> None:
    here: Api = api("met")
    declared = {"Content-Length": "1000000000", "Content-Type": "application/json"}
    answer = here.post(here.cast.agent, "./pause", content=b"{}", headers=declared)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")

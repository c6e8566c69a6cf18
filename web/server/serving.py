"""Run an application: what is published goes through a reverse proxy, the rest stays on loopback."""

from dataclasses import dataclass
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from web.server.patient_protocol import PatientProtocol

HOST: Final = "127.0.0.1"
SECONDS_TO_END = 5
SECONDS_TO_ANSWER = 30
"""A process of several that is silent this long is killed, and another takes its place."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen, and whom to believe.

    ``trusted_proxies``: the addresses or networks, separated by commas, of which one believes what they say of the
    caller (``X-Forwarded-For``), as sign-in links are limited by it; from anybody else a caller could say what it
    likes. Empty: none.
    """

    port: int
    host: str = HOST
    trusted_proxies: str = ""


def serve(app: ASGIApp | str, where: Listening, *, processes: int = 1) -> None:
    """Serve until SIGTERM or Ctrl-C. No access log: the addresses that people are given are secrets.

    For several ``processes``, which share the port, ``app`` is the name of what makes the application
    (``module:function``): each calls it for itself.
    """
    config = _config(app, where, processes)
    if processes == 1:
        uvicorn.Server(config).run()
        return
    Multiprocess(config, sockets=[config.bind_socket()]).run()


def server(app: ASGIApp, port: int) -> uvicorn.Server:
    """The server of ``serve`` on loopback, not started yet."""
    return uvicorn.Server(_config(app, Listening(port)))


def _config(app: ASGIApp | str, where: Listening, processes: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        host=where.host,
        port=where.port,
        workers=processes,
        http=PatientProtocol,
        access_log=False,
        log_config=None,  # ours (`logs`)
        log_level="warning",
        server_header=False,
        proxy_headers=bool(where.trusted_proxies),
        forwarded_allow_ips=where.trusted_proxies,
        timeout_graceful_shutdown=SECONDS_TO_END,
        timeout_worker_healthcheck=SECONDS_TO_ANSWER,
    )

"""Run an application on loopback: what is published goes through a reverse proxy, the rest stays here."""

from typing import Final

import uvicorn
from starlette.types import ASGIApp

HOST: Final = "127.0.0.1"
SECONDS_TO_END = 5


def serve(app: ASGIApp, port: int, *, behind_proxy: bool = False) -> None:
    """Serve until SIGTERM or Ctrl-C. No access log: the addresses that people are given are secrets.

    ``behind_proxy`` believes what a proxy of this machine says of the caller (``X-Forwarded-For``): sign-in links
    are limited by it. Otherwise a caller could say what it likes.
    """
    server(app, port, behind_proxy=behind_proxy).run()


def server(app: ASGIApp, port: int, *, behind_proxy: bool = False) -> uvicorn.Server:
    """The server of ``serve``, not started yet."""
    config = uvicorn.Config(
        app,
        host=HOST,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=behind_proxy,
        forwarded_allow_ips=HOST,
        timeout_graceful_shutdown=SECONDS_TO_END,
    )
    return uvicorn.Server(config)

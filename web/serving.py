"""Run an application on loopback: what is published goes through a reverse proxy, the rest stays here."""

from typing import Final

import uvicorn
from starlette.types import ASGIApp

HOST: Final = "127.0.0.1"
SECONDS_TO_END = 5


def serve(app: ASGIApp, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C. No access log: the addresses that people are given are secrets.

    What a proxy says of the caller is not believed, since nothing here depends on it.
    """
    server(app, port).run()


def server(app: ASGIApp, port: int) -> uvicorn.Server:
    """The server of ``serve``, not started yet."""
    config = uvicorn.Config(
        app,
        host=HOST,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SECONDS_TO_END,
    )
    return uvicorn.Server(config)

"""``python -m benchmarks.mail_sink``: a mail server that takes everything and keeps nothing; prints its port."""

import asyncio
import socket
from typing import Any

from aiosmtpd.smtp import SMTP


class Sink:
    """Answers « 250 » to every mail."""

    async def handle_DATA(self, *_: Any) -> str:  # noqa: N802
        return "250 OK"


async def main() -> None:
    """Serve until killed."""
    listener = socket.create_server(("127.0.0.1", 0))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), hostname="localhost", loop=loop), sock=listener)
    print(listener.getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

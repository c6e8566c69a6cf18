"""A mail server of ours whose mood is a word in a file: « takes », « hangs », « refuses » (for now) or « away ».

``python -m chaos.mail_server PORT FOLDER``: mails are kept in the Maildir ``FOLDER/mail``, on disk before they are
accepted; ``FOLDER/mood`` is read at each mail.
"""

import argparse
import asyncio
import mailbox
import os
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LONGEST_HANG = 600


class MoodyServer:
    """The handler of aiosmtpd."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mails = mailbox.Maildir(folder / "mail", create=True)

    @property
    def mood(self) -> str:
        try:
            return (self._folder / "mood").read_text().strip()
        except FileNotFoundError:
            return "takes"

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        await self._hang_if_asked()
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await self._hang_if_asked()
        if self.mood == "refuses":
            return "451 4.3.0 plus tard"
        self._mails.add(envelope.original_content or b"")
        handle = os.open(self._folder / "mail" / "new", os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
        return "250 OK"

    async def _hang_if_asked(self) -> None:
        waited = 0.0
        while self.mood == "hangs" and waited < LONGEST_HANG:
            await asyncio.sleep(0.2)
            waited += 0.2


async def serve(port: int, folder: Path) -> None:
    """Until it is killed."""
    handler = MoodyServer(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="localhost", loop=loop), "127.0.0.1", port
    )
    await server.serve_forever()


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m chaos.mail_server", description=__doc__)
    options.add_argument("port", type=int)
    options.add_argument("folder", type=Path)
    chosen = options.parse_args()
    asyncio.run(serve(chosen.port, chosen.folder))

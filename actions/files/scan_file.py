"""Have a file looked at by ClamAV: a running clamd, spoken to as its manual says (clamd(8), ``INSTREAM``)."""

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from models.refusal import Refusal

CHUNK = 256 * 1024
CONNECT_SECONDS = 5
ANSWER_SECONDS = 120
LONGEST_ANSWER = 4096


class InfectedFile(Refusal):
    """clamd knows a virus in the file; ``signature`` is its name for it."""

    def __init__(self, name: str, signature: str) -> None:
        super().__init__(
            f"Le fichier « {name} » est infecté ({signature}) et n’a pas été gardé : "
            "faites examiner votre poste, puis déposez une copie saine."
        )


class ScannerAway(Refusal):
    """A scan was wanted, and no answer came: the file is not taken."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"L’antivirus ne répond pas, et le fichier « {name} » n’a pas été gardé : réessayez dans quelques "
            "minutes, et prévenez l’exploitant de la plateforme si cela dure."
        )


@dataclass(frozen=True, slots=True)
class Clamd:
    """The clamd at ``address``: ``host:port`` (``[::1]:3310``), or the path of its socket (``/run/…``)."""

    address: str

    def __post_init__(self) -> None:
        host, _, port = self.address.rpartition(":")
        if not self.address.startswith("/") and not (host and port.isdecimal() and 0 < int(port) < 65536):
            raise ValueError(
                f"PROJET_PARTAGE_CLAMD={self.address!r}: write host:port, or /path/of/clamd.sock"
            )

    def scan(self, path: Path, name: str) -> None:
        """Return when the file is clean. Raises ``InfectedFile``; ``ScannerAway`` for any other answer."""
        try:
            with self._connect() as clamd, path.open("rb") as file:
                answer = _stream(clamd, file)
        except OSError as error:
            raise ScannerAway(name) from error
        if answer == "stream: OK":
            return
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            raise InfectedFile(name, answer.removeprefix("stream: ").removesuffix(" FOUND"))
        raise ScannerAway(name) from OSError(answer or "clamd hung up")

    def _connect(self) -> socket.socket:
        if self.address.startswith("/"):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(CONNECT_SECONDS)
            try:
                connection.connect(self.address)
            except OSError:
                connection.close()
                raise
        else:
            host, _, port = self.address.rpartition(":")
            connection = socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS)
        connection.settimeout(ANSWER_SECONDS)
        return connection


def _stream(clamd: socket.socket, file: BinaryIO) -> str:
    with suppress(BrokenPipeError, ConnectionResetError):  # it has heard enough: its answer says why
        clamd.sendall(b"zINSTREAM\0")
        while chunk := file.read(CHUNK):
            clamd.sendall(struct.pack("!I", len(chunk)) + chunk)
        clamd.sendall(struct.pack("!I", 0))
    answer = b""
    while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
        received = clamd.recv(LONGEST_ANSWER)
        if not received:
            break
        answer += received
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()

"""What a backup says of itself, and why one is refused."""

import hashlib
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from models.refusal import Refusal

FORMAT: Literal["projet-partage/1"] = "projet-partage/1"
Kind = Literal["sqlite", "postgresql"]
KIND_NAMES: dict[str, str] = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_SHA256 = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """First member of a backup. Holds no secret: ``secret_key`` is a fingerprint, ``settings`` public values.

    Every fact acknowledged before ``taken_at`` is in the backup. ``heads`` and ``entries`` are the end of each chain
    of the journal and the number of their entries; ``missing`` the contents that the database names and that
    were lost or damaged before the backup.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["projet-partage/1"] = FORMAT
    software: str
    kind: Kind
    revision: str = Field(pattern=r"^[0-9]{4}$")
    taken_at: AwareDatetime
    database_bytes: int = Field(ge=0)
    database_sha256: str = _SHA256
    files: int = Field(ge=0)
    file_bytes: int = Field(ge=0)
    missing: list[str] = []
    entries: int = Field(ge=0)
    heads: dict[str, str]
    secret_key: str
    holds_secret_key: bool = False
    settings: dict[str, str] = {}


def fingerprint(secret: str) -> str:
    """Tells two secret keys apart, and costs a tenth of a second to whoever would guess one from it."""
    made = hashlib.scrypt(secret.encode(), salt=b"projet-partage/secret-key", n=2**14, r=8, p=1, dklen=8)
    return made.hex()


class BackupImpossible(Refusal):
    """The backup was not made; nothing that looks like one was left."""


class UnusableBackup(Refusal):
    """The archive is not a backup, is cut short, or was altered: nothing of it is believed."""


class RestoreImpossible(Refusal):
    """The target cannot take the backup."""


class RestoreUnfinished(Refusal):
    """The database holds what a restoration that was cut short has left: nothing may use it."""

    sentence = (
        "Une restauration a été interrompue, et ce système n’est pas entier : relancez "
        "« projet-partage restore » avec la même sauvegarde."
    )

"""What the operator may set: environment variables ``PROJET_PARTAGE_…`` (documented in ``.env.example``)."""

import os
import re
import secrets
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ADDRESS_OR_NONE = r"^([^@\s]+@[^@\s]+)?$"
HTTPS_OR_HERE = r"^(https://\S+|http://(localhost|127\.0\.0\.1)(:[0-9]+)?(/\S*)?)?$"
CLAMD_OR_NONE = r"^(/.+|.+:[0-9]{1,5})?$"
WORKER_NAME = r"^[\w.@-]*$"
SHAPES = {
    ADDRESS_OR_NONE: "une adresse électronique est attendue ; écrivez-la, par exemple equipe@anct.example",
    HTTPS_OR_HERE: "une adresse qui commence par https:// est attendue ; écrivez-la en entier",
    CLAMD_OR_NONE: "un antivirus est attendu ; écrivez « hôte:port », ou le chemin de sa prise",
    WORKER_NAME: "un nom est attendu ; écrivez-le avec des lettres, des chiffres, et « . », « _ », « @ » ou « - »",
}
"""What to write instead, by pattern: the value itself, which may be secret, is not told."""
LOGIN = re.compile(r"[!-9;-~]+:[!-~]+")
"""``user:secret`` for HTTP Basic: printable ASCII, no space, and no colon in the user."""


class BadPrefectLogin(ValueError):
    """The file that keeps Prefect's login holds something else; ``str()`` is one French sentence."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"Prefect ne peut pas être joint : « {file} » ne contient pas une ligne « utilisateur:secret » ; "
            "effacez ce fichier, un nouveau secret sera tiré au prochain démarrage."
        )
        self.file = file


class Settings(BaseSettings):
    """The settings of one running system; two systems with other ``data_dir`` and ports live side by side."""

    model_config = SettingsConfigDict(
        env_prefix="PROJET_PARTAGE_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    database_url: str = ""
    data_dir: Path = Path("var")
    base_url: str = ""
    web_port: int = Field(default=8000, ge=1, le=65535)
    prefect_port: int = Field(default=4200, ge=1, le=65535)
    prefect_url: str = Field(default="", pattern=HTTPS_OR_HERE)
    prefect_auth: SecretStr = SecretStr("")
    mail_port: int = Field(default=1025, ge=1, le=65535)
    mail_page_port: int = Field(default=8025, ge=1, le=65535)
    runs_at_once: int = Field(default=8, ge=4, le=1000)
    apprise_urls: str = ""
    clamd: str = Field(default="", pattern=CLAMD_OR_NONE)
    file_limit_mb: int = Field(default=100, ge=1, le=10_000)
    secret_key: SecretStr = SecretStr("")
    proconnect_issuer: str = Field(default="", pattern=HTTPS_OR_HERE)
    proconnect_client_id: str = Field(default="", validate_default=True)
    proconnect_client_secret: SecretStr = Field(default=SecretStr(""), validate_default=True)
    proconnect_acr: str = ""
    timezone: str = "Europe/Paris"
    web_host: str = Field(default="127.0.0.1", min_length=1)
    web_processes: int = Field(default=1, ge=1, le=64)
    trusted_proxies: str = "127.0.0.1"
    prefect_host: str = Field(default="127.0.0.1", min_length=1)
    prefect_database_url: SecretStr = Field(default=SecretStr(""), validate_default=True)
    redis_url: SecretStr = Field(default=SecretStr(""), validate_default=True)
    worker_name: str = Field(default="", pattern=WORKER_NAME)
    metrics_token: SecretStr = SecretStr("")
    log_format: Literal["text", "json"] = "text"
    demo: bool = True
    theme: Literal["neutral", "dsfr"] = "neutral"
    dsfr_dir: Path = Path("node_modules/@gouvfr/dsfr/dist")
    publisher: str = ""
    publisher_director: str = ""
    publisher_host: str = ""
    publisher_contact: str = Field(default="", pattern=ADDRESS_OR_NONE)
    operator_email: str = Field(default="", pattern=ADDRESS_OR_NONE)

    @field_validator("proconnect_client_id", "proconnect_client_secret")
    @classmethod
    def _goes_with_the_issuer(cls, value: str | SecretStr, others: ValidationInfo) -> str | SecretStr:
        if others.data.get("proconnect_issuer") and not len(value):
            raise ValueError("ProConnect le donne avec l’adresse de l’émetteur ; recopiez-le")
        return value

    @field_validator("prefect_auth")
    @classmethod
    def _is_a_login(cls, login: SecretStr) -> SecretStr:
        if len(login) and not LOGIN.fullmatch(login.get_secret_value()):
            raise ValueError("« utilisateur:secret » est attendu ; écrivez-le en ASCII, sans espace")
        return login

    @field_validator("prefect_database_url")
    @classmethod
    def _is_what_prefect_speaks(cls, url: SecretStr) -> SecretStr:
        if len(url) and not url.get_secret_value().startswith("postgresql+asyncpg://"):
            raise ValueError("une base PostgreSQL est attendue ; écrivez postgresql+asyncpg://…")
        return url

    @field_validator("redis_url")
    @classmethod
    def _is_a_redis(cls, url: SecretStr) -> SecretStr:
        if len(url) and not re.match(r"rediss?(\+sentinel)?://", url.get_secret_value()):
            raise ValueError(
                "un serveur Redis est attendu ; écrivez redis://…, rediss://… ou redis+sentinel://…"
            )
        return url

    @property
    def domain_url(self) -> str:
        """SQLAlchemy address of the domain database; an SQLite file in ``data_dir`` unless told otherwise."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'projet-partage.db'}"

    @property
    def public_url(self) -> str:
        """Address people reach the pages at, without a final slash; it stands in every link we mail."""
        return (self.base_url or f"http://localhost:{self.web_port}").rstrip("/")

    @property
    def is_demo(self) -> bool:
        """Whether somebody on this machine may be any of its people: never where a mail leaves, or a name is public."""
        is_here = urlsplit(self.public_url).hostname in ("localhost", "127.0.0.1", "::1")
        return self.demo and is_here and not self.apprise_urls

    @property
    def prefect_api_url(self) -> str:
        """Address of the Prefect API, without a final slash; the embedded server's unless told otherwise."""
        return self.prefect_url.rstrip("/") or f"http://127.0.0.1:{self.prefect_port}/api"

    @property
    def has_own_prefect(self) -> bool:
        """Whether this system starts a Prefect server of its own: not when it is told where one is."""
        return not self.prefect_url

    @property
    def login_file(self) -> Path:
        """Where the login is that was drawn for Prefect when ``prefect_auth`` gives none."""
        return self.data_dir.absolute() / "prefect_auth"

    def prefect_login(self) -> str:
        """The ``user:secret`` that Prefect's API asks for: ``prefect_auth``, or one of our own making.

        Ours is drawn once, in ``data_dir/prefect_auth``, readable by its owner only, the same for every process.
        """
        login = self.prefect_auth.get_secret_value() or _kept_secret(self.login_file, _new_login).strip()
        if not LOGIN.fullmatch(login):
            raise BadPrefectLogin(self.login_file)
        return login

    @property
    def files_dir(self) -> Path:
        """Where the deliverables' files live, each named by the SHA-256 of its content."""
        return self.data_dir.absolute() / "files"

    def secret(self) -> str:
        """What signs our links and locks the channels' addresses: ``secret_key``, or one of our own making.

        Ours is drawn once, in ``data_dir/secret_key``, readable by its owner only, the same for every process.
        """
        return self.secret_key.get_secret_value() or _kept_secret(
            self.data_dir.absolute() / "secret_key", _new_key
        )


def _new_key() -> str:
    return secrets.token_urlsafe(48)


def _new_login() -> str:
    return f"projet-partage:{secrets.token_urlsafe(32)}"


def _kept_secret(file: Path, draw: Callable[[], str]) -> str:
    """The secret of this file, drawn by the first who asks; a file half-stream is never seen."""
    try:
        return file.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    try:
        number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="ascii") as stream:
            stream.write(draw())
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, file)
    except FileExistsError:
        pass  # another process was first: its secret is everybody's
    finally:
        draft.unlink(missing_ok=True)
    return file.read_text("utf-8", errors="replace")


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()

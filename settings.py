"""What the operator may set: environment variables ``PROJET_PARTAGE_…`` (documented in ``.env.example``)."""

from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one running system; two systems with other ``data_dir`` and ports live side by side."""

    model_config = SettingsConfigDict(env_prefix="PROJET_PARTAGE_", env_file=".env", extra="ignore")

    database_url: str = ""
    data_dir: Path = Path("var")
    base_url: str = ""
    web_port: int = Field(default=8000, ge=1, le=65535)
    prefect_port: int = Field(default=4200, ge=1, le=65535)
    mail_port: int = Field(default=1025, ge=1, le=65535)
    apprise_urls: str = ""
    secret_key: SecretStr = SecretStr("")
    timezone: str = "Europe/Paris"

    @property
    def domain_url(self) -> str:
        """SQLAlchemy address of the domain database; an SQLite file in ``data_dir`` unless told otherwise."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'projet-partage.db'}"

    @property
    def public_url(self) -> str:
        """Address people reach the pages at, without a final slash; it stands in every link we mail."""
        return (self.base_url or f"http://localhost:{self.web_port}").rstrip("/")

    @property
    def prefect_api_url(self) -> str:
        """Address of the Prefect API of this system (the embedded server listens on loopback)."""
        return f"http://127.0.0.1:{self.prefect_port}/api"

    @property
    def files_dir(self) -> Path:
        """Where the deliverables' files live, each named by the SHA-256 of its content."""
        return self.data_dir.absolute() / "files"


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()

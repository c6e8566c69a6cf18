"""The API of a system as a program sees it: who asks, what they send, and the problems they get."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
from cast import SLUG, Cast

from actions.access.tokens import TokenRequest, create_token
from models.person import Actor
from settings import Settings
from web.api.application import PATH
from web.app import make_app

SECRET = "un secret d’essai, long et sans hasard"
PROJECT = f"{PATH}/projects/{SLUG}"


class Api:
    """The API over a project, on no network, and a token for each person who asks."""

    def __init__(self, cast: Cast, **options: Any) -> None:
        settings = Settings(_env_file=None, data_dir=cast.folder, secret_key=SECRET, **options)
        self.cast, self.app = cast, make_app(cast.db, settings)
        self._tokens: dict[tuple[int | None, bool], str] = {}

    @property
    def state(self) -> Any:
        """What the application holds."""
        return self.app._app.app.state  # type: ignore[attr-defined]

    def token(self, who: Actor, *, read_only: bool = False) -> str:
        """A token of this person, made once; it lives now, as the API does."""
        key = (who.person_id, read_only)
        if key not in self._tokens:
            now = datetime.now(UTC)
            made = create_token(self.cast.db, who, TokenRequest("essai", is_read_only=read_only), now=now)
            self._tokens[key] = made.secret
        return self._tokens[key]

    def ask(
        self, who: Actor | None, method: str, path: str, *, read_only: bool = False, **options: Any
    ) -> httpx.Response:
        """The answer to ``who``; ``path`` is after « /api/v1 », or after the project's when it begins with « . »."""
        headers = options.pop("headers", {})
        if who is not None:
            headers = {"Authorization": f"Bearer {self.token(who, read_only=read_only)}", **headers}
        place = PROJECT + path[1:] if path.startswith(".") else PATH + path
        return asyncio.run(self._send(method, place, headers=headers, **options))

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **options)

    def get(self, who: Actor | None, path: str, **options: Any) -> httpx.Response:
        return self.ask(who, "GET", path, **options)

    def post(self, who: Actor | None, path: str, **options: Any) -> httpx.Response:
        return self.ask(who, "POST", path, **options)


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem that an answer is, checked to be well made."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    refused: dict[str, Any] = answer.json()
    assert refused["status"] == answer.status_code
    assert refused["type"] == f"{PATH}/problems/{refused['code']}"
    assert refused["title"]
    assert refused["detail"].rstrip("\u00a0 ")[-1] in ".?!…", refused["detail"]
    return refused

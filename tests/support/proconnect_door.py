"""The pages with the way in by ProConnect, a real provider beside them, and the mayor of Niort in front."""

import re
from datetime import UTC, datetime
from html import unescape

import httpx
from cast import NIORT, Cast
from openid_provider import CLIENT_ID, CLIENT_SECRET, Provider
from site_of_tests import SECRET
from sqlmodel import select
from starlette.types import ASGIApp, Receive, Scope, Send

from actions.access.sign_in import who_is_signed_in
from models.person import Actor
from models.web_session import WebSession
from settings import Settings
from web.access.signed_in import COOKIE
from web.app import make_app
from web.server.protections import CONTENT_POLICY

NIORT_SIRET, BOURGES_SIRET = "21790191700013", "21180033900016"
CALLBACK = "/connexion/proconnect/retour"


class Street:
    """One address for a whole file of tests, at which each of them opens its own pages."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Door:
    """The pages with the way in by ProConnect, the mayor of Niort in front of them."""

    def __init__(self, cast: Cast, street: Street, address: str, provider: Provider) -> None:
        self.cast, self.street, self.address, self.provider = cast, street, address, provider
        self.email = cast.mayor_email(NIORT)
        cast.set_clock(datetime.now(UTC))
        self.open()

    def open(self, **settings: str) -> None:
        """Open the pages, anew, with these settings (``proconnect_…``)."""
        values = {
            "data_dir": self.cast.folder,
            "secret_key": SECRET,
            "base_url": self.address,
            "proconnect_issuer": self.provider.issuer,
            "proconnect_client_id": CLIENT_ID,
            "proconnect_client_secret": CLIENT_SECRET,
        } | settings
        self.street.app = make_app(self.cast.db, Settings(_env_file=None, **values))  # type: ignore[arg-type]

    def person(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, trust_env=False, timeout=30)

    def begin(self, person: httpx.Client, suite: str = "/a-faire") -> str:
        """Press the button; gives the address at the provider."""
        sent = person.post("/connexion/proconnect", data={"suite": suite})
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])

    def way_back(self, person: httpx.Client, siret: str = NIORT_SIRET, **more: str) -> str:
        """Go to the provider and say who one is; gives the address that leads back."""
        return self.provider.sign_in(self.begin(person), **{"email": self.email, "siret": siret} | more)

    def enter(self, person: httpx.Client, siret: str = NIORT_SIRET, **more: str) -> httpx.Response:
        return person.get(self.way_back(person, siret, **more))

    def sessions(self) -> list[WebSession]:
        with self.cast.db.read() as session:
            return list(session.exec(select(WebSession)).all())

    def actor(self, person: httpx.Client) -> Actor:
        """Who this person is to the actions."""
        found = who_is_signed_in(self.cast.db, person.cookies[COOKIE], now=datetime.now(UTC))
        assert found is not None
        return found.actor

    def is_refused(self, answer: httpx.Response, status: int, words: str) -> None:
        """Nobody got in, and the page says why, in these words."""
        assert answer.status_code == status, answer.text
        assert words in sentence(answer)
        assert COOKIE not in answer.cookies
        assert self.sessions() == []
        assert answer.headers["content-security-policy"] == CONTENT_POLICY


def sentence(answer: httpx.Response) -> str:
    found = re.search(r'<p class="fr-text--lead">(.*?)</p>', answer.text)
    assert found, answer.text
    return unescape(found[1]).replace("\u00a0", " ").replace("\u202f", " ")


def form_token(person: httpx.Client) -> str:
    found = re.search(r'name="jeton" value="(\w+)"', person.get("/").text)
    assert found
    return found[1]

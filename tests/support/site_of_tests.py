"""The pages of the real project, served; and its people in front of them, signed in, in a client or a browser."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
from browser import DESKTOP
from cast import Cast
from playwright.sync_api import Browser, Page
from served import served
from shelf import Shelf

from actions.access.sign_in import open_session
from models.person import Actor, AuthMethod
from settings import Settings
from web.access.signed_in import COOKIE
from web.app import make_app

SECRET = "un secret d’essai, long et sans hasard"
_TLS = ssl.create_default_context()  # made once: reading the certificates takes longer than most pages
OF_ITS_OWN = {"x-request-id", "date", "set-cookie", "content-length"}
"""What differs from one answer to the next: a note that is shown once, the seconds of a page."""
_TOKEN = re.compile(r'name="jeton" value="([0-9a-f]{64})"')


class Site:
    """The served pages, and ``cast``: whose acts happen behind them."""

    def __init__(self, cast: Cast, address: str) -> None:
        self.cast, self.address = cast, address
        # Pages look at the clock of the machine: what the cast does from here on happens now.
        cast.set_clock(datetime.now(UTC))

    @property
    def project(self) -> str:
        """The path of the project's page."""
        return f"/projets/{self.cast.slug}"

    def deliverable(self, key: str, owner: str | None = None) -> str:
        """The path of a deliverable's page."""
        return f"{self.project}/livrables/{self.cast.deliverable(key, owner).id}"

    def session_of(self, who: Actor, method: AuthMethod = AuthMethod.email_link) -> str:
        """The cookie's value of a new session of this person."""
        with self.cast.db.write() as session:
            return open_session(session, who.person_id, method, datetime.now(UTC))

    @contextmanager
    def client(self, who: Actor | None = None) -> Iterator["Visitor"]:
        """Somebody in front of the pages; nobody in particular without ``who``."""
        cookies = {COOKIE: self.session_of(who)} if who else {}
        options: Any = {"trust_env": False, "verify": _TLS, "timeout": 30}
        with httpx.Client(base_url=self.address, cookies=cookies, **options) as client:
            yield Visitor(client)

    @contextmanager
    def browser(
        self, chrome: Browser, who: Actor | None = None, viewport: Any = DESKTOP, **options: Any
    ) -> Iterator[Page]:
        """The same in a real browser; a script's error on a page fails the test."""
        context = chrome.new_context(
            viewport=viewport, locale="fr-FR", base_url=self.address, service_workers="block", **options
        )
        if who:
            context.add_cookies([{"name": COOKIE, "value": self.session_of(who), "url": self.address}])
        errors: list[str] = []
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        try:
            yield page
            assert errors == []
        finally:
            context.close()


class Visitor:
    """A client that reads pages and sends their forms."""

    def __init__(self, client: httpx.Client) -> None:
        self.http = client
        self._tokens: dict[tuple[tuple[str, str | None], ...], str] = {}

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.http.get(path, **options)

    def read(self, path: str) -> str:
        """The text of a page that answers 200."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}\n{answer.text[:2000]}"
        return answer.text

    def token(self) -> str:
        """The token that the forms of this person carry, read once: it changes with their session only."""
        cookies = tuple((each.name, each.value) for each in self.http.cookies.jar)
        if cookies not in self._tokens:
            found = _TOKEN.search(self.read("/"))
            self._tokens[cookies] = found[1] if found else ""
        return self._tokens[cookies]

    def send(
        self, path: str, fields: dict[str, str] | None = None, *, file: tuple[str, str, bytes] | None = None
    ) -> httpx.Response:
        """Send the form to ``path``, with its token; ``file`` is (field, name, content). Follows no redirection."""
        data = {"jeton": self.token(), **(fields or {})}
        if file is None:
            return self.http.post(path, data=data)
        field, name, content = file
        return self.http.post(path, data=data, files={field: (name, content)})


@contextmanager
def site_at(shelf: Shelf, point: str) -> Iterator[Site]:
    """The pages of a project at this point, for tests that only read or are refused."""
    cast = shelf.take(point)
    with site_of(cast) as site:
        yield site
    shelf.give_back(cast)


def alike(get: httpx.Response, head: httpx.Response) -> bool:
    """Whether the second is the first without its body; to a byte of length where nothing of a page moves."""
    ours = {name: value for name, value in get.headers.items() if name not in OF_ITS_OWN}
    theirs = {name: value for name, value in head.headers.items() if name not in OF_ITS_OWN}
    return (head.status_code, theirs, head.content) == (get.status_code, ours, b"")


def plain(text: str) -> str:
    """The words of a page as one reads them."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("\u00a0", " ").split())


@contextmanager
def site_of(cast: Cast, **settings: Any) -> Iterator[Site]:
    """The pages over this cast's database and files."""
    values = {"data_dir": cast.folder, "secret_key": SECRET} | settings
    with served(make_app(cast.db, Settings(_env_file=None, **values))) as address:
        yield Site(cast, address)

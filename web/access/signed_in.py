"""Who is behind a request: the session's cookie, what a page may ask of it, and forms that only our pages send."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Depends, Form, HTTPException, Request
from fastapi.responses import Response

from actions.access.sign_in import SignedIn, who_is_signed_in
from models.web_session import LONGEST_LIFE, LONGEST_PATH
from notifications.personal_links import BadLink, LinkUse
from web.site import site_of

COOKIE = "session"
READER = LinkUse.reader.value
"""Query parameter of the links in mails: a signed id of the recipient. It fills in their address when they sign in,
and in the session of somebody else it has the page say so first; it opens nothing."""


class NeedsSignIn(Exception):
    """The page requires signing in, which then comes back to it."""

    def __init__(self, next_path: str, reader: str = "") -> None:
        self.next_path, self.reader = next_path, reader
        super().__init__(next_path)


class CleanAddress(Exception):
    """The address said to whom a mail was sent; once they are in, the page is shown without it."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


class ForSomebodyElse(Exception):
    """The address comes from a mail to another person than the one who is signed in: they are told before anything.

    ``path`` is the page without the word ``reader`` that says to whom; ``person_id`` and ``links_version`` are in it.
    """

    def __init__(self, path: str, reader: str, person_id: int, links_version: int) -> None:
        self.path, self.reader = path, reader
        self.person_id, self.links_version = person_id, links_version
        super().__init__(path)


class OldForm(HTTPException):
    """The form is not of this session, or of no page of ours; ``fields`` is what was typed in it, when it was read."""

    def __init__(self, fields: dict[str, str] | None = None) -> None:
        self.fields = fields
        super().__init__(403, "form")


def cookie_name(request: Request, name: str = COOKIE) -> str:
    """Its name on this system: over TLS it forbids that another host, or a page without TLS, sets the cookie."""
    return f"__Host-{name}" if site_of(request).is_published else name


def keep_cookie(request: Request, answer: Response, name: str, value: str, seconds: int) -> None:
    """The browser keeps it out of reach of any script; Lax, as one may come back from ProConnect's site."""
    answer.set_cookie(
        cookie_name(request, name), value, max_age=seconds, path="/",
        secure=site_of(request).is_published, httponly=True, samesite="lax",
    )  # fmt: skip


def forget_cookie(request: Request, answer: Response, name: str = COOKIE) -> None:
    """The browser forgets it; by default, the session."""
    answer.delete_cookie(
        cookie_name(request, name),
        path="/",
        secure=site_of(request).is_published,
        httponly=True,
        samesite="lax",
    )


def give_cookie(request: Request, answer: Response, token: str) -> None:
    """The browser keeps the session's secret."""
    keep_cookie(request, answer, COOKIE, token, int(LONGEST_LIFE.total_seconds()))


def visitor(request: Request) -> SignedIn | None:
    """Who is signed in, if anybody; looked up once per request."""
    if not hasattr(request.state, "visitor"):
        token = request.cookies.get(cookie_name(request), "")
        now = datetime.now(UTC)
        request.state.visitor = who_is_signed_in(site_of(request).db, token, now=now) if token else None
    person: SignedIn | None = request.state.visitor
    return person


def signed_in(request: Request) -> SignedIn:
    """Who is signed in; raises ``NeedsSignIn``, ``ForSomebodyElse``, ``CleanAddress``."""
    person, reader = visitor(request), request.query_params.get(READER, "")
    if person is None:
        raise NeedsSignIn(here(request), reader)
    meant = meant_for(request, reader)
    if meant and meant[0] != person.person_id:
        raise ForSomebodyElse(here(request), reader, *meant)
    if reader and request.method == "GET":
        raise CleanAddress(here(request))
    return person


def meant_for(request: Request, reader: str) -> tuple[int, int] | None:
    """``(person_id, links_version)`` of the person whose mail this word was in; None when it is not one of ours.

    The mail may be older than their newest links: it was for them all the same.
    """
    try:
        return site_of(request).links.read(LinkUse.reader, reader) if reader else None
    except BadLink:
        return None


def reader_of(request: Request, path: str) -> int | None:
    """The person whose mail led to ``path``, by the word in it that says so (``with_reader``)."""
    words = dict(parse_qsl(urlsplit(path).query))
    meant = meant_for(request, words.get(READER, ""))
    return meant[0] if meant else None


def with_reader(request: Request, path: str, reader: str) -> str:
    """``path`` with the word that says to whom its mail was sent, when it is one of ours: kept while they sign in."""
    if meant_for(request, reader) is None:
        return path
    parts = urlsplit(path)
    words = [word for word in parse_qsl(parts.query) if word[0] != READER]
    marked = parts._replace(query=urlencode([*words, (READER, reader)])).geturl()
    return marked if len(marked) <= LONGEST_PATH else path


def way_in(next_path: str, reader: str = "") -> str:
    """The address of the sign-in page, which then leads to ``next_path``."""
    return "/connexion?" + urlencode({"suite": next_path} | ({READER: reader} if reader else {}))


def here(request: Request) -> str:
    """The page to come back to after signing in: this one, or the one whose form was sent."""
    if request.method in ("GET", "HEAD"):
        words = [word for word in parse_qsl(request.url.query) if word[0] != READER]
        return f"{request.url.path}?{urlencode(words)}" if words else request.url.path
    return safe_path(urlsplit(request.headers.get("referer", "")).path)


def back(request: Request) -> str:
    """The page of ours that led here, or the first one."""
    before = urlsplit(request.headers.get("referer", ""))
    ours = before.netloc == request.headers.get("host") and before.path != request.url.path
    return safe_path(before.path) if ours else "/"


def safe_path(path: str) -> str:
    """``path`` if it is one of ours, else the personal list: nobody is sent elsewhere from here."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\", "/connexion"))
    return path if ours and "\\" not in path and path.isprintable() else "/a-faire"


def form_token(request: Request) -> str:
    """What our forms carry and others cannot know: made from the session, good as long as it."""
    session = request.cookies.get(cookie_name(request), "")
    return hmac.new(site_of(request).secret.encode(), f"form:{session}".encode(), sha256).hexdigest()


def our_form(request: Request, token: Annotated[str, Form(alias="jeton")] = "") -> None:
    """Refuse a form that does not come from a page of ours (CSRF)."""
    if not hmac.compare_digest(token.encode(), form_token(request).encode()):
        raise OldForm


def _is_our_name(request: Request, origin: str) -> bool:
    try:
        return urlsplit(origin).hostname == urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return False


def from_our_page(request: Request) -> None:
    """Refuse a form sent by a page of another site, which could sign its visitor in as somebody else (login CSRF), or
    ask for links from the networks of all its visitors.

    Browsers from before 2023 that send no ``Sec-Fetch-Site`` send ``Origin``.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is None and origin is not None:
        site = "same-origin" if _is_our_name(request, origin) else "cross-site"
    if site not in (None, "same-origin", "none"):
        raise HTTPException(403, "form")


Visitor = Annotated[SignedIn, Depends(signed_in)]
OurForm = Depends(our_form)
FromOurPage = Depends(from_our_page)

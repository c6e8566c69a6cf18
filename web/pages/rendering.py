"""How pages are written: one Jinja environment, French typography, what all the templates know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from actions.access.sign_in import SignedIn
from models import (
    api_token,
    columns,
    contractor,
    council_deliberation,
    meeting,
    person,
    shared_project,
    signature_delegation,
)
from models.file_kind import ACCEPT_ATTRIBUTE
from models.paris_time import french_date_time
from notifications.typography import NBSP, FrenchTypography, distance, french, teach
from queries.projects.search import LONGEST_WORDS
from web.pages.linked import linked
from web.pages.look import OURS, Look
from web.server.requests import reference
from web.server.static_files import static_address

LONGEST = {
    "acts_number": council_deliberation.LONGEST_NUMBER,
    "acts_phrase": council_deliberation.LONGEST_PHRASE,
    "email": person.LONGEST_EMAIL,
    "line": columns.LONGEST_LINE,
    "link": columns.LONGEST_LINK,
    "order": signature_delegation.LONGEST_ORDER,
    "place": meeting.LONGEST_PLACE,
    "quality": person.LONGEST_QUALITY,
    "reason": columns.LONGEST_REASON,
    "search": LONGEST_WORDS,
    "siret": contractor.LONGEST_SIRET,
    "text": columns.LONGEST_TEXT,
    "theme": shared_project.LONGEST_THEME,
    "token_name": api_token.LONGEST_NAME,
}
"""How many characters the fields of our forms take: ``longest.line`` in a template."""


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[FrenchTypography],
    )
    teach(environment)
    environment.globals |= {"longest": LONGEST, "accepted_files": ACCEPT_ATTRIBUTE, "static": static_address}
    environment.filters |= {
        "french": french,
        "stamp": french_date_time,
        "instant": _instant,
        "size": _size,
        "euros": _euros,
        "distance": distance,
        "linked": linked,
    }
    return environment


def _instant(at: datetime) -> str:
    """As ``<time datetime>`` takes it: HTML knows three decimals of a second at most."""
    return at.isoformat(timespec="seconds")


def _size(size: int) -> str:
    """« 12 ko », « 3,4 Mo »: a number of bytes as people read it."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} ko"
    return f"{size / 1_000_000:.1f} Mo".replace(".", ",")


def _euros(amount: Decimal) -> str:
    """« 145 000 € », « 12 400,50 € »."""
    whole, _, cents = f"{amount:,.2f}".replace(",", NBSP).partition(".")
    return f"{whole}{',' + cents if int(cents) else ''}{NBSP}€"


_TEMPLATES = _environment()


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page: who is signed in, the words of their forms (``token``, ``author``), what they are
    told once.

    ``here`` is the path of the page, ``address`` the whole address by which search engines are to know it.
    """

    here: str
    address: str = ""
    me: SignedIn | None = None
    token: str = ""
    author: str = ""
    note: str | None = None
    mail_page: str | None = None
    look: Look = OURS


def render(template: str, frame: Frame, **values: Any) -> str:
    """This template in this frame, as HTML; everything in ``values`` is escaped."""
    return _TEMPLATES.get_template(template).render(frame=frame, **values)


def bare_page(
    template: str, *, status: int = 200, here: str = "", look: Look = OURS, **values: Any
) -> HTMLResponse:
    """A page that looks nobody up: of the local mail, or of a failure of ours."""
    context: dict[str, Any] = {"problem": None, "fields": {}, "reference": reference()}
    return HTMLResponse(render(template, Frame(here, look=look), **context | values), status)


def query_of(request: Request, changes: Mapping[str, str | int | None]) -> str:
    """The query of this page with some of its words changed, or taken out (None): « ?objet=charte&page=2 »."""
    words = {**request.query_params, **changes}
    return "?" + urlencode({name: value for name, value in words.items() if value not in (None, "")})

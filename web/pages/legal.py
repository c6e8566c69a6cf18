"""What a French public site must say of itself: accessibility, publisher, personal data, licences; and to programs,
whom to write to about a weakness (RFC 9116) and what may be indexed."""

from datetime import UTC, datetime, time, timedelta

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, PlainTextResponse

from actions.access.sign_in import FORGOTTEN_AFTER
from actions.access.tokens import KEPT_AFTER
from actions.mail.forget_old_mail import KEPT
from models.web_session import ATTEMPTS_KEPT, IDLE_LIFE, LINK_LIFE, LONGEST_LIFE
from web.access.signed_in import cookie_name
from web.dependencies import public_url_of, publisher_of
from web.pages.rendering import NOTE_LIFE, page

router = APIRouter()
INDEXED = (
    "/publics",
    "/aide",
    "/accessibilite",
    "/mentions-legales",
    "/donnees-personnelles",
    "/licence",
    "/static/",
    "/sitemap.xml",
)
AN_HOUR = timedelta(hours=1)
GOOD_FOR = timedelta(days=180)
"""RFC 9116 advises less than a year; computed on each request, so that it never lapses while the pages run."""


@router.get("/accessibilite")
def accessibility(request: Request) -> HTMLResponse:
    """The statement of the RGAA, in the structure of its official model."""
    return page(
        request, "accessibility.html", publisher=publisher_of(request), address=public_url_of(request)
    )


@router.get("/mentions-legales")
def legal_notice(request: Request) -> HTMLResponse:
    """Who publishes and who hosts (loi nº 2004-575, article 1-1)."""
    return page(request, "legal_notice.html", publisher=publisher_of(request))


@router.get("/donnees-personnelles")
def personal_data(request: Request) -> HTMLResponse:
    """Articles 13 and 14 of the GDPR; the durations are those that the code applies."""
    kept = {
        "link_minutes": LINK_LIFE // timedelta(minutes=1),
        "idle_hours": IDLE_LIFE // AN_HOUR,
        "session_days": LONGEST_LIFE.days,
        "removed_days": FORGOTTEN_AFTER.days,
        "attempt_hours": ATTEMPTS_KEPT // AN_HOUR,
        "mail_days": KEPT.days,
        "token_days": KEPT_AFTER.days,
        "note_seconds": NOTE_LIFE,
    }
    return page(
        request,
        "personal_data.html",
        publisher=publisher_of(request),
        cookie=cookie_name(request),
        kept=kept,
    )


@router.get("/licence")
def licence(request: Request) -> HTMLResponse:
    """Of the software, and of what projects publish."""
    return page(request, "licence.html")


@router.get("/.well-known/security.txt")
def security_contact(request: Request) -> PlainTextResponse:
    """Whom to tell of a weakness (RFC 9116); 404 while the operator has given no address to write to."""
    contact = publisher_of(request).contact
    if not contact:
        raise HTTPException(404)
    midnight = datetime.combine(datetime.now(UTC).date(), time(), UTC)
    lines = (
        f"Contact: mailto:{contact}",
        f"Expires: {(midnight + GOOD_FOR).isoformat()}",
        "Preferred-Languages: fr, en",
        f"Canonical: {public_url_of(request)}/.well-known/security.txt",
    )
    return PlainTextResponse("\n".join(lines) + "\n")


@router.get("/robots.txt")
def robots(request: Request) -> PlainTextResponse:
    """Search engines may index what is published; the rest is for participants."""
    allowed = "".join(f"Allow: {path}\n" for path in ("/$", *INDEXED))
    return PlainTextResponse(f"User-agent: *\n{allowed}Disallow: /\n")
